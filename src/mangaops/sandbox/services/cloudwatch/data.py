"""GetMetricData: queries to series, then the page of datapoints that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mangaops.sandbox.capsule_metrics import COMPLETE, Answer, Asked, RecordedMetrics
from mangaops.sandbox.metrics import series_key
from mangaops.sandbox.overlay import Call, Fault
from mangaops.sandbox.services.cloudwatch import expressions
from mangaops.sandbox.services.cloudwatch.expressions import Line
from mangaops.sandbox.services.cloudwatch.periods import samples, span
from mangaops.sandbox.services.cloudwatch.queries import Query, read_queries
from mangaops.sandbox.services.cloudwatch.regions import store_of
from mangaops.sandbox.services.regional import regional
from mangaops.sandbox.world import World

MOST_POINTS = 100_800


def get_metric_data(world: World, call: Call) -> Mapping[str, Any]:
    """Results in the order of the queries, newest point first unless ScanBy says else.

    The points of all results count against MaxDatapoints together. A page ends in the
    middle of a result, which is then PartialData, as are those after it.
    """
    params = call.params
    start, end = params["StartTime"], params["EndTime"]
    if start >= end:
        raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
    queries = read_queries(params["MetricDataQueries"])
    recorded = _recorded(world, call, queries)
    lines = _lines(world, call, queries, recorded)
    newest_first = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results = [
        Result(
            query=query,
            points=_ordered(lines[query.id], newest_first=newest_first),
            status=recorded[query.id].status if query.id in recorded else COMPLETE,
        )
        for query in queries
        if query.returned
    ]
    return _page(results, params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    query: Query
    points: list[tuple[int, float]]
    status: str = COMPLETE


def _recorded(world: World, call: Call, queries: tuple[Query, ...]) -> dict[str, Answer]:
    """What a capsule holds of these queries, by their ids; it goes before the store."""
    start, end = (call.params[name].timestamp() for name in ("StartTime", "EndTime"))
    recorded, now = regional(world, call, RecordedMetrics), world.now().timestamp()
    found: dict[str, Answer] = {}
    for query in queries:
        if (metric := query.metric) is None:
            continue
        series = series_key(metric.namespace, metric.name, metric.dimensions)
        asked = Asked(series=series, stat=metric.stat, period=query.period)
        answer = recorded.answer(asked, start, end, now)
        if answer is not None:
            found[query.id] = answer
    return found


def _lines(
    world: World, call: Call, queries: tuple[Query, ...], recorded: Mapping[str, Answer]
) -> dict[str, Line]:
    """Every query's line: the metrics first, then the expressions over them."""
    start, end = call.params["StartTime"], call.params["EndTime"]
    lines: dict[str, Line] = {}
    store = store_of(world, call)
    for query in queries:
        if query.metric is None:
            continue
        asked, metric = span(start, end, query.period, world.now()), query.metric
        if query.id in recorded:
            known = {int(at): value for at, value in recorded[query.id].points}
            lines[query.id] = Line(points=known, span=asked)
            continue
        with store.lock:
            series = store.series(metric.namespace, metric.name, metric.dimensions)
            told = [(at, metric.statistic(one)) for at, one in samples(series, asked, metric.unit)]
        points = {at: value for at, value in told if value is not None}
        lines[query.id] = Line(points=points, span=asked)
    return expressions.evaluate_all(queries, lines)


def _ordered(line: Line, *, newest_first: bool) -> list[tuple[int, float]]:
    return sorted(line.points.items(), reverse=newest_first)


def _page(results: list[Result], params: Mapping[str, Any]) -> dict[str, Any]:
    size = min(int(params.get("MaxDatapoints", MOST_POINTS)), MOST_POINTS)
    if size < 1:
        raise _invalid("The parameter MaxDatapoints must be at least 1.")
    skipped = _position(params.get("NextToken"))
    total = sum(len(result.points) for result in results)
    first, shown = 0, []
    for result in results:
        last = first + len(result.points)
        done_before = skipped > 0 and last <= skipped
        if not done_before:
            low, high = max(skipped - first, 0), min(skipped + size - first, last - first)
            complete = last <= skipped + size
            shown.append(_shown(result, result.points[low : max(high, low)], complete=complete))
        first = last
    answer: dict[str, Any] = {"MetricDataResults": shown, "Messages": []}
    return {**answer, "NextToken": f"data-{skipped + size}"} if skipped + size < total else answer


def _shown(result: Result, points: list[tuple[int, float]], *, complete: bool) -> dict[str, Any]:
    return {
        "Id": result.query.id,
        "Label": result.query.label,
        "Timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": result.status if complete else "PartialData",
    }


def _position(token: str | None) -> int:
    if token is None:
        return 0
    number = token.removeprefix("data-")
    if not number.isdecimal():
        raise Fault("InvalidNextToken", "The next token specified is invalid.")
    return int(number)


def _invalid(message: str) -> Fault:
    return Fault("ValidationError", message)
