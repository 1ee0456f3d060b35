"""How long searches took, by fifths in the order of their sending: does the index get warmer?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mangaops.model.evidence import JSON

PARTS = 5
SLOWER = 1.25
"""From when on a fifth counts as slower. A fifth of 50 queries has 10 latencies, whose median
and p95 differ by more than 10 % by chance alone.
"""

MOST_FAILED = 0.1
"""The share of searches that may fail in an index that is warm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fifth:
    """Queries `first` to `last`; latencies in milliseconds of those that were answered."""

    first: int
    last: int
    failed: int
    p50: float | None = None
    p95: float | None = None
    most: float | None = None

    def row(self) -> str:
        """`  1-10   p50   40 ms   p95   48 ms   max   48 ms   0 failed`"""
        times = (("p50", self.p50), ("p95", self.p95), ("max", self.most))
        shown = "   ".join(f"{name} {_ms(value):>9}" for name, value in times)
        return f"queries {self.first:>4}-{self.last:<4}  {shown}   {self.failed} failed"

    def document(self) -> dict[str, JSON]:
        return {
            "queries": f"{self.first}-{self.last}",
            "failed": self.failed,
            "p50_ms": _rounded(self.p50),
            "p95_ms": _rounded(self.p95),
            "max_ms": _rounded(self.most),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A batch of searches that was sent. `trouble` is what the first failed one said."""

    asked: int
    sent: int
    failed: int
    fifths: tuple[Fifth, ...]
    trouble: str = ""

    def document(self) -> Mapping[str, JSON]:
        return {
            "asked": self.asked,
            "sent": self.sent,
            "failed": self.failed,
            "trouble": self.trouble,
            "fifths": [each.document() for each in self.fifths],
        }

    def summary(self) -> str:
        """`50 of 50 queries sent, 2 failed; p95 3,900 ms in the first fifth, 46 ms in the last`"""
        text = f"{self.sent} of {self.asked} queries sent, {self.failed} failed"
        if self.fifths and self.sent > self.failed:
            first, last = self.fifths[0], self.fifths[-1]
            text += f"; p95 {_ms(first.p95)} in the first fifth, {_ms(last.p95)} in the last"
        return f"{text}; {self.trouble}" if self.trouble else text

    @property
    def answering(self) -> bool:
        """Whether searches were answered at the end."""
        return bool(self.fifths) and self.fifths[-1].p95 is not None

    @property
    def answered(self) -> bool:
        """Whether all searches were sent, and nearly all of them answered."""
        return self.sent == self.asked and self.failed <= self.sent * MOST_FAILED

    @property
    def slower(self) -> bool:
        """Whether the last fifth is clearly slower than the first, in its median and its p95."""
        if not self.fifths:
            return False
        first, last = self.fifths[0], self.fifths[-1]
        pairs = ((first.p50, last.p50), (first.p95, last.p95))
        return all(old is not None and new is not None and new > old * SLOWER for old, new in pairs)


def measured(latencies: Sequence[float | None], *, asked: int, trouble: str) -> Measured:
    """`latencies` in milliseconds in the order of sending, None for a search that failed."""
    return Measured(
        asked=asked,
        sent=len(latencies),
        failed=sum(each is None for each in latencies),
        fifths=_fifths(latencies),
        trouble=trouble,
    )


def _fifths(latencies: Sequence[float | None]) -> tuple[Fifth, ...]:
    count = len(latencies)
    edges = sorted({count * part // PARTS for part in range(PARTS + 1)})
    return tuple(_fifth(latencies[start:end], start + 1) for start, end in pairwise(edges))


def _fifth(latencies: Sequence[float | None], first: int) -> Fifth:
    answered = sorted(each for each in latencies if each is not None)
    last, failed = first + len(latencies) - 1, len(latencies) - len(answered)
    if not answered:
        return Fifth(first=first, last=last, failed=failed)
    return Fifth(
        first=first,
        last=last,
        failed=failed,
        p50=_rank(answered, 0.5),
        p95=_rank(answered, 0.95),
        most=answered[-1],
    )


def _rank(ascending: Sequence[float], share: float) -> float:
    """The nearest rank: a latency that was really measured."""
    return ascending[math.ceil(share * len(ascending)) - 1]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _ms(value: float | None) -> str:
    return "no answer" if value is None else f"{value:,.0f} ms"
