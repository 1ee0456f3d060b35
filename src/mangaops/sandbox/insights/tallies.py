"""Functions of `stats` over events as they come: what one group keeps of its events.

Each tally gives what `aggregates.py` gives for the whole group, in memory that does not
grow with the texts of the events: numbers are eight bytes each.
"""

from __future__ import annotations

from array import array
from typing import Any, NamedTuple, Protocol

from mangaops.sandbox.insights.aggregates import AGGREGATES
from mangaops.sandbox.insights.values import Instant, Value, number, sort_key, text

Place = tuple[int, int]
"""Where an event stands when the newest comes first: smaller is earlier."""

_EXACT = 1 << 53


class Tally(Protocol):
    """`add` takes one event's value, its `@timestamp` in milliseconds, and its place."""

    def add(self, value: Value, time: int, place: Place) -> None: ...

    def result(self) -> Value: ...


def tally(name: str, rank: float) -> Tally:
    """For the aggregate `name`; `rank` is the second argument of pct."""
    if name == "count":
        return _Count()
    if name == "count_distinct":
        return _Distinct()
    if name in {"sum", "avg", "stddev", "pct"}:
        return _Numbers(name, rank)
    return _Best(name)


class _Count:
    def __init__(self) -> None:
        self._count = 0

    def add(self, value: Value, _time: int, _place: Place) -> None:
        self._count += value is not None

    def result(self) -> Value:
        return self._count


class _Distinct:
    def __init__(self) -> None:
        self._texts: set[str] = set()

    def add(self, value: Value, _time: int, _place: Place) -> None:
        found = text(value)
        if found is not None:
            self._texts.add(found)

    def result(self) -> Value:
        return len(self._texts)


class _Numbers:
    """Numbers that a float holds exactly are kept as floats, all others as they are."""

    def __init__(self, name: str, rank: float) -> None:
        self._name = name
        self._rank = rank
        self._floats = array("d")
        self._others: list[Value] = []
        self._all_whole = True

    def add(self, value: Value, _time: int, _place: Place) -> None:
        found = number(value)
        if found is None:
            return
        if isinstance(found, float):
            self._all_whole = False
            self._floats.append(found)
        elif -_EXACT <= found <= _EXACT:
            self._floats.append(found)
        else:
            self._others.append(found)

    def result(self) -> Value:
        if self._name == "sum" and self._all_whole:
            values: list[Value] = [int(value) for value in self._floats]
        else:
            values = list(self._floats)
        return AGGREGATES[self._name].run(values + self._others, (), self._rank)


class _Candidate(NamedTuple):
    rank: Any
    place: Place
    value: Value
    time: int


class _Best:
    """The one value that wins, by kind of value: which kind counts is only known at the end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._kept: dict[str, _Candidate] = {}
        self._greatest = name in {"max", "latest", "sortslast"}

    def add(self, value: Value, time: int, place: Place) -> None:
        if value is None:
            return
        kind, rank = self._ranked(value, time)
        held = self._kept.get(kind)
        one = _Candidate(rank=rank, place=place, value=value, time=time)
        if held is None or self._before(one, held):
            self._kept[kind] = one

    def _before(self, one: _Candidate, other: _Candidate) -> bool:
        """The smaller or greater rank; of equal ones the event that stands first."""
        if one.rank == other.rank:
            return one.place < other.place
        return bool((one.rank < other.rank) != self._greatest)

    def _ranked(self, value: Value, time: int) -> tuple[str, Any]:
        if self._name in {"earliest", "latest"}:
            return "any", time
        if self._name in {"sortsfirst", "sortslast"}:
            return "any", sort_key(value)
        as_number = number(value)
        if isinstance(value, Instant):
            return "instant", int(value)
        return ("text", sort_key(value)) if as_number is None else ("number", as_number)

    def result(self) -> Value:
        kept = sorted(self._kept.values(), key=lambda one: one.place)
        values, times = [one.value for one in kept], [one.time for one in kept]
        return AGGREGATES[self._name].run(values, times, 0.0)
