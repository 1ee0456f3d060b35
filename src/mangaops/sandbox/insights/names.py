"""Which fields a query names, and which texts an event must hold to pass its first filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mangaops.sandbox.insights.query import (
    Binary,
    Call,
    Column,
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
    Stats,
    Unary,
)
from mangaops.sandbox.insights.values import number

_PLAIN = re.compile(r"[A-Za-z0-9_.-]+\Z")
"""Texts that JSON writes as they are, but for \\u escapes."""


def names_of(query: Query) -> frozenset[str]:
    """Every field of events that the query reads or shows, and some that it computes itself."""
    return frozenset(_named(query))


def _named(query: Query) -> Iterator[str]:  # noqa: C901 - one per kind
    shown = False
    for command in query.commands:
        match command:
            case Fields(columns=columns):
                shown = True
                yield from _of_columns(columns)
            case Stats(aggregates=aggregates, by=by):
                yield from _of_columns((*aggregates, *by))
                return  # all that follows is about its columns
            case Filter(condition=condition):
                yield from fields_in(condition)
            case Parse(source=source):
                yield source.name
            case Sort(keys=keys):
                for key in keys:
                    yield key.text
                    yield from fields_in(key.expression)
            case Display(names=names) | Dedup(names=names):
                shown = shown or isinstance(command, Display)
                yield from names
            case Limit():
                pass
    if not shown:
        yield from ("@timestamp", "@message")


def _of_columns(columns: tuple[Column, ...]) -> Iterator[str]:
    for column in columns:
        yield from fields_in(column.expression)


def fields_in(expression: Expression) -> Iterator[str]:
    """The fields of an expression, also the time that `bin` takes."""
    match expression:
        case Field(name=name):
            yield name
        case Call(name=name, arguments=arguments):
            if name == "bin":
                yield "@timestamp"
            for argument in arguments:
                yield from fields_in(argument)
        case Unary(operand=operand) | Match(operand=operand):
            yield from fields_in(operand)
        case Binary(left=left, right=right):
            yield from fields_in(left)
            yield from fields_in(right)
        case _:
            return


def conditions(query: Query) -> Iterator[Expression]:
    """What every event must meet, by the filters before any field is computed."""
    for command in query.commands:
        if not isinstance(command, Filter):
            return
        yield from _conjuncts(command.condition)


def _conjuncts(condition: Expression) -> Iterator[Expression]:
    if isinstance(condition, Binary) and condition.operator == "and":
        yield from _conjuncts(condition.left)
        yield from _conjuncts(condition.right)
    else:
        yield condition


def may_matter(query: Query) -> Callable[[bytes], bool] | None:
    """A quick test of a line, True for every line that can pass the filters; None without one."""
    texts = [text.encode() for one in conditions(query) if (text := _text_needed(one))]
    if not texts:
        return None
    rarest = max(texts, key=len)
    return lambda line: rarest in line or b"\\u" in line


def _text_needed(condition: Expression) -> str:
    match condition:
        case Binary(operator="=", left=Field(), right=Literal(value=str() as value)):
            plain = _PLAIN.match(value) and number(value) is None
            return value if plain and value not in {"true", "false"} else ""
        case _:
            return ""
