"""An answer as a results store keeps it: a JSON document, with a digest of what was asked."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mangaops.fm.answer import Answer
from mangaops.fm.queue.message import document_of
from mangaops.fm.requests.request import Request

SCHEMA = "mangaops.model_answer/1"


def kept_answer(answer: Answer, request: Request) -> str:
    """A `value` that JSON cannot hold is left out; the text has it."""
    model = answer.model_answered
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "request_digest": digest_of(request),
        "text": answer.text,
        "value": answer.value,
        "mode": int(answer.mode),
        "model_id": None if model is None else model.model_id,
        "region": None if model is None else model.region,
        "stop_reason": answer.stop_reason,
        "repair": None if answer.repair is None else answer.repair.state.value,
        "correlation_id": answer.correlation_id,
        "attempts": answer.attempts,
        "descended_because": list(answer.descended_because),
        "tokens": None
        if answer.usage is None
        else {"input": answer.usage.input, "output": answer.usage.output},
    }
    try:
        return json.dumps(document, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return json.dumps({**document, "value": None})


def digest_of(request: Request) -> str:
    """Of all that a message has of it, so that a key that is used for two requests is seen."""
    text = json.dumps(document_of(request), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def digest_kept(document: str) -> str | None:
    """None: nobody wrote one."""
    try:
        kept = json.loads(document)
    except (ValueError, RecursionError):
        return None
    digest = kept.get("request_digest") if isinstance(kept, dict) else None
    return digest if isinstance(digest, str) else None
