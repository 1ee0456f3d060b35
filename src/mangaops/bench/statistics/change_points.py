"""Where a series of figures changed for good: E-divisive means, with a t test.

Matteson and James, A nonparametric approach for multiple change point analysis (arXiv
1306.4933); used on nightly benchmarks by Daly et al. (arXiv 2003.00584) and by Hunter
(arXiv 2301.03034). As there, a segment is split at its best point, and each half again.

Whether a split is a change is told by Student's t test, as in Hunter. Shuffling alone cannot:
of ten nights, the last five at ten times the level, 2 of the 252 orders are as good by chance,
so that no p of 0.001 could ever be shown. What a t test gets wrong is mended:

- The split was chosen as the best: p is multiplied by the number of splits (Bonferroni). That
  is too strict for long series, so where it misses the level, shuffling decides: p is the share
  of shuffled series whose best split is as good, if the t test by itself keeps the level.
- Nights that resemble the night before tell less: the variance is that of a series with the
  autocorrelation (lag 1) that is left beside the levels and a slope (Bayley and Hammersley
  1946, for a process of first order).
- Noise grows with the level: logarithms are compared, where every figure is above 0.

Measured on series of 10 to 60 figures without a change: independent noise has a false change in
at most 1.3 % of them (0.1 % if lognormal, the most if rounded to three or four values), an
autocorrelation of 0.5 in 1 % (10 figures) to 13 % (60), one of 0.8 in 3 to 34 %: the p values
are those of independent figures. A step of ten times the noise is found in 96 of 100 series or
more, from 10 figures and 3 new ones on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mangaops.bench.statistics.draws import seeded
from mangaops.bench.statistics.sample import Floats, floats
from mangaops.bench.statistics.student import two_sided
from mangaops.errors import InputError

LEAST_POINTS = 10
"""With fewer there is nothing to tell a change from noise by."""
LEAST_SEGMENT = 3
"""One or two figures are an outlier, no new level."""
LEVEL = 0.001
"""The chance of a change that is none, in a series of independent figures."""
SHUFFLINGS = 999
MOST_ALIKE = 0.95
"""An autocorrelation of 1 would leave nothing to compare."""


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
    least_segment: int = LEAST_SEGMENT,
) -> tuple[ChangePoint, ...]:
    """The points in order; none for fewer than 10 figures.

    InputError: an infinite figure, which has no distance to another, or a segment of less
    than 2. O(n^2) in time and in memory for each segment, and for each shuffling of it.
    """
    series = floats(values, name="the series")
    if not np.isfinite(series).all():
        raise InputError(
            "the series holds an infinite figure, which has no distance to another",
            hint="leave out the runs whose figure is infinite",
        )
    if least_segment < 2:
        raise InputError(f"a level of {least_segment} figures has no noise to be measured by")
    if series.size < max(LEAST_POINTS, 2 * least_segment):
        return ()
    compared = np.log(series) if series.min() > 0 else series
    generator = seeded(seed)
    found: dict[int, float] = {}
    waiting = [(0, series.size)]
    while waiting:
        start, end = waiting.pop()
        if end - start < 2 * least_segment:
            continue
        search = Search(end - start, least_segment)
        tested = _tested(series[start:end], compared[start:end], search, generator, level)
        if tested is not None:
            split, p_value = start + tested[0], tested[1]
            found[split] = p_value
            waiting += [(split, end), (start, split)]
    return _described(series, found)


class Search:
    """The best split of series of one length: its weights are made once, for all shufflings.

    `splits` is how many there are.

    The statistic of the parts [0, t) and [t, k) of m and n figures is mn / (m + n) times
    twice the mean distance between the parts, less the mean distances within each (alpha
    = 1 of the paper). k varies too: a level that comes and goes again would else hide.
    With S[t, k] the sum of distances between the first t and the first k figures, it is
    S[t, k] a - S[t, t] b - S[k, k] c, where a, b and c depend on t and k alone.
    """

    def __init__(self, n: int, least_segment: int) -> None:
        choices = max(0, n - 2 * least_segment + 1)
        self.splits = choices * (choices + 1) // 2
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

    def best(self, segment: Floats) -> tuple[float, int, int]:
        """The greatest statistic, t and k. All are 0 where no parts differ."""
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
        t, k = divmod(best, self._work.shape[1])
        return float(statistics.flat[best]), t, k


def _tested(
    segment: Floats,
    compared: Floats,
    search: Search,
    generator: np.random.Generator,
    level: float,
) -> tuple[int, float] | None:
    """The best split, and the chance of one as good without a change. None: above the level."""
    statistic, t, k = search.best(segment)
    if statistic <= 0 or segment.min() == segment.max():
        return None
    chance = _chance(compared[:t], compared[t:k])
    bound = chance * search.splits
    if bound > level:
        if chance > level:
            return None
        bound = _shuffled(segment, statistic, search, generator, level)
    return (t, bound) if bound <= level else None


def _shuffled(
    segment: Floats,
    statistic: float,
    search: Search,
    generator: np.random.Generator,
    level: float,
) -> float:
    """The share of shufflings with as good a split; 1 as soon as it is above the level."""
    as_good = 0
    for _ in range(SHUFFLINGS):
        # Sums in another order differ in the last digits: an equal split is as good.
        as_good += search.best(generator.permutation(segment))[0] >= statistic * (1 - 1e-9)
        if 1 + as_good > level * (1 + SHUFFLINGS) * (1 + 1e-9):
            return 1.0
    return (1 + as_good) / (1 + SHUFFLINGS)


def _chance(first: Floats, second: Floats) -> float:
    """Student's t test of equal means, of figures that may resemble the one before."""
    rests = (first - first.mean(), second - second.mean())
    squares = sum(float(rest @ rest) for rest in rests)
    distance = abs(float(second.mean() - first.mean()))
    if squares == 0:
        return 0.0 if distance else 1.0
    alike = _alike(*(_without_slope(rest) for rest in rests))
    fewer = (1 + alike) / (1 - alike)
    freedom = first.size + second.size - 2
    error = math.sqrt(fewer * squares / freedom * (1 / first.size + 1 / second.size))
    return two_sided(distance / error, max(1.0, freedom / fewer))


def _without_slope(rest: Floats) -> Floats:
    """A drift is a change: it does not count as a resemblance of neighbours."""
    if rest.size < 4:
        return rest
    time = np.arange(rest.size) - (rest.size - 1) / 2
    return rest - time * float(time @ rest) / float(time @ time)


def _alike(*rests: Floats) -> float:
    """The autocorrelation of lag 1, of both parts together; 0 for a negative one."""
    squares = sum(float(rest @ rest) for rest in rests)
    neighbours = sum(float(rest[1:] @ rest[:-1]) for rest in rests)
    return min(max(neighbours / squares, 0.0), MOST_ALIKE) if squares else 0.0


def _described(series: Floats, found: dict[int, float]) -> tuple[ChangePoint, ...]:
    indexes = sorted(found)
    borders = [0, *indexes, series.size]
    means = [float(series[start:end].mean()) for start, end in pairwise(borders)]
    return tuple(
        ChangePoint(index=index, p_value=found[index], before=before, after=after)
        for index, (before, after) in zip(indexes, pairwise(means), strict=True)
    )
