"""What the types of a query cannot say: values that AWS or a condition would not understand.

Limits are those of CloudWatch's GetMetricData and of Logs Insights.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from mangaops.model.query import LogQuery, MetricQuery, Query

MOST_ROWS = 10_000
MOST_DAYS = 14

STATISTIC = r"Average|Sum|Minimum|Maximum|SampleCount|IQM|(p|tm|tc|ts|wm)(100|\d{1,2}(\.\d{1,10})?)"
"""As CloudWatch writes them, as a regular expression."""
_STATISTIC = re.compile(STATISTIC)
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`path` leads from the query to the value, whose key `message` starts with."""

    path: tuple[str, ...]
    message: str
    hint: str = ""


def problems(query: Query) -> Iterator[Problem]:
    """Everything that is wrong with a query whose types are right."""
    match query:
        case MetricQuery():
            yield from _names(query)
            yield from _lengths(query)
            yield from _dimensions(query)
        case LogQuery():
            yield from _logs(query)
        case _:
            pass


def is_statistic(name: str) -> bool:
    """Is it one of CloudWatch's statistics?"""
    return _STATISTIC.fullmatch(name) is not None


def is_word(name: str) -> bool:
    """Can a condition name it? Keywords such as `in` cannot be."""
    return _WORD.fullmatch(name) is not None and not keyword.iskeyword(name)


def _names(query: MetricQuery) -> Iterator[Problem]:
    for name, text in (("namespace", query.namespace), ("name", query.name)):
        if "*" in text or not text:
            hint = "a `*` can only stand for the value of a dimension"
            yield Problem(path=(name,), message=f"{name} must be one name", hint=hint)
    if "${" not in query.stat and not is_statistic(query.stat):
        message = f'stat "{query.stat[:40]}" is no statistic of CloudWatch'
        hint = "for example p95, Average, Sum, Maximum, SampleCount"
        yield Problem(path=("stat",), message=message, hint=hint)


def _lengths(query: MetricQuery) -> Iterator[Problem]:
    lengths = {"period": query.period, "pool": query.pool, "window": query.window}
    for name, length in lengths.items():
        if length is not None and length % timedelta(minutes=1):
            message = f"{name} must be whole minutes"
            yield Problem(path=(name,), message=message, hint="for example 1m or 5m")
    if query.baseline is not None and not 1 <= query.baseline.days <= MOST_DAYS:
        message = f"days must be 1 to {MOST_DAYS}"
        yield Problem(path=("baseline", "days"), message=message)


def _dimensions(query: MetricQuery) -> Iterator[Problem]:
    for name, value in query.dimensions.items():
        path = ("dimensions", name)
        if "*" in value and value != "*":
            yield Problem(path=path, message=f"{name} must be `*` alone or one whole value")
        if value == "*" and not is_word(name):
            message = f"{name} is no name for a condition, so it cannot be `*`"
            yield Problem(path=path, message=message)


def _logs(query: LogQuery) -> Iterator[Problem]:
    if not query.groups:
        yield Problem(path=("groups",), message="groups must not be empty")
    if not query.columns:
        yield Problem(path=("columns",), message="columns must not be empty")
    if not 1 <= query.limit <= MOST_ROWS:
        yield Problem(path=("limit",), message=f"limit must be 1 to {MOST_ROWS:,}")
    for name in query.columns:
        if not is_word(name):
            message = f"the column {name} cannot be named in a condition"
            hint = "rename it in the query: `... as name`"
            yield Problem(path=("columns", name), message=message, hint=hint)
