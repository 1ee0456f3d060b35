"""In which order groups come out of SQL, which has none: that of their newest events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mangaops.sandbox.insights.execute import Entry, Run, apply
from mangaops.sandbox.insights.query import Call, Command, Expression, Query, Sort, Stats
from mangaops.sandbox.insights.sql_query import Group
from mangaops.sandbox.insights.stream import split

_COUNTS = frozenset({"count", "count_distinct"})


def decides_itself(query: Query) -> bool:
    """Whether groups are likely sorted by values of which no two are alike."""
    _, rest = split(query)
    stats, others = (rest[0] if rest else None), rest[1:]
    if not isinstance(stats, Stats):
        return False
    if not stats.by:
        return True
    sorts = [command for command in others if isinstance(command, Sort)]
    if not sorts or any(isinstance(command, Stats) for command in others):
        return False
    key = sorts[-1].keys[0].text
    by_name = {column.name: column.expression for column in stats.aggregates}
    return key in by_name and not _counts(by_name[key])


def _counts(expression: Expression) -> bool:
    return isinstance(expression, Call) and expression.name in _COUNTS


def settled(rest: Sequence[Command], groups: Iterable[Group]) -> list[Entry] | None:
    """The groups in their order, newest first; None where that matters and is not known.

    Groups of the same time are tried in both orders: if the answer is the same, sorting
    decides it.
    """
    numbered = list(enumerate(groups))
    one = [g.entry for _, g in sorted(numbered, key=_newest_first(1))]
    other = [g.entry for _, g in sorted(numbered, key=_newest_first(-1))]
    if _same(one, other):
        return one
    if any(isinstance(command, Stats) for command in rest):
        return None
    return one if _same(_after(rest, one), _after(rest, other)) else None


def _newest_first(sign: int) -> Callable[[tuple[int, Group]], tuple[int, int]]:
    return lambda one: (-(one[1].newest or 0), sign * one[0])


def _same(one: Sequence[Entry], other: Sequence[Entry]) -> bool:
    return [id(entry) for entry in one] == [id(entry) for entry in other]


def _after(rest: Sequence[Command], entries: Sequence[Entry]) -> Sequence[Entry]:
    """The same entries, cut and sorted; what is computed of them they may hold twice."""
    run = Run(entries=list(entries))
    for command in rest:
        apply(command, run)
    return run.entries
