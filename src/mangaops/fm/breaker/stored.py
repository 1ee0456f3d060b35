"""What is agreed, as the text that a store keeps."""

from __future__ import annotations

import json
import math

from mangaops.fm.breaker.shared import Agreed
from mangaops.fm.breaker.transitions import BreakerState

_FORM = 1
"""Of the text; another one is not read."""


def text_of(agreed: Agreed) -> str:
    return json.dumps(
        {
            "form": _FORM,
            "generation": agreed.generation,
            "state": agreed.state.value,
            "until": agreed.until,
            "opened": agreed.opened,
            "passed": agreed.passed,
            "owner": agreed.owner,
            "lease_until": agreed.lease_until,
            "reason": agreed.reason,
        },
        allow_nan=False,
    )


def agreed_under(generation: str | bytes | None, text: str | bytes | None) -> Agreed | None:
    """What a store holds, if anything. A text that cannot be read is as if that breaker had been
    closed long ago: it stops nobody, and the next that is agreed is written over it.
    """
    if text is None and generation is None:
        return None
    try:
        return agreed_of(text or "")
    except (ValueError, KeyError, TypeError, OverflowError):
        number = int(generation or 0)
    return Agreed(generation=number, state=BreakerState.CLOSED) if number else None


def agreed_of(text: str | bytes) -> Agreed:
    """ValueError or KeyError for what is not such a text."""
    kept = json.loads(text)
    if kept["form"] != _FORM:
        raise ValueError(f"a shared breaker of form {kept['form']} is not ours")
    if not (math.isfinite(kept["until"]) and math.isfinite(kept["lease_until"])):
        raise ValueError("a shared breaker's times are numbers")
    return Agreed(
        generation=int(kept["generation"]),
        state=BreakerState(kept["state"]),
        until=float(kept["until"]),
        opened=int(kept["opened"]),
        passed=int(kept["passed"]),
        owner=str(kept["owner"]),
        lease_until=float(kept["lease_until"]),
        reason=str(kept["reason"]),
    )
