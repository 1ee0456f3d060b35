"""The stop that the collector holds for each reader."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event


class StopSignal:
    """Satisfies `source.Stop`; the deadline is of the same monotonic clock."""

    def __init__(self, *, clock: Callable[[], float], deadline: float) -> None:
        self._clock = clock
        self._deadline = deadline
        self._event = Event()

    def request(self) -> None:
        self._event.set()

    @property
    def requested(self) -> bool:
        return self._event.is_set() or self._clock() >= self._deadline

    def remaining(self) -> float:
        return 0.0 if self.requested else self._deadline - self._clock()

    def wait(self, seconds: float) -> bool:
        self._event.wait(max(0.0, min(seconds, self.remaining())))
        return self.requested
