"""Functions of `stats`, over the values of one group in the order of the events."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from mangaops.sandbox.insights.values import Instant, Value, number, sort_key, text

Times = Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """`run(values, times, argument)`: `values` as evaluated, absent ones included;
    `times` the events' milliseconds; `argument` the second argument of pct.
    """

    run: Callable[[Sequence[Value], Times, float], Value]
    least: int = 1
    most: int = 1


def percentile(numbers: Sequence[float], rank: float) -> float:
    """Exact, with linear interpolation between the two nearest ranks; `rank` is 0..100."""
    ordered = sorted(numbers)
    position = (len(ordered) - 1) * rank / 100
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return between(ordered[below], ordered[above], position - below)


def between(low: float, high: float, part: float) -> float:
    """The value that lies `part` (0..1) of the way from `low` to `high`."""
    return low + (high - low) * part


def _numbers(values: Sequence[Value]) -> list[float]:
    found = (number(value) for value in values)
    return [value for value in found if value is not None]


def _numeric(run: Callable[[list[float]], Value]) -> Aggregate:
    def checked(values: Sequence[Value], _times: Times, _argument: float) -> Value:
        numbers = _numbers(values)
        try:
            return run(numbers) if numbers else None
        except OverflowError:
            return None

    return Aggregate(run=checked)


def _stddev(numbers: list[float]) -> float:
    mean = math.fsum(numbers) / len(numbers)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in numbers) / len(numbers))


def _sum(numbers: list[float]) -> Value:
    return sum(numbers) if all(isinstance(n, int) for n in numbers) else math.fsum(numbers)


def _pct(values: Sequence[Value], _times: Times, rank: float) -> Value:
    numbers = _numbers(values)
    return number(percentile(numbers, rank)) if numbers else None


def _count(values: Sequence[Value], _times: Times, _argument: float) -> Value:
    return sum(value is not None for value in values)


def _count_distinct(values: Sequence[Value], _times: Times, _argument: float) -> Value:
    return len({text(value) for value in values if value is not None})


def _by_time(pick: Callable[..., int]) -> Aggregate:
    def run(values: Sequence[Value], times: Times, _argument: float) -> Value:
        present = [index for index, value in enumerate(values) if value is not None]
        return values[pick(present, key=lambda index: times[index])] if present else None

    return Aggregate(run=run)


def _by_order(pick: Callable[..., Value]) -> Aggregate:
    def run(values: Sequence[Value], _times: Times, _argument: float) -> Value:
        present = [value for value in values if value is not None]
        return pick(present, key=sort_key) if present else None

    return Aggregate(run=run)


def _extreme(pick: Callable[..., Value]) -> Aggregate:
    """Of the instants or numbers; of the texts where there is no number."""

    def run(values: Sequence[Value], _times: Times, _argument: float) -> Value:
        present = [value for value in values if value is not None]
        instants = [value for value in present if isinstance(value, Instant)]
        numbers = _numbers(present)
        if instants and len(instants) == len(present):
            return pick(instants)
        if numbers:
            return pick(numbers)
        return pick(present, key=sort_key) if present else None

    return Aggregate(run=run)


AGGREGATES: Mapping[str, Aggregate] = MappingProxyType(
    {
        "count": Aggregate(run=_count, least=0),
        "count_distinct": Aggregate(run=_count_distinct),
        "sum": _numeric(_sum),
        "avg": _numeric(lambda numbers: math.fsum(numbers) / len(numbers)),
        "stddev": _numeric(_stddev),
        "min": _extreme(min),
        "max": _extreme(max),
        "pct": Aggregate(run=_pct, least=2, most=2),
        "earliest": _by_time(min),
        "latest": _by_time(max),
        "sortsfirst": _by_order(min),
        "sortslast": _by_order(max),
    }
)
