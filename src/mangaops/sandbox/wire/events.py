"""Event streams (ConverseStream, InvokeModelWithResponseStream), sent event by event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.core.eventstream import EventStreamEncoder

from mangaops.sandbox.overlay import Damaged, Fault

Plain = Callable[..., Any]


def encode(
    shape: Any, result: Mapping[str, Any], plain: Plain, *, initial_response: bool
) -> Iterator[bytes]:
    """Messages for each `{event name: payload}` of the result's stream member.

    A Fault raised while the stream is iterated becomes an exception message and ends
    it; when the stream's shape has no such exception, an error message.
    """
    frames = _frames(shape, result, plain, initial_response=initial_response)
    stream = result[shape.event_stream_name]
    return stream.damage(frames) if isinstance(stream, Damaged) else frames


def _frames(
    shape: Any, result: Mapping[str, Any], plain: Plain, *, initial_response: bool
) -> Iterator[bytes]:
    name = shape.event_stream_name
    members = shape.members[name].members
    if initial_response:
        rest = {key: value for key, value in result.items() if key != name}
        yield _message("initial-response", plain(shape, rest))
    try:
        for event in result[name]:
            kind, payload = next(iter(event.items()))
            yield _event(kind, members[kind], payload, plain)
    except Fault as fault:
        yield _exception(fault, members)


def _message(kind: str, body: Any) -> bytes:
    headers = {
        ":message-type": "event",
        ":event-type": kind,
        ":content-type": "application/json",
    }
    return EventStreamEncoder().encode_message(headers, json.dumps(body).encode())


def _event(kind: str, shape: Any, payload: Mapping[str, Any], plain: Plain) -> bytes:
    raw = next((m for m, s in shape.members.items() if s.serialization.get("eventpayload")), None)
    if raw is None:
        return _message(kind, plain(shape, payload))
    content, inner = payload.get(raw, b""), shape.members[raw]
    if inner.type_name not in ("blob", "string"):
        return _message(kind, plain(inner, content))
    data = content.encode() if isinstance(content, str) else bytes(content)
    mime = "text/plain" if inner.type_name == "string" else "application/octet-stream"
    headers = {":message-type": "event", ":event-type": kind, ":content-type": mime}
    return EventStreamEncoder().encode_message(headers, data)


def _exception(fault: Fault, members: Mapping[str, Any]) -> bytes:
    lowered = {name.lower(): name for name in members}
    name = lowered.get(fault.code.lower())
    if name is None:
        headers = {
            ":message-type": "error",
            ":error-code": fault.code,
            ":error-message": fault.message,
        }
        return EventStreamEncoder().encode_message(headers, b"")
    headers = {
        ":message-type": "exception",
        ":exception-type": name,
        ":content-type": "application/json",
    }
    body = json.dumps({"message": fault.message, **fault.fields}).encode()
    return EventStreamEncoder().encode_message(headers, body)
