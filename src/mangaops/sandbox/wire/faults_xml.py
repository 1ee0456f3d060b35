"""Errors of the three XML protocols, which differ only in what wraps them."""

from __future__ import annotations

from xml.sax.saxutils import escape

from mangaops.sandbox.overlay import Fault
from mangaops.sandbox.wire.route import Protocol


def write(protocol: Protocol, fault: Fault, request_id: str) -> bytes:
    """The body of an error answer for QUERY, EC2 or REST_XML."""
    side = "Sender" if fault.status < 500 else "Receiver"
    inner = f"<Code>{escape(fault.code)}</Code><Message>{escape(fault.message)}</Message>"
    match protocol:
        case Protocol.EC2:
            text = (
                f"<Response><Errors><Error>{inner}</Error></Errors>"
                f"<RequestID>{request_id}</RequestID></Response>"
            )
        case Protocol.REST_XML:
            text = f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
        case _:
            text = (
                f"<ErrorResponse><Error><Type>{side}</Type>{inner}</Error>"
                f"<RequestId>{request_id}</RequestId></ErrorResponse>"
            )
    return text.encode()
