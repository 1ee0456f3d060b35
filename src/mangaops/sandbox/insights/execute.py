"""A query over events -> rows of texts and the statistics that AWS reports.

The events are taken newest first, which is the order of results without `sort`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from mangaops.sandbox.insights.aggregates import AGGREGATES
from mangaops.sandbox.insights.check import aggregates_in
from mangaops.sandbox.insights.evaluate import Compiled, compile_expression
from mangaops.sandbox.insights.events import LogEvent, Row, pointer, row_of
from mangaops.sandbox.insights.query import (
    Binary,
    Call,
    Column,
    Command,
    Dedup,
    Display,
    Expression,
    Field,
    Fields,
    Filter,
    Limit,
    Literal,
    Match,
    Parse,
    Query,
    Sort,
    SortKey,
    Stats,
    Unary,
)
from mangaops.sandbox.insights.values import (
    Order,
    Value,
    number,
    sendable,
    sort_key,
    text,
    truth,
)

DEFAULT_LIMIT = 10_000
DEFAULT_COLUMNS = ("@timestamp", "@message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts as GetQueryResults reports them; `matched` is before any `stats` or `limit`."""

    matched: int
    scanned: int
    bytes_scanned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """Each row maps column to text, in the order of display; an absent value has no key."""

    rows: tuple[dict[str, str], ...]
    statistics: Statistics


def run_query(query: Query, events: Iterable[LogEvent], limit: int | None = None) -> QueryResult:
    """`limit` is StartQuery's own; a limit command in the query goes before it."""
    newest_first = sorted(events, key=lambda event: event.timestamp, reverse=True)
    run = Run(entries=[Entry(row=row_of(event), event=event) for event in newest_first])
    for command in query.commands:
        apply(command, run)
    matched = len(run.entries) if run.matched is None else run.matched
    if not any(isinstance(command, Limit) for command in query.commands):
        run.entries = run.entries[: DEFAULT_LIMIT if limit is None else limit]
    return QueryResult(
        rows=tuple(shown_row(entry, run.columns) for entry in run.entries),
        statistics=Statistics(
            matched=matched,
            scanned=len(newest_first),
            bytes_scanned=sum(
                len(event.message.encode(errors="replace")) for event in newest_first
            ),
        ),
    )


def columns_of(query: Query) -> tuple[str, ...]:
    """Which columns a query shows, in its order, whether or not a row has a value of them."""
    run = Run(entries=[])
    for command in query.commands:
        apply(command, run)
    return run.columns or DEFAULT_COLUMNS


@dataclass(slots=True)
class Entry:
    """A row and the event behind it; after stats there is none."""

    row: Row
    event: LogEvent | None = None


@dataclass(slots=True)
class Run:
    """What flows through the commands. `columns` are those shown, None until one says so."""

    entries: list[Entry]
    columns: tuple[str, ...] | None = None
    chosen: bool = False
    matched: int | None = None

    def reduce(self) -> None:
        """From here on fewer rows are no longer fewer matches."""
        if self.matched is None:
            self.matched = len(self.entries)


def apply(command: Command, run: Run) -> None:  # noqa: C901 - one per kind
    match command:
        case Fields():
            _fields(command, run)
        case Filter(condition=condition):
            holds = compile_expression(condition)
            run.entries = [entry for entry in run.entries if truth(holds(entry.row))]
        case Parse():
            _parse(command, run)
        case Stats():
            run.reduce()
            _stats(command, run)
        case Sort(keys=keys):
            _sort(keys, run)
        case Limit(count=count):
            run.reduce()
            run.entries = run.entries[:count]
        case Display(names=names):
            run.columns, run.chosen = names, True
        case Dedup(names=names):
            run.reduce()
            _dedup(names, run)
        case _:
            assert_never(command)


def _fields(command: Fields, run: Run) -> None:
    compiled = [(column.name, compile_expression(column.expression)) for column in command.columns]
    computed = [
        (name, compute)
        for (name, compute), column in zip(compiled, command.columns, strict=True)
        if column.aliased or not isinstance(column.expression, Field)
    ]
    for entry in run.entries:
        for name, compute in computed:
            entry.row[name] = compute(entry.row)
    if not run.chosen:
        shown = (*(run.columns or ()), *(name for name, _ in compiled))
        run.columns = tuple(dict.fromkeys(shown))


def _parse(command: Parse, run: Run) -> None:
    source = compile_expression(command.source)
    for entry in run.entries:
        value = text(source(entry.row))
        found = command.pattern.search(value) if value is not None else None
        if found is not None:
            entry.row.update(zip(command.names, found.groups(), strict=True))


def _sort(keys: Sequence[SortKey], run: Run) -> None:
    for key in reversed(keys):
        # `sort count(*)` after stats means the column of that name
        named = bool(run.entries) and key.text in run.entries[0].row
        value: Compiled = _column(key.text) if named else compile_expression(key.expression)
        run.entries.sort(key=_by(value), reverse=key.descending)


def _column(name: str) -> Compiled:
    return lambda row: row.get(name)


def _by(value: Compiled) -> Callable[[Entry], Order]:
    return lambda entry: sort_key(value(entry.row))


def _dedup(names: Sequence[str], run: Run) -> None:
    """Keeps the first of each combination; rows that lack one of the fields all stay."""
    seen: set[tuple[str | None, ...]] = set()
    kept = []
    for entry in run.entries:
        key = tuple(text(entry.row.get(name)) for name in names)
        if None in key or key not in seen:
            kept.append(entry)
        seen.add(key)
    run.entries = kept


def _stats(command: Stats, run: Run) -> None:
    by = [(column.name, compile_expression(column.expression)) for column in command.by]
    groups: dict[tuple[str | None, ...], tuple[Row, list[Entry]]] = {}
    for entry in run.entries:
        values = [compute(entry.row) for _, compute in by]
        key = tuple(text(value) for value in values)
        if key not in groups:
            groups[key] = ({name: value for (name, _), value in zip(by, values, strict=True)}, [])
        groups[key][1].append(entry)
    columns = [Aggregated(column) for column in command.aggregates]
    for row, members in groups.values():
        for column in columns:
            row[column.name] = column.over(members)
    run.entries = [Entry(row=row) for row, _ in groups.values()]
    run.columns = (*(name for name, _ in by), *(column.name for column in columns))
    run.chosen = False


class Aggregated:
    """A column of stats: its aggregates over the group, then what is computed of them.

    `calls` are the aggregates by their text, `combine` makes the column of their results.
    """

    def __init__(self, column: Column) -> None:
        self.name = column.name
        self.calls = {call.text: Aggregation(call) for call in aggregates_in(column.expression)}
        self.combine = compile_expression(_over_results(column.expression))

    def over(self, members: Sequence[Entry]) -> Value:
        times = [event_time(entry.row) for entry in members]
        results: Row = {}
        for text_of_call, call in self.calls.items():
            values = [call.value(entry.row) for entry in members]
            results[text_of_call] = AGGREGATES[call.name].run(values, times, call.rank)
        return self.combine(results)


class Aggregation:
    """One call of an aggregate: `value` of a row, and the rank of pct."""

    def __init__(self, call: Call) -> None:
        self.name = call.name
        self.arguments = call.arguments
        arguments = [compile_expression(argument) for argument in call.arguments]
        self.value: Compiled = arguments[0] if arguments else lambda _row: 1
        rank = number(arguments[1]({})) if len(arguments) > 1 else None
        self.rank = float(rank or 0)


def event_time(row: Row) -> int:
    """Milliseconds of a row's `@timestamp`, 0 without one."""
    return int(number(row.get("@timestamp")) or 0)


def _over_results(expression: Expression) -> Expression:
    """The expression with each aggregate call replaced by a field of the call's text."""
    match expression:
        case Call() if expression.name in AGGREGATES:
            return Field(name=expression.text, span=expression.span)
        case Call(arguments=arguments):
            return replace(expression, arguments=tuple(map(_over_results, arguments)))
        case Unary(operand=operand) | Match(operand=operand):
            return replace(expression, operand=_over_results(operand))
        case Binary(left=left, right=right):
            whole_right = right if isinstance(right, Literal) else _over_results(right)
            return replace(expression, left=_over_results(left), right=whole_right)
        case _:
            return expression


def shown_row(entry: Entry, columns: tuple[str, ...] | None) -> dict[str, str]:
    shown = {name: text(entry.row.get(name)) for name in columns or DEFAULT_COLUMNS}
    row = {name: sendable(value) for name, value in shown.items() if value is not None}
    if entry.event is not None:
        row["@ptr"] = pointer(entry.event)
    return row
