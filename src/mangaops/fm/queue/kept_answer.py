"""An answer as a results store keeps it: a JSON document."""

from __future__ import annotations

import json
from typing import Any

from mangaops.fm.answer import Answer

SCHEMA = "mangaops.model_answer/1"


def kept_answer(answer: Answer) -> str:
    """A `value` that JSON cannot hold is left out; the text has it."""
    model = answer.model_answered
    document: dict[str, Any] = {
        "schema": SCHEMA,
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
    except (TypeError, ValueError):
        return json.dumps({**document, "value": None})
