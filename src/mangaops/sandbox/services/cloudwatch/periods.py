"""Cutting a series into periods: where they start, and which points each holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from mangaops.sandbox.metrics import MINUTE, Point, Series
from mangaops.sandbox.services.cloudwatch.statistics import Sample, pool

HIGH_RESOLUTION = (1, 5, 10, 20, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `start`, rounded, up to and without `end`, in epoch seconds."""

    start: int
    end: float
    period: int

    def starts(self) -> range:
        """The start of every period of the span."""
        return range(self.start, int(-(-self.end // 1)), self.period)


def is_period(period: int) -> bool:
    return period in HIGH_RESOLUTION or (period >= MINUTE and period % MINUTE == 0)


def span(start: datetime, end: datetime, period: int, now: datetime) -> Span:
    """The span of a request; StartTime is rounded down by its age."""
    age = now - start
    unit = min(period, MINUTE)
    if age > timedelta(days=63):
        unit = 3600
    elif age > timedelta(days=15):
        unit = 300
    first = int(start.timestamp() // unit) * unit
    return Span(start=first, end=end.timestamp(), period=period)


def samples(series: Series | None, span: Span, unit: str | None) -> Iterator[tuple[int, Sample]]:
    """The start and the pooled sample of every period that has any, oldest first."""
    if series is None or (span.period < MINUTE and not series.high_resolution):
        return

    def start_of(item: tuple[int, Point]) -> int:
        return item[0] - (item[0] - span.start) % span.period

    points = series.between(span.start, span.end, unit)
    for start, group in groupby(points, key=start_of):
        sample = pool(map(itemgetter(1), group))
        if sample is not None:
            yield start, sample
