"""One message as SQS gave it to this worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """`handle` is of this delivery alone, so it is also the name that claims its key."""

    message_id: str
    handle: str
    body: str
    receives: int
    sent_at: float | None
    """Epoch seconds."""


def delivery_of(message: Mapping[str, Any]) -> Delivery:
    attributes = message.get("Attributes", {})
    sent = attributes.get("SentTimestamp")
    return Delivery(
        message_id=str(message.get("MessageId", "")),
        handle=str(message["ReceiptHandle"]),
        body=str(message.get("Body", "")),
        receives=int(attributes.get("ApproximateReceiveCount", 1)),
        sent_at=None if sent is None else int(sent) / 1000,
    )
