"""One `breaker_transition` record for each change of a breaker's state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mangaops.fm.records.document import instant, known, milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionRecord:
    """`before` and `after` are states (closed, half_open, open). Rates are shares of the
    `calls` of the window; `open_for_s` how long an opened breaker stays so, not logged
    of one that an operator opened.
    """

    at: datetime
    before: str
    after: str
    reason: str
    model: str
    model_id: str
    region: str | None = None
    operation: str | None = None
    calls: int | None = None
    failure_rate: float | None = None
    throttle_rate: float | None = None
    slow_rate: float | None = None
    open_for_s: float | None = None

    def document(self) -> dict[str, Any]:
        return {
            "log_type": "breaker_transition",
            "timestamp": instant(self.at),
            "from": self.before,
            "to": self.after,
            "reason": self.reason,
            "model": self.model,
            "model_id": self.model_id,
            **known(
                region=self.region,
                operation=self.operation,
                calls=self.calls,
                failure_rate=_share(self.failure_rate),
                throttle_rate=_share(self.throttle_rate),
                slow_rate=_share(self.slow_rate),
                open_for_ms=milliseconds(self.open_for_s),
            ),
        }


def _share(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)
