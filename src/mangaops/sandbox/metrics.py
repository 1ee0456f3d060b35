"""Every datapoint of the sandbox, raw: what PutMetricData sent is what percentiles see.

A series is a namespace, a name and an exact set of dimensions. A point is one second
or minute of it, per unit: raw values with their counts, and beside them what came as
statistic sets, from which no percentile can be had.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Dimensions = tuple[tuple[str, str], ...]
"""Name and value pairs, sorted: the identity of a series within its metric."""

MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesKey:
    namespace: str
    name: str
    dimensions: Dimensions


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticSet:
    """A summary in place of values; with one sample or Minimum = Maximum it hides nothing."""

    sample_count: float
    total: float
    minimum: float
    maximum: float

    @property
    def is_transparent(self) -> bool:
        return self.sample_count == 1 or self.minimum == self.maximum


@dataclass(slots=True)
class Point:
    """What one series holds for one instant and unit."""

    values: array[float] = field(default_factory=lambda: array("d"))
    counts: array[float] = field(default_factory=lambda: array("d"))
    sets: list[StatisticSet] = field(default_factory=list)


@dataclass(slots=True)
class Series:
    """The points of one series by unit and epoch second, with the seconds in order."""

    key: SeriesKey
    high_resolution: bool = False
    times: list[int] = field(default_factory=list)
    points: dict[int, dict[str, Point]] = field(default_factory=dict)

    def point(self, second: int, unit: str) -> Point:
        """The point to add to; made when it is new."""
        units = self.points.get(second)
        if units is None:
            units = self.points[second] = {}
            if not self.times or second > self.times[-1]:
                self.times.append(second)
            else:
                insort(self.times, second)
        return units.setdefault(unit, Point())

    def forget_empty(self, second: int, unit: str) -> None:
        """Drop a point that holds nothing: no datapoint is not a datapoint of nothing."""
        point = self.points[second][unit]
        if point.values or point.sets:
            return
        del self.points[second][unit]
        if not self.points[second]:
            del self.points[second]
            self.times.remove(second)

    def between(self, start: float, end: float, unit: str | None) -> Iterator[tuple[int, Point]]:
        """Points with start <= time < end, in order; `unit` None means all units."""
        first = bisect_left(self.times, start)
        for index in range(first, len(self.times)):
            second = self.times[index]
            if second >= end:
                return
            for name, point in self.points[second].items():
                if unit is None or unit == name:
                    yield second, point


class MetricStore:
    """All series of one account and region; safe to use from several threads.

    `lock` is held by every method; readers of a `Series` hold it themselves.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._series: dict[SeriesKey, Series] = {}

    def put(  # noqa: PLR0913 - the identity, the instant and the values of a datapoint
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        timestamp: float,
        values: Sequence[float],
        counts: Sequence[float] | None = None,
        *,
        unit: str = "None",
        resolution: int = MINUTE,
    ) -> None:
        """Add raw values at an epoch second, as PutMetricData with Values and Counts does.

        `timestamp` is rounded down to `resolution` (1 or 60 seconds).
        """
        with self.lock:
            point = self._point(namespace, name, dimensions, timestamp, unit, resolution)
            point.values.extend(values)
            point.counts.extend(counts if counts is not None else [1.0] * len(values))

    def take_out(self, key: SeriesKey, second: int, values: Sequence[float], unit: str) -> None:
        """Remove raw values that were put with a count of one; others at that second stay."""
        with self.lock:
            series = self._series.get(key)
            point = None if series is None else series.points.get(second, {}).get(unit)
            if series is None or point is None:
                return
            left = Counter(values)
            kept = []
            for value, count in zip(point.values, point.counts, strict=True):
                if count == 1 and left[value]:
                    left[value] -= 1
                else:
                    kept.append((value, count))
            point.values = array("d", [value for value, _ in kept])
            point.counts = array("d", [count for _, count in kept])
            series.forget_empty(second, unit)

    def put_set(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        timestamp: float,
        statistics: StatisticSet,
        *,
        unit: str = "None",
        resolution: int = MINUTE,
    ) -> None:
        """Add a statistic set at an epoch second."""
        with self.lock:
            point = self._point(namespace, name, dimensions, timestamp, unit, resolution)
            point.sets.append(statistics)

    def series(self, namespace: str, name: str, dimensions: Mapping[str, str]) -> Series | None:
        """The series with exactly these dimensions, or None."""
        return self._series.get(series_key(namespace, name, dimensions))

    def newest(self) -> list[tuple[SeriesKey, int]]:
        """Every series with its newest second, by namespace, name and dimensions."""
        with self.lock:
            found = [(key, one.times[-1]) for key, one in self._series.items() if one.times]
        return sorted(found, key=lambda pair: _order(pair[0]))

    def drop(self, namespace: str, name: str, dimensions: Mapping[str, str] | None = None) -> None:
        """Forget one series, or with `dimensions` None every series of the metric."""
        with self.lock:
            wanted = None if dimensions is None else tuple(sorted(dimensions.items()))
            for key in list(self._series):
                same = key.namespace == namespace and key.name == name
                if same and wanted in (None, key.dimensions):
                    del self._series[key]

    def _point(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        timestamp: float,
        unit: str,
        resolution: int,
    ) -> Point:
        key = series_key(namespace, name, dimensions)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = Series(key)
        if resolution < MINUTE:
            series.high_resolution = True
        second = int(timestamp // resolution) * resolution
        return series.point(second, unit)


def series_key(namespace: str, name: str, dimensions: Mapping[str, str]) -> SeriesKey:
    pairs = tuple(sorted(dimensions.items()))
    return SeriesKey(namespace=namespace, name=name, dimensions=pairs)


def _order(key: SeriesKey) -> tuple[str, str, Dimensions]:
    return key.namespace, key.name, key.dimensions
