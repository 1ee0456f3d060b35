"""Two samples of one metric, each sorted once, for all that is asked of them.

A comparison of a million values a side costs two sorts, one merge and the resampling of
two order statistics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from mangaops.bench.statistics.quantile import quantile_sorted
from mangaops.bench.statistics.rank_test import RankTest, rank_test
from mangaops.bench.statistics.ratio import RESAMPLES, Ratio, quantile_ratio
from mangaops.bench.statistics.sample import Floats, ordered


@dataclass(frozen=True, slots=True)
class Pair:
    """Both samples in ascending order; an infinite value is a failed call. See `Pair.of`."""

    baseline: Floats
    candidate: Floats

    @classmethod
    def of(cls, baseline: Iterable[float] | Floats, candidate: Iterable[float] | Floats) -> Self:
        """From values in any order. InputError when a side is empty or holds NaN."""
        return cls(ordered(baseline, name="the baseline"), ordered(candidate, name="the candidate"))

    def quantiles(self, q: float) -> tuple[float, float]:
        """The q-quantile of the baseline and of the candidate."""
        return quantile_sorted(self.baseline, q), quantile_sorted(self.candidate, q)

    def quantile_ratio(
        self, q: float, *, resamples: int = RESAMPLES, seed: int = 0, confidence: float = 0.95
    ) -> Ratio:
        return quantile_ratio(
            self.baseline,
            self.candidate,
            q,
            resamples=resamples,
            seed=seed,
            confidence=confidence,
        )

    def rank_test(self) -> RankTest:
        """Mann-Whitney U and Cliff's delta. Costs one merge, each time it is called."""
        return rank_test(self.baseline, self.candidate)
