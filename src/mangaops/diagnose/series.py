"""Points of a series within a sub-window, and whether they are enough to decide on.

Three rules stand between a series and a number:

Freshness. The newest data must have ended less than FRESH seconds, or one period,
before the window did. What is older says nothing about now. A sparse series (a count
that is only published when there is something to count) is always fresh.

Coverage. Of the points expected between the start of the sub-window and the newest
point, fewer than ENOUGH make the answer unknown; fewer than COMPLETE decide, but the
check carries gaps and the verdict is at most likely. The gap behind the newest point
is a matter of freshness, not of coverage.

Zero. In a sparse series that has any point at all, an absent minute counts 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from mangaops.diagnose import figures
from mangaops.model.evidence import Series

FRESH = 300.0
"""Seconds: CloudWatch metrics arrive within two to three minutes, five is late."""
ENOUGH = 0.5
"""Below half of its minutes a sub-window says little about the whole."""
COMPLETE = 0.9
"""One lost minute in ten is normal and changes no aggregate much."""
_MINUTE = 60.0
_ROUNDING = 1e-9

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The points of a sub-window that may be decided on. `minutes` is what they cover."""

    points: tuple[Point, ...]
    minutes: float
    gaps: bool = False
    sparse: bool = False

    @property
    def values(self) -> list[float]:
        return [value for _, value in self.points]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The earlier days of a series. `days` is how many were asked for."""

    series: Series
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """Why a series cannot be decided on, in a few words."""

    why: str


def stretch(series: Series | Baseline, window: float | None) -> Stretch | Unusable:
    """The points of the newest `window` seconds, or all of them."""
    if isinstance(series, Baseline):
        return _of_days(series, window)
    stale = staleness(series)
    if stale is not None:
        return stale
    return _covered(series, window)


def staleness(series: Series) -> Unusable | None:
    """None for a series whose newest data is from now, or that is sparse and has any."""
    newest = newest_of(series)
    if newest is None:
        return Unusable(why="no datapoint")
    age = series.end - newest
    if series.sparse or age < max(FRESH, _granularity(series)):
        return None
    return Unusable(why=f"its newest data is {round(age / _MINUTE)} min old")


def newest_of(series: Series) -> float | None:
    """The end of the newest data, in epoch seconds."""
    if not series.points:
        return None
    ended = min(series.points[-1][0] + series.period, series.end)
    return ended if series.newest is None else series.newest


def _granularity(series: Series) -> float:
    """A pooled series has one point for its whole length, dated by the minute."""
    pooled = series.period >= series.end - series.start
    return _MINUTE if pooled else series.period


def _covered(series: Series, window: float | None) -> Stretch | Unusable:
    start = series.start if window is None else series.end - window
    found = uncovered(series, window)
    if isinstance(found, Unusable):
        return found
    points = found.points
    if series.sparse:
        minutes = (series.end - start) / _MINUTE
        return Stretch(points=points, minutes=minutes, sparse=True)
    newest = newest_of(series) or start
    expected = max(1, math.floor((newest - start) / series.period + _ROUNDING))
    if not points:
        return Unusable(why=f"no datapoint in {_said(series.end - start)}")
    if len(points) / expected < ENOUGH:
        why = f"{len(points)} of {expected} datapoints in {_said(series.end - start)}"
        return Unusable(why=why)
    return Stretch(
        points=points,
        minutes=len(points) * series.period / _MINUTE,
        gaps=len(points) / expected < COMPLETE,
    )


def uncovered(series: Series, window: float | None) -> Stretch | Unusable:
    """All points of the sub-window, however few."""
    start = series.start if window is None else series.end - window
    points = tuple(point for point in series.points if start <= point[0] < series.end)
    if not all(math.isfinite(value) for _, value in points):
        return Unusable(why="a datapoint is not a number")
    return Stretch(points=points, minutes=0.0, sparse=series.sparse)


def _of_days(baseline: Baseline, window: float | None) -> Stretch | Unusable:
    """Earlier days are over: they cannot be stale, but whole days can be lacking."""
    found = [_of_day(day, window) for day in baseline.series.earlier]
    usable = [day for day in found if isinstance(day, Stretch)]
    if not usable:
        return Unusable(why="no earlier day has data")
    points = sorted(point for day in usable for point in day.points)
    return Stretch(
        points=tuple(points),
        minutes=sum(day.minutes for day in usable),
        gaps=len(usable) < baseline.days or any(day.gaps for day in usable),
        sparse=baseline.series.sparse,
    )


def _of_day(day: Series, window: float | None) -> Stretch | Unusable:
    if not day.points:
        return Unusable(why="no datapoint")
    return _covered(replace(day, newest=day.end), window)


def _said(seconds: float) -> str:
    return f"{seconds / _MINUTE:g} min"


def until(series: Series, at: float) -> Series | Unusable:
    """The part of a series that had ended by `at`."""
    points = tuple(p for p in series.points if p[0] + series.period <= at + _ROUNDING)
    if not points:
        return Unusable(why="no datapoint before that time")
    end = min(at, series.end)
    newest = min(points[-1][0] + series.period, end)
    return replace(series, points=points, end=end, newest=newest, earlier=())


SETTLING = 3
"""Periods at a window's start: a run that begins within them may be older than the window."""


def onset(series: Series, limit: float) -> float | Unusable:
    """When the values rose above `limit` for good: the start of the last run above it.

    Unknown when the newest value is not above it, and when the run is as old as the
    window: it then began at some time before. A metric whose first datapoint lies within
    the window and is above already began with it.
    """
    began: float | None = None
    for start, value in reversed(series.points):
        if not value > limit:
            break
        began = start
    else:
        if began is None or began < series.start + SETTLING * series.period:
            return Unusable(why="it began before the window")
    return Unusable(why="it is not above the limit now") if began is None else began


def latest(series: Series | Baseline, found: Stretch) -> float | Unusable:
    """The newest point's value; of a sparse series only if it is fresh itself."""
    if not found.points:
        return Unusable(why="no datapoint")
    start, value = found.points[-1]
    if isinstance(series, Series) and series.sparse:
        age = series.end - min(start + series.period, series.end)
        if age >= max(FRESH, _granularity(series)):
            return Unusable(why=f"its newest data is {round(age / _MINUTE)} min old")
    return value


def _rate(found: Stretch) -> float | None:
    return math.fsum(found.values) / found.minutes if found.minutes > 0 else None


def _or_zero(function: Callable[[list[float]], float | None]) -> Callable[[Stretch], float | None]:
    """Of a sparse series without a point in the sub-window, each aggregate is 0."""

    def aggregate(found: Stretch) -> float | None:
        return 0.0 if found.sparse and not found.points else function(found.values)

    return aggregate


AGGREGATES: dict[str, Callable[[Stretch], float | None]] = {
    "min": _or_zero(min),
    "max": _or_zero(max),
    "avg": _or_zero(figures.mean),
    "sum": _or_zero(math.fsum),
    "count": lambda found: len(found.points),
    "slope": lambda found: figures.slope(found.points),
    "rate": _rate,
}
"""What each function makes of a stretch; None where the points are too few."""
