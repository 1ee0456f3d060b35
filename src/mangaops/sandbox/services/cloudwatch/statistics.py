"""CloudWatch's statistics over the raw values of one period.

Average, Sum, Minimum, Maximum, SampleCount, pNN; and from AWS's statistics reference
trimmed mean, count and sum (tmNN, tcNN, tsNN, TM(a:b) …), winsorized mean (wmNN,
WM(a:b)), the interquartile mean (IQM) and the percentile rank (PR(a:b)).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from mangaops.sandbox.metrics import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The pooled points of one period. `values` is None where a statistic set hides them.

    `values` are sorted, each with its count.
    """

    count: float
    total: float
    minimum: float
    maximum: float
    values: tuple[tuple[float, float], ...] | None


Statistic = Callable[[Sample], float | None]
"""None where the statistic cannot be told: nothing to pick, or no raw values."""


def pool(points: Iterable[Point]) -> Sample | None:
    """One sample of all these points; None when they hold nothing."""
    raw: list[tuple[float, float]] = []
    opaque = []
    for point in points:
        raw += [(v, c) for v, c in zip(point.values, point.counts, strict=True) if c > 0]
        for one in point.sets:
            if one.is_transparent:
                raw.append((one.minimum, one.sample_count))
            else:
                opaque.append(one)
    if not raw and not opaque:
        return None
    raw.sort()
    return Sample(
        count=sum(c for _, c in raw) + sum(one.sample_count for one in opaque),
        total=sum(v * c for v, c in raw) + sum(one.total for one in opaque),
        minimum=min([v for v, _ in raw[:1]] + [one.minimum for one in opaque]),
        maximum=max([v for v, _ in raw[-1:]] + [one.maximum for one in opaque]),
        values=None if opaque or raw[0][0] < 0 else tuple(raw),
    )


def percentile(values: tuple[tuple[float, float], ...], fraction: float) -> float:
    """Linear interpolation between the two nearest ranks, as if counts were written out."""
    ends = list(accumulate(count for _, count in values))
    rank = fraction * (ends[-1] - 1)
    low = int(rank)
    return _at(values, ends, low) + (rank - low) * (
        _at(values, ends, low + 1) - _at(values, ends, low)
    )


def _at(values: tuple[tuple[float, float], ...], ends: list[float], rank: int) -> float:
    for (value, _), end in zip(values, ends, strict=True):
        if rank < end:
            return value
    return values[-1][0]


SIMPLE: Mapping[str, Statistic] = {
    "SampleCount": lambda sample: sample.count,
    "Sum": lambda sample: sample.total,
    "Average": lambda sample: sample.total / sample.count,
    "Minimum": lambda sample: sample.minimum,
    "Maximum": lambda sample: sample.maximum,
}

_SHORT = re.compile(r"(?P<kind>p|tm|tc|ts|wm)(?P<number>\d{1,3}(\.\d{1,10})?)")
_RANGE = re.compile(
    r"(?P<kind>TM|TC|TS|WM|PR)\((?P<low>-?[\d.]*)(?P<lp>%?):(?P<high>-?[\d.]*)(?P<hp>%?)\)"
)


def parse(text: str) -> Statistic | None:
    """The statistic of this name, or None when CloudWatch has no such statistic."""
    if text in SIMPLE:
        return SIMPLE[text]
    if text.upper() == "IQM":
        return _within("TM", _by_rank(0.25, 0.75))
    if short := _SHORT.fullmatch(text):
        share = float(short["number"]) / 100
        if share > 1:
            return None
        if short["kind"] == "p":
            return _percentile(share)
        return _within(short["kind"].upper(), _by_rank(0.0, share))
    return _ranged(text)


def is_percentile(text: str) -> bool:
    """Whether GetMetricStatistics takes it as an extended statistic."""
    return text not in SIMPLE and parse(text) is not None


def _percentile(share: float) -> Statistic:
    return lambda sample: None if sample.values is None else percentile(sample.values, share)


Picked = list[tuple[float, float]]
Picker = Callable[[tuple[tuple[float, float], ...]], tuple[Picked, float, float]]
"""Picks (value, count) pairs and says the lowest and the highest value that it keeps."""


def _ranged(text: str) -> Statistic | None:
    found = _RANGE.fullmatch(text)
    if found is None or not (found["low"] or found["high"]):
        return None
    percent = bool(found["lp"] or found["hp"])
    try:
        low = float(found["low"] or (0 if percent else "-inf"))
        high = float(found["high"] or (100 if percent else "inf"))
    except ValueError:
        return None
    if low >= high or (percent and not 0 <= low < high <= 100):
        return None
    if found["kind"] == "PR" and percent:
        return None
    pick = _by_rank(low / 100, high / 100) if percent else _by_value(low, high)
    return _within(found["kind"], pick)


def _by_rank(low: float, high: float) -> Picker:
    """The samples between two fractions of the sorted count; the edges count in part."""

    def pick(values: tuple[tuple[float, float], ...]) -> tuple[Picked, float, float]:
        ends = list(accumulate(count for _, count in values))
        first, last = low * ends[-1], high * ends[-1]
        kept = [
            (value, min(end, last) - max(end - count, first))
            for (value, count), end in zip(values, ends, strict=True)
            if min(end, last) > max(end - count, first)
        ]
        return kept, percentile(values, low), percentile(values, high)

    return pick


def _by_value(low: float, high: float) -> Picker:
    """The samples above `low` and up to and with `high`."""

    def pick(values: tuple[tuple[float, float], ...]) -> tuple[Picked, float, float]:
        return [(v, c) for v, c in values if low < v <= high], low, high

    return pick


def _within(kind: str, pick: Picker) -> Statistic:
    def statistic(sample: Sample) -> float | None:
        if sample.values is None:
            return None
        kept, low, high = pick(sample.values)
        count, total = sum(c for _, c in kept), sum(v * c for v, c in kept)
        match kind:
            case "TC":
                return count
            case "TS":
                return total
            case "PR":
                return 100 * count / sample.count
            case "WM":
                clipped = (min(max(v, low), high) * c for v, c in sample.values)
                return sum(clipped) / sample.count
            case _:
                return total / count if count else None

    return statistic
