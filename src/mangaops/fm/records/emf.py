"""CloudWatch's embedded metric format: a log event that is a metric as well.

The event names its metrics and dimensions in `_aws`; their values are members of its root.
Limits of the format: 100 metrics and 30 dimensions a directive, 100 values a metric.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

MEMBER = "_aws"
MOST_METRICS = 100
MOST_DIMENSIONS = 30
MOST_VALUES = 100
_MEMBERS = ("Name", "Unit", "StorageResolution")
_PLAIN, _NUMBERS, _LISTS = (str, int), (int, float), (tuple, list)
"""Made once: they are asked for with each metric of each record."""


class Unit(StrEnum):
    MILLISECONDS = "Milliseconds"
    COUNT = "Count"
    NONE = "None"


class Resolution(IntEnum):
    """Seconds. Alarms that must ring within two minutes need metrics of one second."""

    SECOND = 1
    MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Raw values, so that percentiles of them can be asked for."""

    name: str
    value: float | tuple[float, ...]
    unit: Unit = Unit.NONE
    resolution: Resolution = Resolution.MINUTE


def embedded(
    document: Mapping[str, Any],
    measurements: Sequence[Measurement],
    *,
    namespace: str,
    at: datetime,
    labels: Mapping[str, str],
    dimension_sets: Sequence[Sequence[str]] = ((),),
) -> dict[str, Any]:
    """The document with its metrics. `labels` are the dimensions' values; each of
    `dimension_sets` makes a series of every metric.

    What the format cannot hold is left out: values that are no finite numbers, those beyond
    the hundredth, sets of more than 30 dimensions, and those with a dimension without value.
    So is a metric whose name is that of a field, a dimension or an earlier metric.
    """
    used = [list(one) for one in dimension_sets if len(one) <= MOST_DIMENSIONS]
    sets = [one for one in used if all(labels.get(name) for name in one)]
    taken = {*document, *(name for one in sets for name in one), MEMBER}
    kept = [(one, values) for one in _each_once(measurements, taken) if (values := _values(one))]
    if not kept or not sets:
        return dict(document)
    directives = [
        {
            "Namespace": namespace,
            "Dimensions": sets,
            "Metrics": [_definition(one) for one, _ in kept[first : first + MOST_METRICS]],
        }
        for first in range(0, len(kept), MOST_METRICS)
    ]
    return {
        **document,
        **{name: labels[name] for one in sets for name in one},
        **{one.name: values[0] if len(values) == 1 else values for one, values in kept},
        MEMBER: {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": directives},
    }


def directive_of(value: object) -> dict[str, Any] | None:
    """`_aws` of a record with nothing in it but what the format knows; None when it is none."""
    if not isinstance(value, Mapping):
        return None
    at, directives = value.get("Timestamp"), value.get("CloudWatchMetrics")
    if not _is_finite(at) or not isinstance(directives, list | tuple):
        return None
    kept = [one for one in map(_metrics_of, directives) if one is not None]
    return {"Timestamp": at, "CloudWatchMetrics": kept} if kept else None


def _metrics_of(directive: object) -> dict[str, Any] | None:
    match directive:
        case {
            "Namespace": str(namespace),
            "Dimensions": [*dimensions],
            "Metrics": [*metrics],
        }:
            return {
                "Namespace": namespace,
                "Dimensions": [_texts(one) for one in dimensions[:MOST_DIMENSIONS]],
                "Metrics": [_members_of(one) for one in metrics[:MOST_METRICS]],
            }
        case _:
            return None


def _texts(names: object) -> list[str]:
    found = names if isinstance(names, list | tuple) else ()
    return [name for name in found if isinstance(name, str)]


def _members_of(metric: object) -> dict[str, Any]:
    if type(metric) is not dict and not isinstance(metric, Mapping):  # which is slow to ask
        return {}
    return {name: metric[name] for name in _MEMBERS if isinstance(metric.get(name), _PLAIN)}


def _definition(one: Measurement) -> dict[str, Any]:
    return {"Name": one.name, "Unit": one.unit.value, "StorageResolution": int(one.resolution)}


def _each_once(measurements: Sequence[Measurement], taken: set[str]) -> Iterator[Measurement]:
    for one in measurements:
        if one.name not in taken:
            taken.add(one.name)
            yield one


def _values(one: Measurement) -> list[float]:
    if not isinstance(one.value, _LISTS):
        return [one.value] if _is_finite(one.value) else []
    return [value for value in one.value if _is_finite(value)][:MOST_VALUES]


def _is_finite(value: object) -> bool:
    try:
        return isinstance(value, _NUMBERS) and math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False
