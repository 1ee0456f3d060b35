"""CloudWatch's answers into evidence: series, their figures, and how good they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from mangaops.errors import MangaopsError
from mangaops.evidence.source import found, missing, not_read
from mangaops.evidence.sources.metric_plan import MINUTE, Member, Plan
from mangaops.evidence.sources.metric_ranges import Want
from mangaops.model.evidence import JSON, Evidence, EvidenceState, Series, SeriesGroup
from mangaops.model.telemetry import MetricAnswer, MetricState
from mangaops.model.time import iso

FRESH = 300
"""Data that ended this many seconds before the window did, or one period, is stale."""
MEMBERS_SHOWN = 20

Answers = Mapping[Want, MetricAnswer | MangaopsError]


def evidence(plan: Plan, answers: Answers) -> Evidence:
    """What the answers say; `answers` has one for each want of the plan."""
    for member in plan.members:
        bad = _not_answered(plan, answers, member)
        if bad is not None:
            return bad
    series = tuple(_series(plan, answers, member) for member in plan.members)
    newest = max((s.newest for s in series if s.newest is not None), default=None)
    if newest is None:
        return nothing(plan)
    at = datetime.fromtimestamp(newest, UTC)
    if not any(_fresh(plan, s) for s in series):
        return missing(
            plan.declaration,
            EvidenceState.STALE,
            _stale_detail(plan, series[0].end, newest),
            query=asked(plan),
            summary=_summary(plan, series),
            newest=at,
        )
    return found(
        plan.declaration,
        SeriesGroup(by=plan.by, series=series) if plan.by else series[0],
        query=asked(plan),
        summary=_summary(plan, series),
        newest=at,
    )


def nothing(plan: Plan, listed: bool | None = None) -> Evidence:
    """No datapoint at all; `listed` says whether ListMetrics knows the metric."""
    query = plan.query
    detail = f"no datapoint of {_named(plan)} in the window"
    if not plan.members:
        detail = f"no metric {_named(plan)} is listed; a new one takes up to 15 min to be"
    elif listed:
        detail += "; the metric exists, nothing was published"
    elif listed is False:
        detail += "; the metric is not listed either: check its name, dimensions and the region"
    elif query.sparse:
        detail += "; it is published only when there is something to count"
    return missing(plan.declaration, EvidenceState.NO_DATA, detail, query=asked(plan))


def asked(plan: Plan) -> dict[str, JSON]:
    """The query as CloudWatch got it."""
    query = plan.query
    told: dict[str, JSON] = {
        "namespace": query.namespace,
        "metric": query.name,
        "dimensions": dict(query.dimensions),
        "stat": query.stat,
    }
    if plan.members:
        main = plan.members[0].main
        told["period"] = main.request.period
        told["start"] = iso(datetime.fromtimestamp(main.start, UTC))
        told["end"] = iso(datetime.fromtimestamp(main.end, UTC))
    if query.baseline:
        told["baseline_days"] = query.baseline.days
    return told


def _not_answered(plan: Plan, answers: Answers, member: Member) -> Evidence | None:
    """A member that CloudWatch did not finish makes the whole a failure: its absence from
    a group could turn `all of them` into a wrong yes. Earlier days may lack.
    """
    answer = answers[member.main]
    if isinstance(answer, MangaopsError):
        return not_read(plan.declaration, answer)
    if answer.state is MetricState.COMPLETE:
        return None
    told = "; ".join(answer.messages)
    name = _named(plan)
    if answer.state is MetricState.FORBIDDEN:
        state, detail = EvidenceState.DENIED, f"{name} may not be read"
    else:
        state, detail = (
            EvidenceState.FAILED,
            f"CloudWatch answered {answer.state} for {name}, twice",
        )
    detail += f": {told}" if told else ""
    return missing(plan.declaration, state, detail, query=asked(plan))


def _series(plan: Plan, answers: Answers, member: Member) -> Series:
    main = member.main
    points = _points(answers, main) or ()
    newest = min(points[-1][0] + main.request.period, main.end) if points else None
    samples = None
    if member.counted and points:
        counts = [point for point in _points(answers, member.counted) or () if point[1] > 0]
        if counts:
            newest = min(counts[-1][0] + member.counted.request.period, main.end)
            samples = sum(count for _, count in counts)
    return Series(
        labels=member.labels,
        start=main.start,
        end=main.end,
        period=main.request.period,
        points=points,
        newest=newest,
        samples=samples,
        sparse=plan.query.sparse,
        earlier=tuple(
            day for want in member.earlier if (day := _day(plan, answers, want)) is not None
        ),
    )


def _day(plan: Plan, answers: Answers, want: Want) -> Series | None:
    """The same hours of an earlier day; None if they could not be read."""
    points = _points(answers, want)
    if points is None:
        return None
    return Series(
        start=want.start,
        end=want.end,
        period=want.request.period,
        points=points,
        newest=points[-1][0] + want.request.period if points else None,
        sparse=plan.query.sparse,
    )


def _points(answers: Answers, want: Want) -> tuple[tuple[float, float], ...] | None:
    """The datapoints within the want, which its call may exceed; None if not read."""
    answer = answers[want]
    if isinstance(answer, MangaopsError) or answer.state is not MetricState.COMPLETE:
        return None
    return tuple(point for point in answer.points if want.start <= point[0] < want.end)


def _fresh(plan: Plan, series: Series) -> bool:
    if series.newest is None:
        return False
    period = MINUTE if plan.query.pool else series.period
    return series.sparse or series.end - series.newest < max(FRESH, period)


def _stale_detail(plan: Plan, end: float, newest: float) -> str:
    minutes = round((end - newest) / MINUTE)
    at = iso(datetime.fromtimestamp(newest, UTC))
    return f"the newest data of {_named(plan)} ended {minutes} min before the window did, at {at}"


def _summary(plan: Plan, series: tuple[Series, ...]) -> dict[str, JSON]:
    if not plan.by:
        return _figures(series[0])
    members: dict[str, JSON] = {
        ", ".join(f"{k}={v}" for k, v in s.labels.items()): _figures(s)
        for s in series[:MEMBERS_SHOWN]
    }
    return {"series": len(series), "members": members}


def _figures(series: Series) -> dict[str, JSON]:
    values = [value for _, value in series.points]
    told: dict[str, JSON] = {"points": len(values)}
    if values:
        told |= {"latest": values[-1], "min": min(values), "max": max(values)}
    if series.samples is not None:
        told["n"] = int(series.samples)
    if series.earlier:
        told["earlier_days"] = sum(1 for day in series.earlier if day.points)
    return told


def _named(plan: Plan) -> str:
    """`MangaAssist/Streaming first_token_latency_ms p95 {Intent=*}`."""
    query = plan.query
    dimensions = ", ".join(f"{k}={v}" for k, v in sorted(query.dimensions.items()))
    parts = (query.namespace, query.name, query.stat, f"{{{dimensions}}}" if dimensions else "")
    return " ".join(part for part in parts if part)
