"""Quantiles as order statistics, and their exact limits.

No interpolation: the q-quantile of n values is the ceil(q n)-th smallest, so that it is a
value which was measured, and sound when some are infinite.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

import numpy as np

from mangaops.bench.statistics.sample import Floats, floats
from mangaops.errors import InputError

ROUNDING = 1e-12
"""A chance that misses the confidence by less than this does not miss it."""


def rank(n: int, q: float) -> int:
    """ceil(q n), from 1 on. `q` is the decimal that is written: 0.07 of 100 is 7, not 8."""
    if n < 1:
        raise InputError("a quantile needs at least one value")
    if not 0 < q <= 1:
        raise InputError(f"a quantile lies above 0 and is at most 1, not {q}")
    return max(1, math.ceil(Decimal(repr(float(q))) * n))


def quantile(values: Iterable[float] | Floats, q: float) -> float:
    """The order statistic of rank ceil(q n)."""
    array = floats(values)
    place = rank(array.size, q) - 1
    return float(np.partition(array, place)[place])


def quantile_sorted(ascending: Floats, q: float) -> float:
    """The same of values that are in ascending order already."""
    return float(ascending[rank(ascending.size, q) - 1])


@lru_cache(maxsize=64)
def limits(n: int, q: float, confidence: float = 0.95) -> tuple[int | None, int | None]:
    """The ranks of the one-sided lower and upper limit of the q-quantile, each at `confidence`.

    The number of values below the quantile is binomial (n, q) whatever the distribution is,
    so the limits hold exactly (David and Nagaraja, Order Statistics, 7.1). None where not
    even the smallest or the greatest value is such a limit: the upper one of p95 at 95 %
    needs n >= 59. Both together hold with confidence 1 - 2 (1 - confidence).
    """
    rank(n, q)
    if not 0 < confidence < 1:
        raise InputError(f"a confidence lies between 0 and 1, not {confidence}")
    if q == 1:
        return None, None
    first, cumulative = _binomial(n, q)
    # Upper: the smallest k with P(X <= k - 1) >= confidence.
    high = first + int(np.searchsorted(cumulative, confidence - ROUNDING)) + 1
    # Lower: the greatest k with P(X <= k - 1) <= 1 - confidence.
    low = first + int(np.searchsorted(cumulative, 1 - confidence + ROUNDING))
    return (low if low >= 1 else None), (high if high <= n else None)


def within_p(n: int, q: float, within: int) -> float:
    """The p value of "the q-quantile is at most v", where `within` of n values are at most v.

    It is the chance that so few are, P(X <= within) of a binomial (n, q), and at most
    1 - confidence just when the lower limit of the quantile is above v.
    """
    rank(n, q)
    if q == 1:
        return float(within >= n)
    first, cumulative = _binomial(n, q)
    if within < first:
        return 0.0
    return min(1.0, float(cumulative[min(within - first, cumulative.size - 1)]))


def _binomial(n: int, q: float) -> tuple[int, Floats]:
    """P(X <= k) of a binomial (n, q) for k from the first number on, within 12 deviations.

    The mass outside is below 1e-30. Each probability is that of its neighbour times a
    ratio, so no factorial of n is formed.
    """
    reach = 12 * math.sqrt(n * q * (1 - q)) + 20
    first, last = max(0, math.floor(n * q - reach)), min(n, math.ceil(n * q + reach))
    k = np.arange(first, last, dtype=np.float64)
    steps = np.log((n - k) / (k + 1)) + math.log(q / (1 - q))
    logarithms = np.concatenate(([0.0], np.cumsum(steps)))
    masses = np.exp(logarithms - logarithms.max())
    return first, np.cumsum(masses) / masses.sum()
