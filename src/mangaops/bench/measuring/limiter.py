"""At most so many calls a second: their beginnings are evenly spaced, without bursts."""

from __future__ import annotations

from collections.abc import Callable


class Spacing:
    """`delay()` is how long to wait before the next call; `taken()` says that it was sent.

    A call that was late does not make the next one early: time that was lost is not made up
    for, since a burst would measure the burst. `rate_per_s` None is no limit.
    """

    def __init__(self, rate_per_s: float | None, *, clock: Callable[[], float]) -> None:
        self._gap = 0.0 if rate_per_s is None else 1.0 / rate_per_s
        self._clock = clock
        self._next: float | None = None

    def delay(self) -> float:
        return 0.0 if self._next is None else max(0.0, self._next - self._clock())

    def taken(self) -> None:
        self._next = self._clock() + self._gap
