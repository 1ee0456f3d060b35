"""When to look at a running log query.

First half a second after it was accepted, then after 6 % of the time it has taken, but
at least 0.25 s and at most 1 s later, from request to request. Against queries of 2 s
that costs 0.17 s in the mean; doubling back-off costs a second.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from mangaops.evidence.source import Stop, Stopped

FIRST = 0.5
SHORTEST = 0.25
LONGEST = 1.0
SHARE = 0.06
CALLS_PER_SECOND = 8.0
"""Of the account's ten (quota page of Logs Insights), shared by all queries of this process."""


class Pace:
    """Keeps all queries together under the rate. Safe to use from several threads."""

    def __init__(self, *, clock: Callable[[], float], per_second: float = CALLS_PER_SECOND) -> None:
        self._clock = clock
        self._gap = 1 / per_second
        self._lock = Lock()
        self._free = 0.0

    def wait_for_turn(self, stop: Stop) -> None:
        """Returns when a request may go out; raises Stopped if none is wanted any more."""
        with self._lock:
            turn = max(self._clock(), self._free)
            self._free = turn + self._gap
        pause(turn - self._clock(), stop)


def pause(seconds: float, stop: Stop) -> None:
    """Sleeps, or raises Stopped."""
    if stop.requested or (seconds > 0 and stop.wait(seconds)):
        raise Stopped


def next_look(started: float, sent: float | None) -> float:
    """The clock's time of the next request; `sent` is that of the last one, if any."""
    if sent is None:
        return started + FIRST
    return sent + min(LONGEST, max(SHORTEST, SHARE * (sent - started)))
