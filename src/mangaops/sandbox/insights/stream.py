"""A query over events as they come, in memory that does not grow with those it leaves out.

The commands are those of `execute.py`. Up to the first stats, sort, limit or dedup they
look at one event at a time; stats keeps tallies, and of what is sorted and cut only the
rows that can still be shown are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from mangaops.errors import InputError
from mangaops.sandbox.insights.evaluate import compile_expression
from mangaops.sandbox.insights.events import Row
from mangaops.sandbox.insights.execute import (
    DEFAULT_COLUMNS,
    DEFAULT_LIMIT,
    Aggregated,
    Entry,
    Run,
    apply,
    event_time,
    shown_row,
)
from mangaops.sandbox.insights.lines import Seen
from mangaops.sandbox.insights.query import (
    Command,
    Dedup,
    Display,
    Fields,
    Filter,
    Limit,
    Parse,
    Query,
    Sort,
    Span,
    Stats,
)
from mangaops.sandbox.insights.tallies import Place, Tally, tally
from mangaops.sandbox.insights.values import Value, text

_BATCH = 2_000
_MOST_ROWS = 2_000_000
_ANYWHERE = Span(start=0, end=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Rows of texts; an absent value has no key. `cut` says that there are more rows."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    matched: int
    cut: bool = False


def run_stream(query: Query, events: Iterable[Seen]) -> Result:
    """The same as `run_query`, whatever the order in which the events come."""
    first, rest = split(query)
    run = Run(entries=[])
    if rest and isinstance(rest[0], Stats):
        groups = Groups(rest[0])
        for batch in _batches(first, run, events):
            groups.add(batch)
        return finish(rest[0], rest[1:], groups.entries(), groups.matched)
    kept = _Kept(rest)
    for batch in _batches(first, run, events):
        kept.add(batch)
    run.entries = kept.entries()
    for command in rest:
        apply(command, run)
    return _result(query, run, kept.matched)


def split(query: Query) -> tuple[tuple[Command, ...], tuple[Command, ...]]:
    """The commands that look at one event at a time, and those from the first other one on."""
    one_by_one = Fields | Filter | Parse | Display
    for index, command in enumerate(query.commands):
        if not isinstance(command, one_by_one):
            return query.commands[:index], query.commands[index:]
    return query.commands, ()


def first_seen(query: Query, events: Iterable[Seen], groups: int) -> list[tuple[str | None, ...]]:
    """The keys of the first stats in the order of their first events, read until all are met."""
    first, (stats, *_) = split(query)
    assert isinstance(stats, Stats)  # noqa: S101 - the caller has groups of it
    by = [compile_expression(column.expression) for column in stats.by]
    found: dict[tuple[str | None, ...], None] = {}
    for batch in _batches(first, Run(entries=[]), events):
        for one in batch:
            found.setdefault(tuple(text(compute(one.entry.row)) for compute in by))
        if len(found) >= groups:
            break
    return list(found)


def finish(stats: Stats, rest: Sequence[Command], groups: Sequence[Entry], matched: int) -> Result:
    """What follows the first stats, over its groups."""
    columns = tuple(column.name for column in (*stats.by, *stats.aggregates))
    run = Run(entries=list(groups), columns=columns)
    for command in rest:
        apply(command, run)
    return _result(Query(text="", commands=tuple(rest)), run, matched)


def _result(query: Query, run: Run, matched: int) -> Result:
    """`cut` is only said of the limit that nobody wrote."""
    limited = any(isinstance(command, Limit) for command in query.commands)
    shown = run.entries if limited else run.entries[:DEFAULT_LIMIT]
    return Result(
        columns=run.columns or DEFAULT_COLUMNS,
        rows=tuple(shown_row(entry, run.columns) for entry in shown),
        matched=matched,
        cut=len(shown) < len(run.entries),
    )


@dataclass(slots=True)
class _Placed:
    entry: Entry
    place: Place


def _batches(first: Sequence[Command], run: Run, events: Iterable[Seen]) -> Iterator[list[_Placed]]:
    """Events that pass the first commands, some at a time; `run` learns which columns show."""
    remaining = iter(events)
    while True:
        batch = list(islice(remaining, _BATCH))
        places = {id(one.row): (-one.at, one.position) for one in batch}
        run.entries = [Entry(row=one.row) for one in batch]
        run.columns, run.chosen = None, False
        for command in first:
            apply(command, run)
        if not batch:
            return
        yield [_Placed(entry=entry, place=places[id(entry.row)]) for entry in run.entries]


class Groups:
    """What the first stats keeps of the events: for each group its first event and tallies."""

    def __init__(self, stats: Stats) -> None:
        self._by = [(column.name, compile_expression(column.expression)) for column in stats.by]
        self._columns = [Aggregated(column) for column in stats.aggregates]
        self._groups: dict[tuple[str | None, ...], _Group] = {}
        self.matched = 0

    def add(self, batch: Sequence[_Placed]) -> None:
        self.matched += len(batch)
        for one in batch:
            row = one.entry.row
            values = tuple(compute(row) for _, compute in self._by)
            key = tuple(text(value) for value in values)
            group = self._groups.get(key)
            if group is None:
                group = self._groups[key] = _Group(one.place, values, self._tallies())
            elif one.place < group.place:
                group.place, group.values = one.place, values
            self._count(group, row, one.place)

    def _count(self, group: _Group, row: Row, place: Place) -> None:
        time = event_time(row)
        for column, tallies in zip(self._columns, group.tallies, strict=True):
            for name, call in column.calls.items():
                tallies[name].add(call.value(row), time, place)

    def _tallies(self) -> list[dict[str, Tally]]:
        return [
            {name: tally(call.name, call.rank) for name, call in column.calls.items()}
            for column in self._columns
        ]

    def entries(self) -> list[Entry]:
        """One row a group, in the order of the newest event of each."""
        return [self._entry(one) for one in sorted(self._groups.values(), key=lambda g: g.place)]

    def _entry(self, group: _Group) -> Entry:
        names = (name for name, _ in self._by)
        row: Row = dict(zip(names, group.values, strict=True))
        for column, tallies in zip(self._columns, group.tallies, strict=True):
            row[column.name] = column.combine({n: one.result() for n, one in tallies.items()})
        return Entry(row=row)


@dataclass(slots=True)
class _Group:
    place: Place
    values: tuple[Value, ...]
    tallies: list[dict[str, Tally]]


class _Kept:
    """Rows that may still be shown, newest first.

    Where sorting and a limit are all that follows, no more than twice the limit; where
    a dedup comes first, or after sorting, twice what it leaves.
    """

    def __init__(self, rest: Sequence[Command]) -> None:
        self.matched = 0
        self._kept: list[_Placed] = []
        self._narrowing = _narrowing(rest)
        self._held = 0

    def add(self, batch: Sequence[_Placed]) -> None:
        self.matched += len(batch)
        self._kept += batch
        if self._narrowing and len(self._kept) > 2 * self._held + _BATCH:
            self._prune()
        if len(self._kept) > _MOST_ROWS:
            raise InputError(
                f"more than {_MOST_ROWS:,} rows would have to be held in memory",
                where="the query",
                hint="filter more, or count with stats",
            )

    def entries(self) -> list[Entry]:
        self._kept.sort(key=lambda one: one.place)
        return [one.entry for one in self._kept]

    def _prune(self) -> None:
        placed = {id(one.entry): one for one in self._kept}
        run = Run(entries=self.entries())
        for command in self._narrowing:
            apply(command, run)
        self._kept = [placed[id(entry)] for entry in run.entries]
        self._held = len(self._kept)


def _narrowing(rest: Sequence[Command]) -> tuple[Command, ...]:
    """The commands that leave the same rows, also when run over some of the rows before;
    none if these do not get fewer.
    """
    taken: list[Command] = []
    for command in rest:
        if isinstance(command, Limit | Dedup):
            return (*taken, command)
        if not isinstance(command, Sort | Display):
            return ()
        taken.append(command)
    return (*taken, Limit(count=DEFAULT_LIMIT + 1, span=_ANYWHERE))
