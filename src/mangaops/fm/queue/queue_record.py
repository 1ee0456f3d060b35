"""The log record of a message: one for each time that a worker has it.

`queue_message`: `message_id` (SQS's), `key_hash` (of the idempotency key, which may name a
user; hashed as a session is), `status` (a word of `handling.Fate`), `reason`, `receives` (how
often it was delivered), `age_ms` (since it was sent), `duration_ms` (in this worker), `wait_ms`
(until it comes back), `mode`, `intent` and `correlation_id` (joins it with its `bedrock_call`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mangaops.fm.queue.handling import Handled
from mangaops.fm.records.document import instant, known, milliseconds
from mangaops.fm.records.session import session_hash


def queue_record(
    handled: Handled,
    *,
    at: datetime,
    message_id: str,
    receives: int,
    age: float | None,
    duration: float,
    salt: bytes,
) -> Mapping[str, Any]:
    return {
        "log_type": "queue_message",
        "timestamp": instant(at),
        "message_id": message_id,
        "status": handled.fate.value,
        "receives": receives,
        "duration_ms": milliseconds(duration),
        **known(
            key_hash=None if handled.key is None else session_hash(handled.key, salt=salt),
            reason=handled.reason or None,
            age_ms=milliseconds(age),
            wait_ms=milliseconds(handled.wait),
            mode=handled.mode,
            intent=handled.intent,
            correlation_id=handled.correlation_id,
        ),
    }
