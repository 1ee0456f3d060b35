"""The right to send one request, to be given back with its outcome."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from types import TracebackType
from typing import Self

from mangaops.fm.failure import RULES, FailureClass

COUNTED = frozenset(kind for kind, rule in RULES.items() if rule.counts_in_breaker)


class Outcome(Enum):
    """What a breaker makes of a call."""

    SUCCESS = "success"
    SLOW = "slow"
    """A success that took too long."""
    FAILURE = "failure"
    SLOW_FAILURE = "slow failure"
    THROTTLED = "throttled"
    NOTHING = "nothing"
    """It says nothing about the route: what was asked was wrong, or nobody waited."""


class Permit:
    """Give back one outcome; a second one is not counted. Left as a context without one, for
    whatever reason, it is given back as nothing. Any thread may give it back.
    """

    __slots__ = ("_give_back", "generation", "probe", "settled", "slow_call", "slow_first_token")

    def __init__(
        self,
        give_back: Callable[[Permit, Outcome, FailureClass | None, float | None], None],
        generation: int,
        slow_call: float,
        slow_first_token: float,
        probe: bool,
    ) -> None:
        self._give_back = give_back
        self.generation = generation
        self.slow_call = slow_call
        self.slow_first_token = slow_first_token
        self.probe = probe
        self.settled = False

    def success(self, duration: float, first_token: float | None = None) -> None:
        """`duration` and `first_token` are seconds from when the request was sent."""
        slow = duration > self.slow_call or (
            first_token is not None and first_token > self.slow_first_token
        )
        self._give_back(self, Outcome.SLOW if slow else Outcome.SUCCESS, None, None)

    def failure(
        self, failure_class: FailureClass, duration: float, retry_after: float | None = None
    ) -> None:
        """A class that says nothing about the route is not counted. `retry_after` is seconds."""
        self._give_back(self, self._outcome(failure_class, duration), failure_class, retry_after)

    def ignore(self) -> None:
        """Counts nothing; a probe makes room for another."""
        self._give_back(self, Outcome.NOTHING, None, None)

    def _outcome(self, failure_class: FailureClass, duration: float) -> Outcome:
        if failure_class not in COUNTED:
            return Outcome.NOTHING
        if failure_class is FailureClass.THROTTLE:
            return Outcome.THROTTLED
        if failure_class is FailureClass.CLIENT_TIMEOUT or duration > self.slow_call:
            return Outcome.SLOW_FAILURE
        return Outcome.FAILURE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self.settled:
            self.ignore()
