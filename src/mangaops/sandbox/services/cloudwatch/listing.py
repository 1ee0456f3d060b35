"""ListMetrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.sandbox.capsule_metrics import RecordedMetrics
from mangaops.sandbox.metrics import Dimensions, SeriesKey
from mangaops.sandbox.overlay import Call, Fault
from mangaops.sandbox.services.cloudwatch.regions import store_of
from mangaops.sandbox.services.regional import regional
from mangaops.sandbox.world import World

PAGE = 500
RECENT_S = 3 * 3600
LISTED_S = 14 * 24 * 3600


def list_metrics(world: World, call: Call) -> Mapping[str, Any]:
    """Metrics with data in the last two weeks, or with RecentlyActive in three hours.

    A dimension filter matches metrics that have that dimension among others; without
    a value it matches any value.
    """
    params = call.params
    recently = params.get("RecentlyActive")
    if recently not in (None, "PT3H"):
        raise _invalid(f"The value {recently} for parameter RecentlyActive is invalid.")
    oldest = world.now().timestamp() - (RECENT_S if recently else LISTED_S)
    stored = [key for key, newest in store_of(world, call).newest() if newest >= oldest]
    recorded = regional(world, call, RecordedMetrics).names()
    found = [key for key in dict.fromkeys([*stored, *recorded]) if _matches(key, params)]
    start = _position(params.get("NextToken"), len(found))
    page = {"Metrics": [_shown(key) for key in found[start : start + PAGE]]}
    more = start + PAGE < len(found)
    return {**page, "NextToken": f"metrics-{start + PAGE}"} if more else page


def _matches(key: SeriesKey, params: Mapping[str, Any]) -> bool:
    if params.get("Namespace") not in (None, key.namespace):
        return False
    if params.get("MetricName") not in (None, key.name):
        return False
    return all(_has(key.dimensions, wanted) for wanted in params.get("Dimensions", ()))


def _has(dimensions: Dimensions, wanted: Mapping[str, str]) -> bool:
    return any(
        name == wanted["Name"] and wanted.get("Value") in (None, value)
        for name, value in dimensions
    )


def _shown(key: SeriesKey) -> dict[str, Any]:
    return {
        "Namespace": key.namespace,
        "MetricName": key.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in key.dimensions],
    }


def _position(token: str | None, size: int) -> int:
    if token is None:
        return 0
    number = token.removeprefix("metrics-")
    if not number.isdecimal() or int(number) > size:
        raise _invalid("The value for parameter NextToken is invalid.")
    return int(number)


def _invalid(message: str) -> Fault:
    return Fault("InvalidParameterValue", message)
