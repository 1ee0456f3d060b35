"""A query with stats as one statement of DuckDB's SQL, and its answer as groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from mangaops.sandbox.insights.events import Row, parsed
from mangaops.sandbox.insights.execute import Aggregated, Entry
from mangaops.sandbox.insights.own_time import KEYS
from mangaops.sandbox.insights.query import (
    Command,
    Display,
    Field,
    Fields,
    Filter,
    Query,
    Stats,
)
from mangaops.sandbox.insights.records import Unsure
from mangaops.sandbox.insights.sql_expressions import Scope, in_sql
from mangaops.sandbox.insights.sql_stats import InSql, aggregate_in_sql
from mangaops.sandbox.insights.sql_values import UNSURE, Kind, NotInSql, Sql, instant
from mangaops.sandbox.insights.stream import split
from mangaops.sandbox.insights.values import Instant, Value, text

Span = tuple[int, int]
"""Milliseconds from which on, and before which, events count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What is read of each record: `members` by the names of fields, `clocks` are the
    members that can be its time, and `span` the time that counts, if not all does.
    """

    members: Mapping[str, str]
    clocks: Sequence[str]
    span: Span | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.members.values(), *self.clocks)))

    @property
    def time(self) -> str:
        """Of a record without any of them it is not known, unless these are all there can be."""
        last = "0" if tuple(self.clocks) == KEYS else f"error('{UNSURE}')"
        return f"coalesce({', '.join([*map(instant, self.clocks), last])})"

    def in_span(self) -> list[str]:
        if self.span is None:
            return []
        start, end = self.span
        return [f"{self.time} >= {start} AND {self.time} < {end}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group, with the milliseconds of its newest event where that was asked for."""

    entry: Entry
    key: tuple[str | None, ...]
    events: int
    newest: int | None


class Grouped:
    """The commands up to the first stats in SQL; raises NotInSql when they have no such form.

    `newest` also asks for the time of each group's newest event.
    """

    def __init__(self, query: Query, reads: Reads, *, newest: bool) -> None:
        first, rest = split(query)
        if not rest or not isinstance(rest[0], Stats):
            raise NotInSql("a query without stats")
        scope = Scope(members=reads.members, time=reads.time)
        self._conditions = [*conditions_in_sql(first, scope), *reads.in_span()]
        self._by = [(one.name, in_sql(one.expression, scope)) for one in rest[0].by]
        self._columns = [Aggregated(one) for one in rest[0].aggregates]
        calls = {text: call for one in self._columns for text, call in one.calls.items()}
        self._calls = {text: aggregate_in_sql(call, scope) for text, call in calls.items()}
        self._time = reads.time if newest else "NULL"
        self.needs_time = reads.time in self.statement("")

    def statement(self, source: str) -> str:
        """Keys, number of events, time of the newest one, then what each aggregate shows."""
        inputs = _named("i", (one for call in self._calls.values() for one in call.inputs))
        states = _named(
            "s", (one for call in self._calls.values() for one in _states(call, inputs))
        )
        keys = [f"k{number}" for number in range(len(self._by))]
        outputs = [
            f"{value.output} AS {key}" for key, (_, value) in zip(keys, self._by, strict=True)
        ]
        of_each = [*outputs, *_as(inputs), f"{self._time} AS moment"]
        of_group = [*keys, "count(*) AS n", "max(moment) AS newest", *_as(states)]
        shown = [one for call in self._calls.values() for one in _shown(call, inputs, states)]
        where = " AND ".join(self._conditions) or "true"
        of_all = [*keys, "n", "newest", *shown]
        grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
        each = f"SELECT {', '.join(of_each)} FROM {source} WHERE {where}"  # noqa: S608 - all is quoted
        groups = f"SELECT {', '.join(of_group)} FROM ({each}){grouped}"  # noqa: S608 - as above
        return f"SELECT {', '.join(of_all)} FROM ({groups}) WHERE n > 0"  # noqa: S608 - as above

    def group(self, found: Sequence[Any]) -> Group:
        """One row of the answer; raises Unsure."""
        cells = iter(found)
        values = [_value(value, next(cells)) for _, value in self._by]
        events, newest = next(cells), next(cells)
        results: Row = {}
        for name, call in self._calls.items():
            count = len(call.shown or call.states)
            results[name] = call.result([next(cells) for _ in range(count)])
        names = (name for name, _ in self._by)
        row: Row = dict(zip(names, values, strict=True))
        row.update({one.name: one.combine(results) for one in self._columns})
        key = tuple(text(value) for value in values)
        return Group(entry=Entry(row=row), key=key, events=int(events), newest=newest)


def _named(prefix: str, expressions: Iterable[str]) -> dict[str, str]:
    """A name for each different expression."""
    return {one: f"{prefix}{number}" for number, one in enumerate(dict.fromkeys(expressions))}


def _as(named: Mapping[str, str]) -> list[str]:
    return [f"{expression} AS {name}" for expression, name in named.items()]


def _states(call: InSql, inputs: Mapping[str, str]) -> list[str]:
    names = [inputs[one] for one in call.inputs]
    return [one.format(*names) for one in call.states]


def _shown(call: InSql, inputs: Mapping[str, str], states: Mapping[str, str]) -> list[str]:
    names = [states[one] for one in _states(call, inputs)]
    return [one.format(*names) for one in call.shown] or names


def _value(value: Sql, found: Any) -> Value:
    match value.kind:
        case Kind.RAW:
            return None if found is None else scalar(found)
        case Kind.FLAG:
            return bool(found)
        case Kind.INSTANT:
            return Instant(found)
        case Kind.NUMBER:
            return None if found is None else float(found)
        case _:
            assert_never(value.kind)


def scalar(raw: str) -> Value:
    """The value of a JSON text; raises Unsure for what holds other values."""
    try:
        found = parsed(raw)
    except ValueError:
        raise Unsure(raw[:40]) from None
    if isinstance(found, dict | list) or found is None:
        raise Unsure(raw[:40])
    return found  # type: ignore[no-any-return]


def conditions_in_sql(commands: Sequence[Command], scope: Scope) -> list[str]:
    """The filters, with what earlier commands computed put in `scope`; raises NotInSql."""
    conditions = []
    for command in commands:
        match command:
            case Filter(condition=condition):
                conditions.append(in_sql(condition, scope).truth)
            case Fields(columns=columns):
                for one in columns:
                    if one.aliased or not isinstance(one.expression, Field):
                        scope.computed[one.name] = in_sql(one.expression, scope)
            case Display():
                pass
            case _:
                raise NotInSql("parse")
    return conditions
