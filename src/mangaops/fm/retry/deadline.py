"""The instant by which a caller wants an answer, handed down to everything that waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """`at` is an instant of `clock`, in monotonic seconds; infinity is no deadline."""

    at: float
    clock: Callable[[], float]

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float]) -> Deadline:
        return cls(at=clock() + seconds, clock=clock)

    def left(self) -> float:
        """Seconds, never less than 0."""
        return max(0.0, self.at - self.clock())

    @property
    def passed(self) -> bool:
        return self.left() == 0

    def bound(self, seconds: float) -> float:
        """`seconds`, or what is left when that is less: the limit of one attempt."""
        return min(seconds, self.left())
