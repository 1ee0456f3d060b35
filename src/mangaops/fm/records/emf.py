"""CloudWatch's embedded metric format: a log event that is a metric as well.

The event names its metrics and dimensions in `_aws`; their values are members of its root.
Limits of the format: 100 metrics and 30 dimensions a directive, 100 values a metric.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

MOST_METRICS = 100
MOST_DIMENSIONS = 30
MOST_VALUES = 100


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
    """
    kept = [one for one in measurements if _values(one)]
    used = [list(one) for one in dimension_sets if len(one) <= MOST_DIMENSIONS]
    sets = [one for one in used if all(labels.get(name) for name in one)]
    if not kept or not sets:
        return dict(document)
    directives = [
        {
            "Namespace": namespace,
            "Dimensions": sets,
            "Metrics": [_definition(one) for one in kept[first : first + MOST_METRICS]],
        }
        for first in range(0, len(kept), MOST_METRICS)
    ]
    return {
        **document,
        **{name: labels[name] for one in sets for name in one},
        **{one.name: _told(one) for one in kept},
        "_aws": {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": directives},
    }


def _definition(one: Measurement) -> dict[str, Any]:
    return {"Name": one.name, "Unit": one.unit.value, "StorageResolution": int(one.resolution)}


def _values(one: Measurement) -> list[float]:
    values = one.value if isinstance(one.value, tuple) else (one.value,)
    return [value for value in values if math.isfinite(value)][:MOST_VALUES]


def _told(one: Measurement) -> float | list[float]:
    values = _values(one)
    return values[0] if len(values) == 1 else values
