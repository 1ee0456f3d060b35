"""What is agreed, as the text that a store keeps."""

from __future__ import annotations

import json

from mangaops.fm.breaker.shared import Agreed
from mangaops.fm.breaker.transitions import BreakerState

_FORM = 1
"""Of the text; another one is not read, and its tasks do not share."""


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


def agreed_of(text: str | bytes) -> Agreed:
    """ValueError or KeyError for what is not such a text."""
    kept = json.loads(text)
    if kept["form"] != _FORM:
        raise ValueError(f"a shared breaker of form {kept['form']} is not ours")
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
