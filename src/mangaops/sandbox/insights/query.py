"""A parsed query. `Span` is the half-open character range in the query text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias


class MalformedQuery(Exception):
    """The text is not a portable query; offsets count characters from 0, end exclusive."""

    def __init__(self, message: str, *, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A number, a text, or a list of them (only after `in`)."""

    value: float | int | str | tuple[float | int | str, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`5m` as an argument of bin, datefloor and dateceil; `milliseconds` is already capped."""

    milliseconds: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the event or of an earlier command, by its whole dotted name."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A scalar or aggregate function; `name` is in lower case, `*` is no argument of count."""

    name: str
    arguments: tuple[Expression, ...]
    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary:
    operator: str
    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """Arithmetic, comparison, `and`, `or`, `in`, `not in`."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`like`, `not like` and `=~`, with the pattern compiled to be searched for."""

    operand: Expression
    pattern: re.Pattern[str]
    negated: bool
    span: Span


Expression: TypeAlias = Literal | Period | Field | Call | Unary | Binary | Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An expression with the name of its output: the alias, or the text as it was written."""

    expression: Expression
    name: str
    aliased: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    columns: tuple[Column, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    condition: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Parse:
    """Each group of `pattern` becomes the field of the same position in `names`."""

    source: Field
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    aggregates: tuple[Column, ...]
    by: tuple[Column, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    expression: Expression
    descending: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    keys: tuple[SortKey, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    count: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    names: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Dedup:
    names: tuple[str, ...]
    span: Span


Command: TypeAlias = Fields | Filter | Parse | Stats | Sort | Limit | Display | Dedup


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    text: str
    commands: tuple[Command, ...] = field(default=())
