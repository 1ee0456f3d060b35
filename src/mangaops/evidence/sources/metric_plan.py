"""What a metric declaration asks of CloudWatch: its members and their ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mangaops.evidence.source import query_of
from mangaops.evidence.sources.metric_ranges import Want, period_kept
from mangaops.model.query import MetricQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.telemetry import MetricRequest
from mangaops.model.time import Window

ANY = "*"
DAY = 86400
MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One series to read. `counted` are its sample counts by minute, when it is pooled;
    `earlier` are the same hours of earlier days, newest first.
    """

    labels: Mapping[str, str]
    main: Want
    counted: Want | None = None
    earlier: tuple[Want, ...] = ()

    @property
    def wants(self) -> Iterator[Want]:
        yield self.main
        if self.counted:
            yield self.counted
        yield from self.earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One declaration with all its series."""

    declaration: EvidenceDeclaration
    query: MetricQuery
    by: tuple[str, ...]
    members: tuple[Member, ...]

    @property
    def wants(self) -> frozenset[Want]:
        return frozenset(want for member in self.members for want in member.wants)


def wildcards(query: MetricQuery) -> tuple[str, ...]:
    """The dimensions whose every value is asked for."""
    return tuple(sorted(name for name, value in query.dimensions.items() if value == ANY))


def matching(query: MetricQuery, listed: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Of the listed metrics those with exactly the declared dimensions, sorted by value."""
    found = [
        dimensions
        for dimensions in listed
        if dimensions.keys() == query.dimensions.keys()
        and all(value in (ANY, dimensions[name]) for name, value in query.dimensions.items())
    ]
    return sorted(found, key=lambda dimensions: sorted(dimensions.items()))


def plan(
    declaration: EvidenceDeclaration,
    window: Window,
    now: datetime,
    listed: Sequence[Mapping[str, str]] | None = None,
) -> Plan:
    """The series of a declaration; `listed` is ListMetrics' answer where there is a `*`."""
    query = query_of(declaration, MetricQuery)
    by = wildcards(query)
    found = [query.dimensions] if listed is None else matching(query, listed)
    main = _main(query, window, now)
    return Plan(
        declaration=declaration,
        query=query,
        by=by,
        members=tuple(_member(query, by, dimensions, main, now) for dimensions in found),
    )


def _main(query: MetricQuery, window: Window, now: datetime) -> Want:
    """The range of the declaration, ending at the window's end, for any dimensions."""
    length = _seconds(query.pool or query.window or window.length)
    end = int(window.end.timestamp())
    wanted = length if query.pool else _seconds(query.period)
    period = period_kept(wanted, now.timestamp() - (end - length))
    if period > wanted:
        end -= end % period  # what is kept of old data lies on whole hours or five minutes
    request = MetricRequest(
        namespace=query.namespace, name=query.name, dimensions=(), stat=query.stat, period=period
    )
    return Want(request, end - -(-length // period) * period, end)


def _member(
    query: MetricQuery,
    by: Sequence[str],
    dimensions: Mapping[str, str],
    shape: Want,
    now: datetime,
) -> Member:
    request = replace(shape.request, dimensions=tuple(sorted(dimensions.items())))
    main = replace(shape, request=request)
    days = query.baseline.days if query.baseline else 0
    return Member(
        labels={name: dimensions[name] for name in by},
        main=main,
        counted=_counted(main, now) if query.pool else None,
        earlier=tuple(
            replace(main, start=main.start - n * DAY, end=main.end - n * DAY)
            for n in range(1, days + 1)
        ),
    )


def _counted(main: Want, now: datetime) -> Want:
    """How many samples there were in each minute of a pooled stretch, and so how new they are."""
    period = period_kept(MINUTE, now.timestamp() - main.start)
    return replace(main, request=replace(main.request, stat="SampleCount", period=period))


def _seconds(length: timedelta) -> int:
    """In whole minutes, at least one."""
    return max(1, round(length.total_seconds() / MINUTE)) * MINUTE
