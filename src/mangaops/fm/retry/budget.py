"""How many retries all calls of a process may make together.

Each call's own limit is not enough: when everything fails, three attempts a call are three
times the load on a service that is already down. Both budgets leave an outage nearly
unamplified (at most 1.10 over 3,000 calls) and are filled again by what succeeds.
"""

from __future__ import annotations

from threading import Lock
from typing import Protocol

from mangaops.errors import InputError
from mangaops.fm.failure import FailureClass


class RetryBudget(Protocol):
    """Is used by several threads at once."""

    @property
    def left(self) -> float: ...

    def begin(self) -> None:
        """A route is asked for the first time."""

    def take(self, failure_class: FailureClass) -> float | None:
        """What one more retry costs, now taken; None when it may not be made."""

    def succeeded(self, cost: float | None) -> None:
        """An attempt succeeded: a first one, or a retry that cost so much."""


class TokenBucket:
    """The bucket of the AWS SDKs' standard mode, for a service: many calls, seldom a failure.

    A throttled retry takes 5 of 500 tokens, any other 14. A retry that succeeds gives its own
    back, a first attempt that succeeds one.
    """

    def __init__(self, capacity: int = 500, *, throttle_cost: int = 5, cost: int = 14) -> None:
        if not 0 < max(throttle_cost, cost) <= capacity or min(throttle_cost, cost) <= 0:
            raise InputError(
                f"a budget of {capacity} tokens has no retry of {throttle_cost} or {cost}"
            )
        self._capacity = capacity
        self._throttle_cost = throttle_cost
        self._cost = cost
        self._left = capacity
        self._lock = Lock()

    @property
    def left(self) -> float:
        return self._left

    def begin(self) -> None:
        """A first attempt is free."""

    def take(self, failure_class: FailureClass) -> float | None:
        throttled = failure_class is FailureClass.THROTTLE
        cost = self._throttle_cost if throttled else self._cost
        with self._lock:
            if cost > self._left:
                return None
            self._left -= cost
        return cost

    def succeeded(self, cost: float | None) -> None:
        with self._lock:
            self._left = min(self._capacity, self._left + (1 if cost is None else int(cost)))


class RatioBudget:
    """One retry for each ten calls, for runs of a command: few calls, and none before them.

    So that the first of them can be sent again, `cap` retries are lent at the start, and the
    first calls pay them back: never more than `ratio` of all calls and no more than `cap` at
    once, whichever allows more.
    """

    _UNITS = 1_000
    """In whole thousandths of a retry: tenths do not add up to one as floats."""

    def __init__(self, ratio: float = 0.1, *, cap: int = 10) -> None:
        if not (0 < ratio <= 1 and cap >= 1):
            raise InputError(f"a budget of {ratio:g} retries a call, {cap} at once, allows none")
        self._gain = max(1, round(ratio * self._UNITS))
        self._cap = cap * self._UNITS
        self._left = self._cap
        self._owed = self._cap
        self._lock = Lock()

    @property
    def left(self) -> float:
        return self._left / self._UNITS

    def begin(self) -> None:
        with self._lock:
            paid = min(self._owed, self._gain)
            self._owed -= paid
            self._left = min(self._cap, self._left + self._gain - paid)

    def take(self, failure_class: FailureClass) -> float | None:  # noqa: ARG002 - all cost the same
        with self._lock:
            if self._left < self._UNITS:
                return None
            self._left -= self._UNITS
        return 1.0

    def succeeded(self, cost: float | None) -> None:
        """What was retried stays counted."""
