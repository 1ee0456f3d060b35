"""Progress of a run: how many calls are done, what they cost, how long it will still take."""

from __future__ import annotations

from collections.abc import Callable

from mangaops.bench.measuring.cost import Spending
from mangaops.render.figures import dollars, length

SURE_AFTER = 8
"""Calls after which the pace says how long the rest takes."""


class Counting:
    """`tell` shows one line; every call comes from the scheduling thread."""

    def __init__(
        self,
        tell: Callable[[str], None],
        *,
        of: int,
        spending: Spending,
        clock: Callable[[], float],
    ) -> None:
        self._tell = tell
        self._of = of
        self._spending = spending
        self._clock = clock
        self._since = clock()
        self._done = 0
        self._failed = 0

    def count(self, *, failed: bool) -> None:
        self._done += 1
        self._failed += failed
        self._tell(self.line())

    def line(self) -> str:
        parts = [f"{self._done} of {self._of} calls"]
        if self._failed:
            parts.append(f"{self._failed} failed")
        if self._spending.usd:
            parts.append(dollars(self._spending.usd))
        if SURE_AFTER <= self._done < self._of:
            pace = (self._clock() - self._since) / self._done
            parts.append(f"{length(round(pace * (self._of - self._done)))} left")
        return ", ".join(parts)
