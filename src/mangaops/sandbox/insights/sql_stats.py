"""Functions of `stats` in DuckDB's SQL: what is summed up of a group, and what that means.

SQL gives whole numbers, single values and exact sums; the result is made of them with the
formulas of `aggregates.py`, so that it is the same to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mangaops.sandbox.insights.aggregates import between
from mangaops.sandbox.insights.execute import Aggregation
from mangaops.sandbox.insights.records import Unsure
from mangaops.sandbox.insights.sql_expressions import Scope, in_sql
from mangaops.sandbox.insights.sql_values import UNSURE, Kind, NotInSql, Sql
from mangaops.sandbox.insights.values import Instant, Value, number

_UNIT = 2**80
_MOST_EXACT = 1e15
"""From here on a whole float is shown in another form than an integer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InSql:
    """One aggregate. `inputs` are computed for each record, `states` of them for a group
    (`{0}` is the first input), `shown` of these, and `result` reads what came of `shown`.
    """

    inputs: Sequence[str]
    states: Sequence[str]
    result: Callable[[Sequence[Any]], Value]
    shown: Sequence[str] = ()


def aggregate_in_sql(call: Aggregation, scope: Scope) -> InSql:
    """Raises NotInSql for an aggregate that SQL has not exactly."""
    if call.name == "count" and not call.arguments:
        return InSql(inputs=(), states=("count(*)",), result=lambda got: int(got[0]))
    value = in_sql(call.arguments[0], scope) if call.arguments else None
    make = _MADE.get(call.name)
    if make is None or value is None:
        raise NotInSql(call.name)
    return make(value, call.rank)


def _count(value: Sql, _rank: float) -> InSql:
    return InSql(
        inputs=(value.present,),
        states=("count(*) FILTER ({0})",),
        result=lambda got: int(got[0]),
    )


def _distinct(value: Sql, _rank: float) -> InSql:
    """JSON texts differ where the texts do, if all are strings or all are plain integers."""
    if value.kind is not Kind.RAW:
        raise NotInSql("count_distinct of what is computed")

    def result(got: Sequence[Any]) -> Value:
        distinct, present, strings, integers = got
        if strings not in {0, present} or (not strings and integers != present):
            raise Unsure("values of several kinds")
        return int(distinct)

    return InSql(
        inputs=(f"CASE WHEN {value.present} THEN {value.output} END",),
        states=(
            "count(DISTINCT {0})",
            "count({0})",
            "count(*) FILTER (starts_with({0}, '\"'))",
            "count(*) FILTER (regexp_full_match({0}, '-?[1-9][0-9]*|0'))",
        ),
        result=result,
    )


def _sums(value: Sql, result: Callable[[int, int], Value]) -> InSql:
    """The exact sum of floats, in whole units of 2**-80.

    Of these every float is a whole number, but for those nearer to 0 than 3.7e-9. A sum
    beyond 1e14 is more than SQL's integers hold, which is an error there.
    """
    units = f"({{0}} * {_UNIT}::DOUBLE)::HUGEINT"
    tiny = "{0} <> 0 AND abs({0}) < 3.8e-9"

    def read(got: Sequence[Any]) -> Value:
        exact, count = got
        return result(int(exact), int(count)) if count else None

    return InSql(
        inputs=(value.number,),
        states=(
            f"sum(CASE WHEN {tiny} THEN error('{UNSURE}') ELSE {units} END)",
            "count({0})",
        ),
        result=read,
    )


def _rounded(exact: int) -> float:
    """As math.fsum: the float nearest to the exact sum."""
    return exact / _UNIT


def _sum(value: Sql, _rank: float) -> InSql:
    def result(exact: int, _count: int) -> Value:
        total = _rounded(exact)
        if abs(total) >= _MOST_EXACT:
            raise Unsure("a sum that an integer shows in another form")
        return total

    return _sums(value, result)


def _avg(value: Sql, _rank: float) -> InSql:
    return _sums(value, lambda exact, count: _rounded(exact) / count)


def _extreme(name: str) -> Callable[[Sql, float], InSql]:
    def made(value: Sql, _rank: float) -> InSql:
        if value.kind is Kind.INSTANT:
            return InSql(
                inputs=(value.output,),
                states=(f"{name}({{0}})",),
                result=lambda got: Instant(got[0]),
            )
        return InSql(
            inputs=(value.number, value.present),
            states=(f"{name}({{0}})", "count(*) FILTER ({1})"),
            result=_extreme_of_numbers,
        )

    return made


def _extreme_of_numbers(got: Sequence[Any]) -> Value:
    extreme, present = got
    if extreme is None and present:
        raise Unsure("the extreme of texts")
    return None if extreme is None else float(extreme)


def _pct(value: Sql, rank: float) -> InSql:
    """The two nearest ranks of the sorted numbers."""
    position = f"(len({{0}}) - 1)::DOUBLE * {rank!r}::DOUBLE / 100"
    below = f"floor({position})::BIGINT"

    def result(got: Sequence[Any]) -> Value:
        count, low, high = got
        if not count:
            return None
        exact = (count - 1) * rank / 100
        return number(between(low, high, exact - math.floor(exact)))

    return InSql(
        inputs=(value.number,),
        states=("list_sort(list({0}) FILTER ({0} IS NOT NULL))",),
        shown=(
            "coalesce(len({0}), 0)",
            f"{{0}}[{below} + 1]",
            f"{{0}}[least({below} + 2, len({{0}}))]",
        ),
        result=result,
    )


_MADE: Mapping[str, Callable[[Sql, float], InSql]] = {
    "count": _count,
    "count_distinct": _distinct,
    "sum": _sum,
    "avg": _avg,
    "min": _extreme("min"),
    "max": _extreme("max"),
    "pct": _pct,
}
