"""Which rows can be among the first ones of a sorted query, asked of SQL beforehand.

`sort latency_ms desc | limit 20` over a million events needs those twenty, and the ties of
the last one: SQL finds where they begin, and all other rows need not be looked at here.
Numbers stand above texts in the order of results, so only what descends can be cut so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mangaops.sandbox.insights.execute import DEFAULT_LIMIT
from mangaops.sandbox.insights.query import Command, Display, Limit, Query, Sort
from mangaops.sandbox.insights.sql_expressions import Scope, in_sql
from mangaops.sandbox.insights.sql_query import Reads, conditions_in_sql
from mangaops.sandbox.insights.sql_values import NotInSql
from mangaops.sandbox.insights.stream import split


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """`number` is what the first `most` rows are the greatest of, among `where`."""

    number: str
    where: str
    most: int

    def statement(self, source: str) -> str:
        """One row: how many match, how many of them have a number, and the smallest needed."""
        number, where = self.number, self.where
        numbers = f"SELECT {number} AS x FROM {source} WHERE {where}"  # noqa: S608 - all is quoted
        return f"SELECT count(*), count(x), list_min(max(x, {self.most})) FROM ({numbers})"  # noqa: S608 - as above

    def condition(self, least: float) -> str:
        return f"({self.where}) AND ({self.number}) >= {least!r}::DOUBLE"


def top_of(query: Query, reads: Reads) -> Top:
    """Raises NotInSql for a query whose first rows cannot be told so."""
    first, rest = split(query)
    sort, most = _cut(rest)
    scope = Scope(members=reads.members, time=reads.time)
    conditions = [*conditions_in_sql(first, scope), *reads.in_span()]
    if sort is None:
        value = scope.named("@timestamp")
    elif sort.keys[0].descending:
        value = in_sql(sort.keys[0].expression, scope)
    else:
        raise NotInSql("an ascending order")
    where = " AND ".join(conditions) or "true"
    return Top(number=f"({value.number})::DOUBLE", where=where, most=most)


def _cut(rest: Sequence[Command]) -> tuple[Sort | None, int]:
    """What sorts the rows, and how many are needed: one more than are shown unasked."""
    commands = [command for command in rest if not isinstance(command, Display)]
    match commands:
        case []:
            return None, DEFAULT_LIMIT + 1
        case [Sort() as sort]:
            return sort, DEFAULT_LIMIT + 1
        case [Limit(count=count)]:
            return None, count
        case [Sort() as sort, Limit(count=count)]:
            return sort, count
        case _:
            raise NotInSql("more than a sort and a limit")
