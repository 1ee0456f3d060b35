"""Where a series of figures changed for good: E-divisive means, with a permutation test.

Matteson and James, A nonparametric approach for multiple change point analysis (arXiv
1306.4933); used on nightly benchmarks by Daly et al. (arXiv 2003.00584) and by Hunter
(arXiv 2301.03034). As there, a segment is split at its best point, and each half again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mangaops.bench.statistics.draws import seeded
from mangaops.bench.statistics.sample import Floats, floats
from mangaops.errors import InputError

LEAST_POINTS = 10
"""With fewer there is nothing to tell a change from noise by."""
LEAST_SEGMENT = 3
"""One or two figures are an outlier, no new level."""
LEVEL = 0.001
"""The chance of a change that is none, in a series without any."""
PERMUTATIONS = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """`index` is the first figure of the new level.

    `before` and `after` are the means of the segments beside it, up to the next points.
    """

    index: int
    p_value: float
    before: float
    after: float


def change_points(
    values: Iterable[float] | Floats,
    *,
    seed: int = 0,
    level: float = LEVEL,
    permutations: int = PERMUTATIONS,
    least_segment: int = LEAST_SEGMENT,
) -> tuple[ChangePoint, ...]:
    """The points in order; none for fewer than 10 figures.

    InputError: an infinite figure, which has no distance to another. O(n^2) in time and in
    memory for each permutation; a segment without a change takes few of them.
    """
    series = floats(values, name="the series")
    if not np.isfinite(series).all():
        raise InputError(
            "the series holds an infinite figure, which has no distance to another",
            hint="leave out the runs whose figure is infinite",
        )
    if (1 + permutations) * level < 1 - 1e-9:
        raise InputError(f"{permutations} permutations cannot show a p value of {level}")
    if series.size < max(LEAST_POINTS, 2 * least_segment):
        return ()
    generator = seeded(seed)
    found: dict[int, float] = {}
    waiting = [(0, series.size)]
    while waiting:
        start, end = waiting.pop()
        if end - start < 2 * least_segment:
            continue
        search = Search(end - start, least_segment)
        tested = _tested(series[start:end], search, generator, level, permutations)
        if tested is not None:
            split, p_value = start + tested[0], tested[1]
            found[split] = p_value
            waiting += [(split, end), (start, split)]
    return _described(series, found)


class Search:
    """The best split of series of one length: its weights are made once, for all shufflings.

    The statistic of the parts [0, t) and [t, k) of m and n figures is mn / (m + n) times
    twice the mean distance between the parts, less the mean distances within each (alpha
    = 1 of the paper). k varies too: a level that comes and goes again would else hide.
    With S[t, k] the sum of distances between the first t and the first k figures, it is
    S[t, k] a - S[t, t] b - S[k, k] c, where a, b and c depend on t and k alone.
    """

    def __init__(self, n: int, least_segment: int) -> None:
        t, k = np.ogrid[: n + 1, : n + 1]
        valid = (t >= least_segment) & (k - t >= least_segment)
        first, both = np.maximum(t, 2), np.maximum(k, 2)
        second = np.maximum(k - t, 2)
        between = np.where(valid, 2 / both, 0.0)
        within_first = between * second / (first - 1) / 2
        within_second = between * first / (second - 1) / 2
        self._a = between + 2 * within_second
        self._b = between + within_first + within_second
        self._c = within_second
        self._sums = np.zeros((n + 1, n + 1))
        self._work = np.empty((n + 1, n + 1))

    def best(self, segment: Floats) -> tuple[float, int]:
        """The greatest statistic, and the length of the first part. 0 for equal values."""
        inner = self._sums[1:, 1:]
        np.abs(np.subtract(segment[:, None], segment, out=inner), out=inner)
        np.cumsum(inner, axis=0, out=inner)
        np.cumsum(inner, axis=1, out=inner)
        own = self._sums.diagonal().copy()
        statistics = np.multiply(self._sums, self._a, out=self._work)
        # The sums are made anew for each segment: their place is free for the other terms.
        statistics -= np.multiply(self._b, own[:, None], out=self._sums)
        statistics -= np.multiply(self._c, own, out=self._sums)
        self._sums[0, :] = self._sums[:, 0] = 0
        best = int(statistics.argmax())
        return float(statistics.flat[best]), best // self._work.shape[1]


def _tested(
    segment: Floats,
    search: Search,
    generator: np.random.Generator,
    level: float,
    permutations: int,
) -> tuple[int, float] | None:
    """The best split and the chance that shuffled figures have as good a one.

    None as soon as that is known to be above the level.
    """
    if segment.min() == segment.max():
        return None
    statistic, split = search.best(segment)
    as_good = 0
    for _ in range(permutations):
        # Sums in another order differ in the last digits: an equal split is as good.
        as_good += search.best(generator.permutation(segment))[0] >= statistic * (1 - 1e-9)
        if (1 + as_good) > level * (1 + permutations) * (1 + 1e-9):
            return None
    return split, (1 + as_good) / (1 + permutations)


def _described(series: Floats, found: dict[int, float]) -> tuple[ChangePoint, ...]:
    indexes = sorted(found)
    borders = [0, *indexes, series.size]
    means = [float(series[start:end].mean()) for start, end in pairwise(borders)]
    return tuple(
        ChangePoint(index=index, p_value=found[index], before=before, after=after)
        for index, (before, after) in zip(indexes, pairwise(means), strict=True)
    )
