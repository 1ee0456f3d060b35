"""Mann-Whitney U and Cliff's delta of two sorted samples, exact with ties and infinities.

The two are merged, not sorted again: each value becomes an integer of 64 bits that orders
as the value does, with its side in the lowest bit. The bit is free, for a value that is
not negative has no sign. So nothing is rounded, and a tie is a tie of the real values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mangaops.bench.statistics.sample import Floats, refuse_negative

Keys = npt.NDArray[np.uint64]

EXACT_SMALLER = 8
"""The exact distribution is used up to this size of the smaller side (as scipy does)."""
EXACT_PAIRS = 20_000_000
"""And up to this number of pairs: above it that would take seconds, and a GB of memory."""
CHUNK = 1 << 18
"""Values that are looked at in one piece: their cubed run lengths fit into 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankTest:
    """`u` is that of the candidate: pairs in which it is greater, a tie being half a pair.

    `p_value` is two-sided. `cliffs_delta` is the share of pairs in which the candidate is
    greater, less the share in which it is smaller: -1 to 1, above 0 for a slower one.
    """

    u: float
    p_value: float
    cliffs_delta: float


def rank_test(baseline_sorted: Floats, candidate_sorted: Floats) -> RankTest:
    """Mann and Whitney (1947), of two samples in ascending order.

    The exact distribution without ties for up to 8 values on the smaller side; else the
    normal one with the correction for ties and that for continuity. p is 1 when all values
    are equal.
    """
    refuse_negative(baseline_sorted, name="the baseline")
    refuse_negative(candidate_sorted, name="the candidate")
    n, m = baseline_sorted.size, candidate_sorted.size
    not_greater, merged = _merged(baseline_sorted, candidate_sorted)
    squares, cubes = _powers_of_runs(merged)
    own_squares = _squares_of_runs(baseline_sorted) + _squares_of_runs(candidate_sorted)
    ties = (squares - own_squares) // 2  # (a + b)^2 - a^2 - b^2 = 2 a b, over all runs
    doubled = 2 * not_greater - ties  # 2 U, a whole number
    if min(n, m) <= EXACT_SMALLER and squares == n + m and n * m <= EXACT_PAIRS:
        p_value = _exact_p(n, m, max(doubled // 2, n * m - doubled // 2))
    else:
        p_value = _normal_p(n, m, doubled, cubes - (n + m))
    return RankTest(u=doubled / 2, p_value=p_value, cliffs_delta=(doubled - n * m) / (n * m))


def _merged(a: Floats, b: Floats) -> tuple[int, Keys]:
    """How many pairs have a <= b, and the values of both in ascending order as integers."""
    n = a.size
    keys = np.empty(n + b.size, dtype=np.uint64)
    _fill(keys[:n], a)
    _fill(keys[n:], b)
    keys[n:] |= np.uint64(1)
    keys.sort(kind="stable")  # two runs in order: one merge, in linear time
    positions = 0
    for start in range(0, keys.size, CHUNK):
        side = (keys[start : start + CHUNK] & np.uint64(1)).astype(np.bool_)
        found = np.flatnonzero(side)
        positions += int(found.sum()) + start * found.size
    keys >>= np.uint64(1)
    # The j-th of b stands behind j of its own: what is left are those of a.
    return positions - b.size * (b.size - 1) // 2, keys


def _fill(keys: Keys, values: Floats) -> None:
    """The bits of the values, one place to the left. `+ 0.0` makes a zero of minus zero."""
    np.add(values, 0.0, out=keys.view(np.float64))
    keys <<= np.uint64(1)


def _powers_of_runs(ascending: npt.NDArray[np.uint64] | Floats) -> tuple[int, int]:
    """The sums of the squares and of the cubes of the lengths of runs of equal values.

    Whole numbers of Python where they may pass 64 bits.
    """
    squares = cubes = 0
    start = 0  # of the run that is not yet ended
    for begin in range(1, ascending.size, CHUNK):
        end = min(begin + CHUNK, ascending.size)
        piece = ascending[begin - 1 : end]
        borders = np.flatnonzero(piece[1:] != piece[:-1]) + begin
        if not borders.size:
            continue
        first = int(borders[0]) - start
        lengths = np.diff(borders)
        squared = lengths * lengths
        squares += first**2 + int(squared.sum())
        cubes += first**3 + int((squared * lengths).sum())
        start = int(borders[-1])
    last = ascending.size - start
    return squares + last**2, cubes + last**3


def _squares_of_runs(ascending: Floats) -> int:
    return _powers_of_runs(ascending)[0]


def _normal_p(n: int, m: int, doubled: int, ties: int) -> float:
    """Two-sided, from 2 U and the sum of t^3 - t over the runs of t equal values."""
    total = n + m
    variance = n * m / 12 * ((total + 1) - ties / (total * (total - 1)))
    if ties == total**3 - total:
        return 1.0
    distance = abs(doubled - n * m) / 2 - 0.5
    return min(1.0, math.erfc(distance / math.sqrt(2 * variance)))


def _exact_p(n: int, m: int, u: int) -> float:
    """Two-sided: twice the chance of `u` or more, which is that of n m - u or less.

    The numbers of orders with U = 0, 1, ... are the coefficients of the Gaussian binomial
    (n + m over n), the product of (1 - x^(m + i)) / (1 - x^i) for i up to n.
    """
    few, many = min(n, m), max(n, m)
    most = n * m - u
    counts = np.zeros(most + 1, dtype=np.float64)
    counts[0] = 1.0
    for i in range(1, few + 1):
        if many + i <= most:
            counts[many + i :] -= counts[: most + 1 - many - i].copy()
        for first in range(min(i, most + 1)):
            np.cumsum(counts[first::i], out=counts[first::i])
        counts *= i / (many + i)  # in parts of all orders, so that nothing overflows
    return min(1.0, 2 * float(counts.sum()))
