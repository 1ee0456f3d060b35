"""What was counted in the last so many seconds."""

from __future__ import annotations

import math
from collections import deque


class Window:
    """Several counts over the last `seconds`, in buckets of one second.

    What is older than `seconds` is gone, and what is within the last `seconds` - 1 is there.
    A bucket is made once and dropped once, so that each operation costs the same however many
    calls there are, and no more than one pass over the buckets after any pause. A clock that
    steps back is taken to stand still. Not thread-safe: its owner has the lock.
    """

    __slots__ = ("_buckets", "_counts", "_second", "_size", "totals")

    def __init__(self, seconds: float, counts: int) -> None:
        self._size = math.ceil(seconds)
        self._counts = counts
        self._buckets: deque[tuple[int, list[int]]] = deque()
        self.clear()

    def clear(self) -> None:
        self._buckets.clear()
        self._second: int | None = None
        self.totals = [0] * self._counts

    def add(self, now: float, *which: int) -> list[int]:
        """One more of each count named; returns the totals, which are the window's own list."""
        second = int(now // 1)
        if second != self._second:
            self._turn(second)
        bucket = self._buckets[-1][1]
        totals = self.totals
        for count in which:
            bucket[count] += 1
            totals[count] += 1
        return totals

    def at(self, now: float) -> list[int]:
        """The totals, without what is too old by now."""
        self._drop(int(now // 1))
        return self.totals

    def _turn(self, second: int) -> None:
        last = self._buckets[-1][0] if self._buckets else None
        if last is None or second > last:
            self._buckets.append((second, [0] * self._counts))
            self._second = second
            self._drop(second)

    def _drop(self, second: int) -> None:
        oldest = second - self._size
        buckets = self._buckets
        while buckets and buckets[0][0] <= oldest:
            for count, number in enumerate(buckets.popleft()[1]):
                self.totals[count] -= number
        if not buckets:
            self._second = None
