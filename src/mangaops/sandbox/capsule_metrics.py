"""Metrics of a capsule: each statistic answers what was recorded, and nothing else is known.

A recorded percentile cannot be made of raw values again, so these answers stand beside the
metric store and go before it. Times move with the clock: the recorded window always ends
with the newest complete minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mangaops.evidence.sources.metric_plan import wildcards
from mangaops.model.evidence import Evidence, EvidenceState, Series, SeriesGroup
from mangaops.model.query import MetricQuery
from mangaops.model.time import Window
from mangaops.sandbox.metrics import SeriesKey, series_key
from mangaops.sandbox.world import World

COMPLETE, FORBIDDEN, FAILED = "Complete", "Forbidden", "InternalError"
UNNAMED = "recorded-member"
"""The member of a group whose members were not recorded, since it could not be read."""
_MINUTE, _DAY = 60, 86400
_COUNT = "SampleCount"
_NEAR = 120
"""A request whose range ends this many seconds from now asks about the present."""
_TOGETHER: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    _COUNT: sum,
    "Maximum": max,
    "Minimum": min,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One statistic of one series in buckets of `period` seconds."""

    series: SeriesKey
    stat: str
    period: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`points` are (seconds from the end of the window, value); on a request (epoch, value)."""

    points: tuple[tuple[float, float], ...] = ()
    status: str = COMPLETE


class RecordedMetrics:
    """All recorded statistics of a world; empty unless it holds a capsule."""

    def __init__(self, _world: World) -> None:
        self._answers: dict[Asked, Answer] = {}

    def keep(self, asked: Asked, answer: Answer) -> None:
        """The first record of a statistic holds."""
        self._answers.setdefault(asked, answer)

    def names(self) -> list[SeriesKey]:
        return list(dict.fromkeys(asked.series for asked in self._answers))

    def answer(self, asked: Asked, start: float, end: float, now: float) -> Answer | None:
        """What lies in [start, end); None where this statistic was not recorded."""
        found = self._answers.get(asked) or self._together(asked)
        if found is None:
            return None
        anchor = _anchor(end, now)
        points = ((anchor + offset, value) for offset, value in found.points)
        inside = tuple(point for point in points if start <= point[0] < end)
        return Answer(points=inside, status=found.status)

    def _together(self, asked: Asked) -> Answer | None:
        """Longer buckets of what can be added up; of a mean or percentile nobody knows."""
        together = _TOGETHER.get(asked.stat)
        by_minute = self._answers.get(Asked(series=asked.series, stat=asked.stat, period=_MINUTE))
        if together is None or by_minute is None:
            return None
        buckets: dict[float, list[float]] = {}
        for offset, value in by_minute.points:
            buckets.setdefault(offset // asked.period * asked.period, []).append(value)
        points = tuple((offset, float(together(held))) for offset, held in sorted(buckets.items()))
        return Answer(points=points, status=by_minute.status)


def _anchor(end: float, now: float) -> float:
    """The present that a request means: its own end, or days after it, if that is now; so a
    request that was written before the minute turned is answered as it was meant.
    """
    candidate = end + round((now - end) / _DAY) * _DAY
    return candidate if 0 <= now - candidate <= _NEAR else now // _MINUTE * _MINUTE


def keep_metric(world: World, query: MetricQuery, item: Evidence, window: Window) -> None:
    """Put what was recorded of one declaration into the world. No data is nothing to put."""
    metrics = world.state(RecordedMetrics)
    for asked, answer in _answers(query, item, window):
        metrics.keep(asked, answer)


def _answers(query: MetricQuery, item: Evidence, window: Window) -> Iterator[tuple[Asked, Answer]]:
    match item.value:
        case Series():
            yield from _of_series(query, item.value, window)
        case SeriesGroup():
            for one in item.value.series:
                yield from _of_series(query, one, window)
        case _:
            yield from _of_state(query, item, window)


def _of_series(query: MetricQuery, held: Series, window: Window) -> Iterator[tuple[Asked, Answer]]:
    end = window.end.timestamp()
    key = series_key(query.namespace, query.name, {**query.dimensions, **held.labels})
    points = [*held.points, *(point for day in held.earlier for point in day.points)]
    offsets = tuple(sorted((at - end, value) for at, value in points))
    period = int(held.period)
    yield Asked(series=key, stat=query.stat, period=period), Answer(points=offsets)
    if query.pool is not None and held.newest is not None:
        count = held.samples if held.samples is not None else 1.0
        counted = ((held.newest - _MINUTE - end, count),)
        yield Asked(series=key, stat=_COUNT, period=_MINUTE), Answer(points=counted)


def _of_state(query: MetricQuery, item: Evidence, window: Window) -> Iterator[tuple[Asked, Answer]]:
    """What could not be read fails again; what was stale ended that long ago."""
    named = dict.fromkeys(wildcards(query), UNNAMED)
    key = series_key(query.namespace, query.name, {**query.dimensions, **named})
    length = query.pool or query.period
    period = max(_MINUTE, round(length / timedelta(minutes=1)) * _MINUTE)
    asked = Asked(series=key, stat=query.stat, period=period)
    match item.state:
        case EvidenceState.DENIED:
            yield asked, Answer(status=FORBIDDEN)
        case EvidenceState.FAILED | EvidenceState.TIMEOUT:
            yield asked, Answer(status=FAILED)
        case EvidenceState.STALE if item.newest is not None:
            behind = item.newest.timestamp() - window.end.timestamp()
            bucket = -float(period) if query.pool else behind - period
            yield asked, Answer(points=((bucket, _latest(item.summary)),))
            if query.pool:
                counted = Answer(points=((behind - _MINUTE, 1.0),))
                yield Asked(series=key, stat=_COUNT, period=_MINUTE), counted
        case _:
            return


def _latest(summary: Mapping[str, object]) -> float:
    """The newest value where it was told; that it is old decides, and not what it is."""
    found = summary.get("latest")
    return float(found) if isinstance(found, int | float) else 0.0
