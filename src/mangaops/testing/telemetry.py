"""CloudWatch as a test gives it: telemetry by statistic and minute, in memory.

Buckets are counted from the start of the call, as CloudWatch does. A bucket of several
minutes has the sum of a Sum or SampleCount, the extreme of a Maximum or Minimum, and the
mean of anything else. A statistic that is not given has no datapoint, but SampleCount:
each minute that has a value counts one sample then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import fmean

from mangaops.model.query import MetricQuery
from mangaops.model.telemetry import MetricAnswer, MetricRequest, MetricState
from mangaops.testing.case import GivenSeries
from mangaops.testing.notation import StatisticMinutes

_MINUTE = 60
_DAY = 86400
_COUNT = "SampleCount"
_ADDED = frozenset({"Sum", _COUNT})


class Telemetry:
    """Satisfies `MetricGateway` for one declaration. Series end with the minute before `end`."""

    def __init__(self, query: MetricQuery, series: Sequence[GivenSeries], end: datetime) -> None:
        self._end = int(end.timestamp())
        self._dimensions = [{**query.dimensions, **one.labels} for one in series]
        self._series = {
            tuple(sorted(dimensions.items())): one
            for dimensions, one in zip(self._dimensions, series, strict=True)
        }

    def prepare(self) -> None:
        """There is no client to make."""

    def metrics(
        self, namespace: str, name: str, *, recently: bool = False
    ) -> tuple[Mapping[str, str], ...]:
        """The dimensions of every series that is given."""
        del namespace, name, recently
        return tuple(self._dimensions)

    def metric_data(
        self, requests: Sequence[MetricRequest], start: int, end: int
    ) -> tuple[MetricAnswer, ...]:
        return tuple(self._answer(request, start, end) for request in requests)

    def _answer(self, request: MetricRequest, start: int, end: int) -> MetricAnswer:
        given = self._series.get(request.dimensions)
        buckets: dict[int, list[float]] = {}
        if given is not None:
            for at, value in sorted(self._minutes(given, request.stat).items()):
                if start <= at < end:
                    bucket = at - (at - start) % request.period
                    buckets.setdefault(bucket, []).append(value)
        points = tuple((float(at), _together(request.stat, held)) for at, held in buckets.items())
        return MetricAnswer(state=MetricState.COMPLETE, points=points)

    def _minutes(self, given: GivenSeries, stat: str) -> dict[int, float]:
        """Every minute that has a value, by its start; newer days over older ones."""
        found: dict[int, float] = {}
        for day, statistics in reversed(list(enumerate((given.statistics, *given.earlier)))):
            values = _values(statistics, stat)
            first = self._end - day * _DAY - len(values) * _MINUTE
            for n, value in enumerate(values):
                if value is not None:
                    found[first + n * _MINUTE] = value
        return found


def _values(statistics: StatisticMinutes, stat: str) -> tuple[float | None, ...]:
    if stat in statistics or stat != _COUNT:
        return statistics.get(stat, ())
    longest = max((len(values) for values in statistics.values()), default=0)
    seen = [False] * longest
    for values in statistics.values():
        for n, value in enumerate(values, start=longest - len(values)):
            seen[n] = seen[n] or value is not None
    return tuple(1.0 if one else None for one in seen)


def _together(stat: str, values: Sequence[float]) -> float:
    if stat in _ADDED:
        return sum(values)
    if stat == "Maximum":
        return max(values)
    return min(values) if stat == "Minimum" else fmean(values)
