"""PutMetricData."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mangaops.sandbox.metrics import MetricStore, StatisticSet
from mangaops.sandbox.overlay import Call, Fault
from mangaops.sandbox.services.cloudwatch.regions import store_of
from mangaops.sandbox.world import World

MOST_METRICS = 1000
MOST_VALUES = 150
MOST_DIMENSIONS = 30
OLDEST = timedelta(weeks=2)
FUTURE = timedelta(hours=2)
UNITS = frozenset(
    ["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"]
    + [
        f"{scale}{thing}{rate}"
        for scale, thing in (
            (scale, thing)
            for thing in ("bytes", "bits")
            for scale in ("", "Kilo", "Mega", "Giga", "Tera")
        )
        for rate in ("", "/Second")
    ]
)


def put_metric_data(world: World, call: Call) -> Mapping[str, Any]:
    """Nothing is kept of a request of which any part is refused."""
    namespace = call.params["Namespace"]
    data = [*call.params.get("MetricData", ())]
    for entity in call.params.get("EntityMetricData", ()):
        data += entity.get("MetricData", ())
    if not data:
        raise Fault("MissingParameter", "The parameter MetricData is required.")
    if len(data) > MOST_METRICS:
        raise _invalid(
            f"The collection MetricData must not have a size greater than {MOST_METRICS}."
        )
    now = world.now()
    for number, datum in enumerate(data, start=1):
        _check(datum, f"MetricData.member.{number}", now)
    store = store_of(world, call)
    for datum in data:
        _keep(store, namespace, datum, now)
    return {}


def _keep(store: MetricStore, namespace: str, datum: Mapping[str, Any], now: datetime) -> None:
    dimensions = {one["Name"]: one["Value"] for one in datum.get("Dimensions", ())}
    at = datum.get("Timestamp", now).timestamp()
    options = {
        "unit": datum.get("Unit", "None"),
        "resolution": int(datum.get("StorageResolution", 60)),
    }
    name = datum["MetricName"]
    given = datum.get("StatisticValues")
    if given is not None:
        statistics = StatisticSet(
            sample_count=given["SampleCount"],
            total=given["Sum"],
            minimum=given["Minimum"],
            maximum=given["Maximum"],
        )
        store.put_set(namespace, name, dimensions, at, statistics, **options)
        return
    values = [datum["Value"]] if "Value" in datum else datum["Values"]
    store.put(namespace, name, dimensions, at, values, datum.get("Counts"), **options)


def _check(datum: Mapping[str, Any], where: str, now: datetime) -> None:
    if not datum.get("MetricName"):
        raise Fault("MissingParameter", f"The parameter {where}.MetricName is required.")
    _check_values(datum, where)
    _check_dimensions(datum.get("Dimensions", ()), where)
    at = datum.get("Timestamp", now)
    if at < now - OLDEST:
        raise _invalid(
            f"The parameter {where}.Timestamp must specify a time no more than "
            "two weeks in the past."
        )
    if at > now + FUTURE:
        raise _invalid(
            f"The parameter {where}.Timestamp must specify a time no more than "
            "two hours in the future."
        )
    if datum.get("Unit", "None").lower() not in {unit.lower() for unit in UNITS}:
        raise _invalid(f"The value {datum['Unit']} for parameter {where}.Unit is invalid.")
    if datum.get("StorageResolution", 60) not in (1, 60):
        raise _invalid(f"The value for parameter {where}.StorageResolution must be 1 or 60.")


def _check_values(datum: Mapping[str, Any], where: str) -> None:
    given = [name for name in ("Value", "Values", "StatisticValues") if name in datum]
    if not given:
        raise Fault(
            "MissingParameter",
            f"At least one of the parameters {where}.Value, {where}.Values "
            f"or {where}.StatisticValues must be specified.",
        )
    if len(given) > 1:
        first, second = given[:2]
        raise Fault(
            "InvalidParameterCombination",
            f"The parameters {where}.{first} and {where}.{second} are mutually exclusive "
            "and you have specified both.",
        )
    _check_numbers(datum, where)


def _check_numbers(datum: Mapping[str, Any], where: str) -> None:
    values = datum.get("Values", [datum.get("Value", 0.0)])
    counts = datum.get("Counts", [1.0] * len(values))
    if len(values) > MOST_VALUES or not values:
        raise _invalid(f"{where}.Values must hold 1 to {MOST_VALUES} values.")
    if len(values) != len(counts):
        raise _invalid(f"{where}.Values and {where}.Counts must be of the same size.")
    summary = datum.get("StatisticValues", {})
    for value in (*values, *counts, *summary.values()):
        if not math.isfinite(value):
            raise _invalid(f"The value {value} for parameter {where}.Value is invalid.")
    if summary and (summary["SampleCount"] <= 0 or summary["Minimum"] > summary["Maximum"]):
        raise _invalid(f"{where}.StatisticValues is inconsistent.")


def _check_dimensions(dimensions: Any, where: str) -> None:
    names = [one.get("Name") for one in dimensions]
    if len(names) > MOST_DIMENSIONS:
        raise _invalid(
            f"The collection {where}.Dimensions must not have a size greater than "
            f"{MOST_DIMENSIONS}."
        )
    for number, one in enumerate(dimensions, start=1):
        if not one.get("Name") or not one.get("Value"):
            raise _invalid(f"{where}.Dimensions.member.{number} needs a Name and a Value.")
    if len(set(names)) != len(names):
        raise _invalid(f"{where}.Dimensions names a dimension twice.")


def _invalid(message: str) -> Fault:
    return Fault("InvalidParameterValue", message)
