"""A change of a breaker's state, as it is logged, and the figures of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mangaops.fm.target import Target


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Shares from 0 to 1, None of no calls. `calls` counts every counted outcome of the window.

    `failure` and `slow` are shares of the calls that were not throttled.
    """

    calls: int
    failure: float | None
    throttle: float | None
    slow: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """`number` counts a breaker's transitions from 1: two threads may report theirs crosswise.

    `at` is of the breaker's clock; `open_for` is seconds, where `to_state` is open (infinite
    when an operator ordered it). `target` and `operation` are known of a registry's breakers.
    """

    number: int
    at: float
    from_state: BreakerState
    to_state: BreakerState
    reason: str
    rates: Rates
    open_for: float | None = None
    target: Target | None = None
    operation: str = ""

    def fields(self) -> Mapping[str, Any]:
        """The log record, but for its time: JSON values only."""
        forever = self.open_for == float("inf")
        return {
            "log_type": "breaker_transition",
            "from": self.from_state.value,
            "to": self.to_state.value,
            "reason": self.reason,
            "model_id": self.target.model_id if self.target else None,
            "region": self.target.region if self.target else None,
            "operation": self.operation or None,
            "n": self.rates.calls,
            "failure_rate": _rounded(self.rates.failure),
            "throttle_rate": _rounded(self.rates.throttle),
            "slow_rate": _rounded(self.rates.slow),
            "open_for_ms": "inf" if forever else _milliseconds(self.open_for),
            "transition": self.number,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A breaker at one moment. `open_left` is seconds until a probe is let through.

    `refused` counts calls that were not let through, `late` outcomes from before the last
    change of state, `expired` probes whose lease ended; all since the breaker was made.
    """

    state: BreakerState
    rates: Rates
    consecutive: int
    open_left: float | None
    refused: int
    late: int
    expired: int


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
