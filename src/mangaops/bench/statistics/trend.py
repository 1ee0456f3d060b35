"""Whether values rise or fall over time: what a drift of the conditions looks like."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mangaops.bench.statistics.quantile import quantile
from mangaops.bench.statistics.ratio import divided
from mangaops.bench.statistics.sample import Floats, floats

Ranks = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """`tau` is Kendall's tau-b of value and time, -1 to 1; `p_value` is two-sided.

    `change` is the median of the last third over that of the first, less 1 (0.1 is 10 %
    more at the end). None: fewer than 3 values, or the ratio is undefined.
    """

    tau: float
    p_value: float
    change: float | None


def trend(values: Iterable[float] | Floats) -> Trend:
    """Of values in order of time. Mann (1945), Kendall (1970), by the normal distribution.

    With the correction for ties, in O(n log^2 n). It sees any monotone trend, so a warm-up
    as well as a slow drift. No trend (tau 0, p 1) for one value or for equal ones.
    """
    array = floats(values)
    n = array.size
    _, ranks, tied = np.unique(array, return_inverse=True, return_counts=True)
    pairs = n * (n - 1) // 2
    untied = pairs - sum(count * (count - 1) // 2 for count in tied.tolist())
    if not untied:
        return Trend(tau=0.0, p_value=1.0, change=_change(array))
    score = untied - 2 * _inversions(ranks)
    variance = (_weight(n) - sum(_weight(count) for count in tied.tolist())) / 18
    return Trend(
        tau=score / math.sqrt(pairs) / math.sqrt(untied),
        p_value=math.erfc(abs(score) / math.sqrt(2 * variance)),
        change=_change(array),
    )


def _weight(n: int) -> int:
    return n * (n - 1) * (2 * n + 5)


def _change(array: Floats) -> float | None:
    third = array.size // 3
    if not third:
        return None
    ratio = divided(quantile(array[-third:], 0.5), quantile(array[:third], 0.5))
    return None if ratio is None else ratio - 1


def _inversions(ranks: Ranks) -> int:
    """Pairs whose earlier value is the greater one.

    Two ranks are told apart at one bit: above it they are equal. So, bit by bit, the ranks
    that are equal above it are looked at in order of time, and each 0 counts the 1s before.
    """
    found = 0
    for bit in range(int(ranks.max()).bit_length()):
        group = ranks >> (bit + 1)
        order = np.argsort(group, kind="stable")
        group, ones = group[order], (ranks[order] >> bit) & 1
        before = np.cumsum(ones) - ones
        starts = np.concatenate(([0], np.flatnonzero(np.diff(group)) + 1))
        lengths = np.diff(np.append(starts, group.size))
        before -= np.repeat(before[starts], lengths)
        found += int(before[ones == 0].sum())
    return found
