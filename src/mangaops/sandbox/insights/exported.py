"""A query over exported files, by the quickest of three ways that is sure of its answer.

    grouped    all up to the first stats in SQL (`sql_query.py`)
    columns    SQL reads the members that the query names, the rest is done here
    lines      each line is read here, whatever it is

They give the same rows; `columns` and `lines` take about twenty times as long. A way that
is not sure of a value (a number beyond 2**53, a time in another form) gives up, and the
next one begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mangaops.sandbox.insights import duck
from mangaops.sandbox.insights.damage import damage_of
from mangaops.sandbox.insights.events import parsed
from mangaops.sandbox.insights.execute import Entry
from mangaops.sandbox.insights.files import Export, Form
from mangaops.sandbox.insights.leniency import read_alike
from mangaops.sandbox.insights.lines import Damage, Reading, Seen, seen
from mangaops.sandbox.insights.names import conditions, fields_in, may_matter, names_of
from mangaops.sandbox.insights.ordering import decides_itself, settled
from mangaops.sandbox.insights.own_time import KEYS, own_time
from mangaops.sandbox.insights.query import Query, Stats
from mangaops.sandbox.insights.records import SYSTEM, Unsure, Wanted, fields_of, wanted
from mangaops.sandbox.insights.sql_expressions import Scope
from mangaops.sandbox.insights.sql_expressions import in_sql as expression_in_sql
from mangaops.sandbox.insights.sql_query import Group, Grouped, Reads, Span
from mangaops.sandbox.insights.sql_top import top_of
from mangaops.sandbox.insights.sql_values import NotInSql, column
from mangaops.sandbox.insights.stream import Result, finish, first_seen, run_stream, split
from mangaops.sandbox.insights.values import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class FromFiles:
    """`events` is None where lines were not counted; `way` names how they were read."""

    result: Result
    damage: Damage
    events: int | None
    way: str


WAYS = ("grouped", "columns", "lines")


def run_files(
    query: Query,
    exports: Sequence[Export],
    *,
    span: Span | None = None,
    ways: Sequence[str] = WAYS,
) -> FromFiles:
    """The query over all events of the files, or those of `span`; raises InputError.

    `lines` is always the last way, also where `ways` leaves it out.
    """
    return _Asking(query=query, exports=exports, span=span, ways=ways).answer()


@dataclass(slots=True, kw_only=True)
class _Asking:
    query: Query
    exports: Sequence[Export]
    span: Span | None
    ways: Sequence[str]
    names: Wanted = field(init=False)
    damage: Damage = field(default_factory=Damage)

    def __post_init__(self) -> None:
        self.names = wanted(names_of(self.query))

    def answer(self) -> FromFiles:
        in_sql = {"grouped": self._grouped, "columns": self._columns}
        tried = [way for way in self.ways if way in in_sql]
        if tried and duck.readable(self.exports) and duck.available() and self._alike():
            with duck.connected() as connection:
                for way in tried:
                    result = self._tried(in_sql[way], connection)
                    if result is not None:
                        return FromFiles(result=result, damage=self.damage, events=None, way=way)
        return self._lines()

    def _alike(self) -> bool:
        try:
            read_alike(self.exports)
        except Unsure:
            return False
        return True

    def _tried(self, run: Callable[[Any], Result], connection: Any) -> Result | None:
        """None when this way is not sure. Damaged lines are counted when one is met."""
        try:
            return run(connection)
        except (NotInSql, Unsure):
            return None
        except duck.Damaged:
            if self.damage.lines:
                return None
        try:
            self.damage = damage_of(connection, self.exports)
            return run(connection) if self.damage.lines else None
        except (NotInSql, Unsure, duck.Damaged):
            self.damage = Damage()
            return None

    def _grouped(self, connection: Any) -> Result:
        if self.names.deep:
            raise NotInSql("members of members")
        for newest in (False, True) if decides_itself(self.query) else (True,):
            groups = self._groups(connection, newest=newest)
            result = self._settled(groups)
            if result is not None:
                return result
        if any(one.newest for one in groups):
            raise Unsure("groups of one time")
        return self._finish(self._by_file(groups), groups)

    def _groups(self, connection: Any, *, newest: bool) -> list[Group]:
        reads = Reads(members=self.names.plain, clocks=self._clocks(), span=self.span)
        grouped = Grouped(self.query, reads, newest=newest)
        columns = reads.columns if grouped.needs_time else tuple(reads.members.values())
        source = duck.source(self.exports, columns, damaged=bool(self.damage.lines))
        groups = [grouped.group(row) for row in duck.rows(connection, grouped.statement(source))]
        if len({one.key for one in groups}) < len(groups):
            raise Unsure("values that differ only in kind")
        return groups

    def _settled(self, groups: Sequence[Group]) -> Result | None:
        _, rest = split(self.query)
        entries = settled(rest[1:], groups)
        return None if entries is None else self._finish(entries, groups)

    def _finish(self, entries: Sequence[Entry], groups: Sequence[Group]) -> Result:
        _, (stats, *rest) = split(self.query)
        if not isinstance(stats, Stats):
            raise NotInSql("a query without stats")
        return finish(stats, rest, entries, sum(one.events for one in groups))

    def _by_file(self, groups: Sequence[Group]) -> list[Entry]:
        """Without any time the order of the file counts: mostly its beginning tells."""
        entries = {one.key: one.entry for one in groups}
        events = self._in_span(
            seen(self.exports, self.names, Reading(), may_matter(self.query) or _every)
        )
        return [entries[key] for key in first_seen(self.query, events, len(groups))]

    def _clocks(self) -> Sequence[str]:
        """The members to look for times in: no more than the first lines need."""
        if self.damage.lines:
            return KEYS
        records = [one for export in self.exports for one in export.sampled]
        for count, key in enumerate(KEYS, 1):
            if records and all(own_time({key: one.get(key)}) is not None for one in records):
                return KEYS[:count]
        return KEYS

    def _columns(self, connection: Any) -> Result:
        if names_of(self.query) & (SYSTEM - {"@timestamp"}):
            raise NotInSql("the event itself")
        where, matched = self._top(connection)
        for narrowed in (where, "true"):
            try:
                rows = self._in_span(self._rows(connection, narrowed))
                result = run_stream(self.query, rows)
            except Unsure:
                if narrowed == "true":
                    raise
            else:
                counted = matched if narrowed == where and matched is not None else result.matched
                return replace(result, matched=counted)
        raise AssertionError("the last of them returns or raises")

    def _top(self, connection: Any) -> tuple[str, int | None]:
        """What rows must meet to be among the first, and how many match at all, if so known."""
        reads = Reads(members=self.names.plain, clocks=self._clocks(), span=self.span)
        try:
            top = top_of(self.query, reads)
            source = duck.source(self.exports, reads.columns, damaged=bool(self.damage.lines))
            matched, numbers, least = next(duck.rows(connection, top.statement(source)))
        except (NotInSql, Unsure):
            return self._conditions(), None
        if numbers < top.most:
            return top.where, None
        return top.condition(least), int(matched)

    def _conditions(self) -> str:
        """Those of the first filters that SQL has: fewer rows to look at."""
        scope = Scope(members=self.names.plain, time="error('time')")
        found = []
        for condition in conditions(self.query):
            if "@timestamp" in fields_in(condition):
                continue
            try:
                found.append(expression_in_sql(condition, scope).truth)
            except NotInSql:
                continue
        return " AND ".join(found) or "true"

    def _rows(self, connection: Any, where: str) -> Iterator[Seen]:
        members = tuple(dict.fromkeys((*sorted(self.names.members), *KEYS)))
        source = duck.source(self.exports, members, damaged=bool(self.damage.lines))
        shown = ", ".join(map(column, members))
        statement = f"SELECT {shown} FROM {source} WHERE {where}"  # noqa: S608 - all is quoted
        known: dict[str, Any] = {}
        for position, cells in enumerate(duck.rows(connection, statement), 1):
            record = {
                member: _value(cell, known)
                for member, cell in zip(members, cells, strict=True)
                if cell is not None
            }
            yield _seen(record, self.names, position)

    def _lines(self) -> FromFiles:
        reading = Reading()
        matter = self._matter()
        events = self._in_span(seen(self.exports, self.names, reading, matter))
        result = run_stream(self.query, events)
        damage = self.damage if self.damage.lines else reading.damage
        return FromFiles(result=result, damage=damage, events=reading.events, way="lines")

    def _matter(self) -> Callable[[bytes], bool]:
        """Lines may only be passed over where their damage has been looked for before."""
        matter = may_matter(self.query)
        records = all(one.form is Form.RECORDS for one in self.exports)
        if matter is None or not records or not duck.readable(self.exports):
            return _every
        if not duck.available():
            return _every
        try:
            with duck.connected() as connection:
                self.damage = damage_of(connection, self.exports)
        except (NotInSql, Unsure, duck.Damaged):
            return _every
        return matter

    def _in_span(self, events: Iterator[Seen]) -> Iterator[Seen]:
        if self.span is None:
            return events
        start, end = self.span
        return (event for event in events if start <= event.at < end)


def _every(_line: bytes) -> bool:
    return True


def _value(cell: str, known: dict[str, Any]) -> Any:
    """The value of a JSON text; short texts come again and again."""
    if cell in known:
        return known[cell]
    try:
        value = parsed(cell)
    except (ValueError, RecursionError):
        raise Unsure(cell[:40]) from None
    if len(known) < 10_000:
        known[cell] = value
    return value


def _seen(record: Mapping[str, Any], names: Wanted, position: int) -> Seen:
    at = own_time(record) or 0
    row = fields_of(record, names, strict=True)
    return Seen(row={"@timestamp": Instant(at), **row}, at=at, position=position)
