"""Statistics over plain numbers. None where the numbers are too few."""

from __future__ import annotations

import math
from collections.abc import Sequence


def mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def percentile(values: Sequence[float], level: float) -> float | None:
    """Linear between the two nearest ranks; `level` from 0 to 100."""
    if not values or not 0 <= level <= 100:
        return None
    ordered = sorted(values)
    rank = (len(ordered) - 1) * level / 100
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def median(values: Sequence[float]) -> float | None:
    return percentile(values, 50)


def interquartile_range(values: Sequence[float]) -> float | None:
    low, high = percentile(values, 25), percentile(values, 75)
    return None if low is None or high is None else high - low


def deviation(values: Sequence[float]) -> float | None:
    """The sample's standard deviation (n - 1)."""
    if len(values) < 2:
        return None
    middle = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Least squares through (seconds, value), per minute."""
    if len(points) < 2:
        return None
    middle_x = math.fsum(x for x, _ in points) / len(points)
    middle_y = math.fsum(y for _, y in points) / len(points)
    spread = math.fsum((x - middle_x) ** 2 for x, _ in points)
    if spread == 0:
        return None
    return 60 * math.fsum((x - middle_x) * (y - middle_y) for x, y in points) / spread
