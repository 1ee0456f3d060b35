"""PutLogEvents: moto keeps the events, and metrics embedded in them (EMF) become metrics.

As CloudWatch does it: an event that is one JSON object with a sound `_aws` makes a datapoint
of each metric for each set of dimensions; any other event is a log line and no more. What a
directive names and the event does not hold is left out, and so is a metric from more than two
weeks ago or two hours ahead.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mangaops.sandbox import passthrough
from mangaops.sandbox.overlay import Call
from mangaops.sandbox.services.cloudwatch.put import FUTURE, MOST_DIMENSIONS, OLDEST, UNITS
from mangaops.sandbox.services.cloudwatch.regions import store_of
from mangaops.sandbox.world import World

MOST_METRICS = 100
MOST_VALUES = 100
LONGEST_VALUE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """One metric in one set of dimensions; `at` is in epoch seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    at: float
    values: tuple[float, ...]
    unit: str
    resolution: int


def put_log_events(world: World, call: Call) -> Mapping[str, Any]:
    result = passthrough.ask(call)
    store, now = store_of(world, call), world.now()
    for event in _kept(call.params["logEvents"], result.get("rejectedLogEventsInfo", {})):
        for one in embedded_in(event["message"]):
            if now - OLDEST <= datetime.fromtimestamp(one.at, UTC) <= now + FUTURE:
                store.put(
                    one.namespace,
                    one.name,
                    one.dimensions,
                    one.at,
                    one.values,
                    unit=one.unit,
                    resolution=one.resolution,
                )
    return result


def _kept(
    events: Sequence[Mapping[str, Any]], rejected: Mapping[str, int]
) -> Sequence[Mapping[str, Any]]:
    """Without those that were too old or too new to be kept."""
    first = max(
        rejected.get(name, 0) for name in ("tooOldLogEventEndIndex", "expiredLogEventEndIndex")
    )
    return events[first : rejected.get("tooNewLogEventStartIndex", len(events))]


def embedded_in(message: str) -> tuple[Embedded, ...]:
    """The metrics of one event; none when it is not EMF, or not sound."""
    if '"_aws"' not in message:
        return ()
    try:
        event = json.loads(message, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return ()
    match event:
        case {
            "_aws": {
                "Timestamp": int(at),
                "CloudWatchMetrics": [*directives],
            }
        } if 0 < at < _LATEST and all(_is_sound(each) for each in directives):
            found = [one for each in directives for one in _measured(event, each, at / 1000)]
            return tuple(found)
        case _:
            return ()


_LATEST = 253_402_300_800_000
"""The year 10000, which no clock of Python reaches."""


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def _is_sound(directive: Any) -> bool:
    match directive:
        case {"Namespace": str(name), "Dimensions": [*sets], "Metrics": [*metrics]}:
            return (
                0 < len(name) <= LONGEST_VALUE
                and all(_is_dimension_set(each) for each in sets)
                and len(metrics) <= MOST_METRICS
                and all(_is_definition(each) for each in metrics)
            )
        case _:
            return False


def _is_dimension_set(names: Any) -> bool:
    return (
        isinstance(names, list)
        and len(names) <= MOST_DIMENSIONS
        and all(isinstance(name, str) and name for name in names)
    )


def _is_definition(metric: Any) -> bool:
    match metric:
        case {"Name": str(name)} if 0 < len(name) <= LONGEST_VALUE:
            unit, resolution = metric.get("Unit", "None"), metric.get("StorageResolution", 60)
            return isinstance(unit, str) and unit in UNITS_OF_EMF and resolution in (1, 60)
        case _:
            return False


UNITS_OF_EMF = frozenset(name[:1].upper() + name[1:] for name in UNITS)
"""Written as the API writes them (`Bytes/Second`)."""


def _measured(
    event: Mapping[str, Any], directive: Mapping[str, Any], at: float
) -> Iterator[Embedded]:
    for names in directive["Dimensions"]:
        labels: dict[str, Any] = {name: event.get(name) for name in names}
        if not all(_is_label(value) for value in labels.values()):
            continue
        for metric in directive["Metrics"]:
            values = _values(event.get(metric["Name"]))
            if values:
                yield Embedded(
                    namespace=directive["Namespace"],
                    name=metric["Name"],
                    dimensions=labels,
                    at=at,
                    values=values,
                    unit=metric.get("Unit", "None"),
                    resolution=metric.get("StorageResolution", 60),
                )


def _is_label(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_VALUE


def _values(target: object) -> tuple[float, ...]:
    """A number, or up to 100 of them; nothing of what is anything else."""
    found: list[Any] = target if isinstance(target, list) else [target]
    if len(found) > MOST_VALUES or not all(_is_number(one) for one in found):
        return ()
    return tuple(float(one) for one in found)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # more digits than a float has
        return False
