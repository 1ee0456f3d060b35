"""GetMetricStatistics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mangaops.sandbox.metrics import Series
from mangaops.sandbox.overlay import Call, Fault
from mangaops.sandbox.services.cloudwatch.periods import Span, is_period, samples, span
from mangaops.sandbox.services.cloudwatch.regions import store_of
from mangaops.sandbox.services.cloudwatch.statistics import SIMPLE, Sample, is_percentile, parse
from mangaops.sandbox.world import World

MOST_POINTS = 1440


def get_metric_statistics(world: World, call: Call) -> Mapping[str, Any]:
    """Datapoints of one metric, oldest first (AWS promises no order)."""
    params = call.params
    asked = _check(params)
    wanted = span(params["StartTime"], params["EndTime"], int(params["Period"]), world.now())
    if len(wanted.starts()) > MOST_POINTS:
        raise Fault(
            "InvalidParameterCombination",
            f"You have requested up to {len(wanted.starts()):,} datapoints, which exceeds the "
            f"limit of {MOST_POINTS:,}. You may reduce the datapoints requested by increasing "
            "Period, or decreasing the time range.",
        )
    dimensions = {one["Name"]: one["Value"] for one in params.get("Dimensions", ())}
    store = store_of(world, call)
    with store.lock:
        series = store.series(params["Namespace"], params["MetricName"], dimensions)
        units = [params["Unit"]] if "Unit" in params else _units(series, wanted)
        points = [
            _point(start, unit, sample, asked)
            for unit in units
            for start, sample in samples(series, wanted, unit)
        ]
    told = [point for point in points if len(point) > 2]
    return {"Label": params["MetricName"], "Datapoints": told}


def _check(params: Mapping[str, Any]) -> tuple[str, ...]:
    simple, extended = params.get("Statistics", ()), params.get("ExtendedStatistics", ())
    if not simple and not extended:
        raise Fault(
            "InvalidParameterCombination",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        )
    for name in simple:
        if name not in SIMPLE:
            raise _invalid(f"The value {name} for parameter Statistics.member.1 is invalid.")
    for name in extended:
        if not is_percentile(name):
            raise _invalid(f"The value {name} for parameter ExtendedStatistics is invalid.")
    if params["StartTime"] >= params["EndTime"]:
        raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
    if not is_period(int(params["Period"])):
        raise _invalid("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
    return (*simple, *extended)


def _units(series: Series | None, wanted: Span) -> list[str]:
    if series is None:
        return []
    inside = (series.points[at] for at in series.times if wanted.start <= at < wanted.end)
    return sorted({unit for units in inside for unit in units})


def _point(start: int, unit: str, sample: Sample, asked: tuple[str, ...]) -> dict[str, Any]:
    point: dict[str, Any] = {"Timestamp": datetime.fromtimestamp(start, UTC), "Unit": unit}
    extended: dict[str, float] = {}
    for name in asked:
        statistic = parse(name)
        value = None if statistic is None else statistic(sample)
        if value is not None:
            (point if name in SIMPLE else extended)[name] = value
    return {**point, "ExtendedStatistics": extended} if extended else point


def _invalid(message: str) -> Fault:
    return Fault("InvalidParameterValue", message)
