"""One decision after a failed attempt: send again after a wait, go down the ladder, or give up."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mangaops.errors import InputError
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.retry.budget import RetryBudget, TokenBucket

BASE: Mapping[FailureClass, float] = MappingProxyType(
    {
        FailureClass.THROTTLE: 1.0,
        FailureClass.NOT_READY: 1.0,
        FailureClass.TRANSIENT: 0.1,
        FailureClass.MODEL_TIMEOUT: 0.1,
        FailureClass.STREAM_CUT: 0.1,
        FailureClass.CONFIG: 0.1,
    }
)
FLOOR: Mapping[FailureClass, float] = MappingProxyType(
    {FailureClass.THROTTLE: 0.5, FailureClass.NOT_READY: 0.5}
)
OTHERWISE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryConfig:
    """Seconds, but for `max_retries` (after the first attempt, on one route).

    `base` is the first wait's upper end by class, doubled by each retry up to `cap`; `floor`
    the least wait by class: a quota that refills by the minute is not there again at once.
    A wait is not begun that would leave less than `min_attempt` for the attempt after it.
    `budget` is shared by all calls. A class that is not named has the default of its field.
    """

    max_retries: int = 2
    cap: float = 8.0
    base: Mapping[FailureClass, float] = field(default_factory=lambda: BASE)
    floor: Mapping[FailureClass, float] = field(default_factory=lambda: FLOOR)
    min_attempt: float = 1.0
    budget: RetryBudget = field(default_factory=TokenBucket, compare=False)

    def __post_init__(self) -> None:
        times = (self.cap, self.min_attempt, *self.base.values(), *self.floor.values())
        if not all(math.isfinite(time) and time >= 0 for time in times):
            raise InputError("the waits of retries are seconds, and not less than 0")
        if self.max_retries < 0:
            raise InputError(f"{self.max_retries} retries cannot be made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Send again on the same route after `wait` seconds; `cost` was taken from the budget."""

    wait: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Descend:
    """Not on this route: the next model may answer."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """No model is asked any more: what is left needs none."""

    reason: str


class RetryPolicy:
    """Is used by several threads at once, when `rng` is a random.Random."""

    def __init__(self, config: RetryConfig, *, rng: random.Random) -> None:
        self._config = config
        self._rng = rng
        self.budget = config.budget

    def decide(
        self,
        failure: Failure,
        *,
        retries_done: int,
        deadline_left: float,
        attempt: float = 0.0,
        reserve: float = 0.0,
    ) -> Retry | Descend | GiveUp:
        """Called once for each failed attempt; `deadline_left` may be infinite.

        `attempt` is what one takes at the median (at least `min_attempt` is left for it),
        `reserve` what is kept for those who are asked after this route.
        The wait is max(U(floor, min(cap, base x 2^n)), the server's hint), as full jitter
        is. A hint that does not fit into the deadline is not waited for, not even in part.
        """
        if retries_done == 0:
            self.budget.begin()
        if (stop := self._stop(failure, retries_done)) is not None:
            return _leave(failure, stop)
        takes = max(attempt, self._config.min_attempt)
        room = deadline_left - reserve - takes
        least = max(self._floor(failure.failure_class), failure.retry_after or 0.0)
        if not least <= room:
            return _leave(failure, _too_late(failure, deadline_left, least, takes, reserve))
        cost = self.budget.take(failure.failure_class)
        if cost is None:
            return _leave(failure, "the budget of retries is spent")
        drawn = self._jitter(failure.failure_class, retries_done)
        return Retry(wait=min(room, max(least, drawn)), cost=cost)

    def succeeded(self, last: Retry | None) -> None:
        """Called once for each call that a model answered, with its last retry, if it had one."""
        if last is None:
            self.budget.begin()
        self.budget.succeeded(None if last is None else last.cost)

    def _stop(self, failure: Failure, retries_done: int) -> str | None:
        allowed = min(self._config.max_retries, failure.max_same_route_retries)
        if retries_done < allowed:
            return None
        if retries_done == 0:
            return "it is not sent again"
        return f"{retries_done} {'retry' if retries_done == 1 else 'retries'} did not help"

    def _floor(self, failure_class: FailureClass) -> float:
        return self._config.floor.get(failure_class, FLOOR.get(failure_class, 0.0))

    def _jitter(self, failure_class: FailureClass, retries_done: int) -> float:
        base = self._config.base.get(failure_class, BASE.get(failure_class, OTHERWISE))
        doubled = base * 2.0 ** min(retries_done, 60)
        low = self._floor(failure_class)
        return self._rng.uniform(low, max(low, min(self._config.cap, doubled)))


def _leave(failure: Failure, reason: str) -> Descend | GiveUp:
    return Descend(reason=reason) if failure.another_model_may_work else GiveUp(reason=reason)


def _too_late(failure: Failure, left: float, wait: float, attempt: float, reserve: float) -> str:
    whose = " that the server asks for" if failure.retry_after == wait else ""
    needed = [f"a wait of {wait:.3g} s{whose}"] if wait else []
    needed.append(f"an attempt of {attempt:.3g} s")
    if reserve:
        needed.append(f"{reserve:.3g} s for the steps below")
    *first, last = needed
    told = f"{', '.join(first)} and {last}" if first else last
    return f"{max(left, 0):.3g} s are left, too little for {told}"
