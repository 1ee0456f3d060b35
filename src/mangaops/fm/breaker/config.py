"""When a breaker opens, for how long, and what closes it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from mangaops.errors import InputError


class BreakerMode(StrEnum):
    """What an operator may order."""

    AUTOMATIC = "automatic"
    FORCED_OPEN = "forced_open"
    """Nothing is sent."""
    DISABLED = "disabled"
    """Everything is sent, and nothing is counted."""
    METRICS_ONLY = "metrics_only"
    """Everything is sent and counted, and nothing is concluded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerConfig:
    """Seconds, numbers of calls, and shares from 0 to 1.

    It opens after `consecutive` failures in a row (None: never for that), or by what the last
    `window` seconds hold: at least `failure_rate` of the calls that were not throttled failed,
    or `slow_rate` of them were slow, or `throttle_rate` of all were throttled; each only with
    `min_calls` of such calls. A throttled call says nothing about the health of the model, so
    it is in neither of the first two.

    A call is slow that took longer than `slow_call` in all, or than `slow_first_token` for its
    first piece of text (None: no limit); a caller who knows the intent's limits gives them to
    `acquire`.

    It stays open for the first time of `open_schedule`, after each failed probe for the next,
    each time up to `jitter` of it longer, never shorter: two times of 30 s then outlast an
    outage of a minute, and the time of 60 s does not begin just before its end. A server's hint
    may make it longer, up to the last time of the schedule. `probe_lease` is after how long a
    probe without an outcome makes room for another.
    """

    window: float = 60
    min_calls: int = 20
    failure_rate: float = 0.5
    throttle_rate: float = 0.5
    slow_call: float | None = 10.0
    slow_first_token: float | None = None
    slow_rate: float = 0.8
    consecutive: int | None = 5
    open_schedule: tuple[float, ...] = (30, 30, 60, 120, 300)
    jitter: float = 0.1
    probe_lease: float = 10
    successes_to_close: int = 2
    mode: BreakerMode = BreakerMode.AUTOMATIC

    def __post_init__(self) -> None:
        for name in ("failure_rate", "throttle_rate", "slow_rate"):
            if not 0 < getattr(self, name) <= 1:
                raise InputError(f"a breaker's {name} is above 0 and at most 1")
        for name in ("min_calls", "successes_to_close", "consecutive"):
            if (number := getattr(self, name)) is not None and number < 1:
                raise InputError(f"a breaker's {name} is at least 1, not {number}")
        if not 0 <= self.jitter < 1:
            raise InputError(f"a breaker's jitter is from 0 to below 1, not {self.jitter:g}")
        if not 1 <= self.window <= 3_600:
            raise InputError(f"a breaker's window is 1 to 3,600 seconds, not {self.window:g}")
        times = (self.probe_lease, *self.open_schedule)
        if not self.open_schedule or not all(0 < time < math.inf for time in times):
            raise InputError("a breaker's open_schedule and probe_lease are seconds above 0")
