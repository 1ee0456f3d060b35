"""The parse tree -> `Query`: names, spans, patterns and periods in their final form."""

from __future__ import annotations

import re
from typing import Any, cast

from lark import Token, Transformer, v_args
from lark.tree import Meta

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
    MalformedQuery,
    Match,
    Parse,
    Period,
    Query,
    Sort,
    SortKey,
    Span,
    Stats,
    Unary,
)

_SECOND = 1000
_UNITS = (
    # unit (every spelling begins so), milliseconds, AWS's cap on the number: bin(300s) means 60 s
    ("ms", 1, 1000),
    ("mil", 1, 1000),
    ("mse", 1, 1000),
    ("s", _SECOND, 60),
    ("m", 60 * _SECOND, 60),
    ("h", 3600 * _SECOND, 24),
    ("d", 86400 * _SECOND, None),
    ("w", 7 * 86400 * _SECOND, None),
)
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")
_GROUP_NAMES = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")


def _span(meta: Meta) -> Span:
    return Span(start=meta.start_pos, end=meta.end_pos)


def _token_span(token: Token) -> Span:
    start = cast("int", token.start_pos)
    return Span(start=start, end=start + len(token))


def unquote(token: str) -> str:
    """A quoted text without its quotes; a backslash protects a quote or a backslash."""
    return re.sub(r"\\([\"'\\])", r"\1", token[1:-1])


def plain_name(token: str) -> str:
    """A field's name without backticks."""
    return token.replace("`", "")


def milliseconds(text: str) -> int:
    """`5m` in milliseconds, with AWS's silent caps: ms 1000, s 60, m 60, h 24."""
    digits = re.match(r"\d+", text)
    assert digits is not None  # noqa: S101 - the grammar let only digits through
    unit = text[digits.end() :].lower()
    size, cap = next((size, cap) for prefix, size, cap in _UNITS if unit.startswith(prefix))
    number = int(digits[0])
    return max(1, number if cap is None else min(number, cap)) * size


def compile_regex(token: Token) -> re.Pattern[str]:
    """`/.../` in the common part of Java's and Python's syntax."""
    body = _NAMED_GROUP.sub("(?P<", str(token)[1:-1].replace("\\/", "/"))
    try:
        return re.compile(body)
    except (re.error, RecursionError) as error:
        span = _token_span(token)
        message = f"invalid regular expression {token}: {error}"
        raise MalformedQuery(message, start=span.start, end=span.end) from None


def compile_like(token: Token) -> re.Pattern[str]:
    """A quoted text after `like`: a substring, or with `%` a pattern for the whole value."""
    text = unquote(token)
    if "%" not in text:
        return re.compile(re.escape(text))
    parts = (re.escape(part) for part in text.split("%"))
    return re.compile(r"\A" + ".*".join(parts) + r"\Z", re.DOTALL)


@v_args(meta=True)
class BuildQuery(Transformer[Token, Any]):
    """One method per rule; lark calls them from the leaves up."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def start(self, _meta: Meta, commands: list[Any]) -> Query:
        return Query(text=self._text, commands=tuple(commands))

    def fields(self, meta: Meta, items: list[Any]) -> Fields:
        return Fields(columns=tuple(items[1:]), span=_span(meta))

    def filter(self, meta: Meta, items: list[Any]) -> Filter:
        return Filter(condition=items[1], span=_span(meta))

    def source(self, meta: Meta, items: list[Any]) -> Field:
        return Field(name=plain_name(items[0]), span=_span(meta))

    def parse_glob(self, meta: Meta, items: list[Any]) -> Parse:
        _, source, pattern, _as, *names = items
        parts = unquote(pattern).split("*")
        if len(parts) - 1 != len(names):
            message = (
                f"parse has {len(parts) - 1} wildcards but {len(names)} names "
                f"in {pattern} at position {_span(meta).start}"
            )
            raise MalformedQuery(message, start=meta.start_pos, end=meta.end_pos)
        glob = "(.*?)".join(re.escape(part) for part in parts)
        tail = r"\Z" if parts[-1] == "" else ""
        compiled = re.compile(glob + tail, re.DOTALL)
        return Parse(source=source, pattern=compiled, names=tuple(names), span=_span(meta))

    def parse_regex(self, meta: Meta, items: list[Any]) -> Parse:
        pattern = compile_regex(items[2])
        names = tuple(item for item in items[4:] if item is not None)
        by_group = tuple(sorted(pattern.groupindex, key=lambda name: pattern.groupindex[name]))
        if not names and by_group and len(by_group) == pattern.groups:
            names = by_group
        if not names or len(names) != pattern.groups:
            message = "parse needs one named capturing group or one alias for each group"
            raise MalformedQuery(message, start=meta.start_pos, end=meta.end_pos)
        return Parse(source=items[1], pattern=pattern, names=names, span=_span(meta))

    def stats(self, meta: Meta, items: list[Any]) -> Stats:
        *columns, _by, by = items[1:]
        return Stats(aggregates=tuple(columns), by=by or (), span=_span(meta))

    def by(self, _meta: Meta, items: list[Any]) -> tuple[Column, ...]:
        return tuple(items)

    def sort(self, meta: Meta, items: list[Any]) -> Sort:
        return Sort(keys=tuple(items[1:]), span=_span(meta))

    def sort_key(self, _meta: Meta, items: list[Any]) -> SortKey:
        expression = cast("Expression", items[0])
        descending = len(items) > 1 and items[1].lower() == "desc"
        text = self._text[expression.span.start : expression.span.end]
        return SortKey(expression=expression, descending=descending, text=text)

    def limit(self, meta: Meta, items: list[Any]) -> Limit:
        if not str(items[1]).isdigit() or not 1 <= int(items[1]) <= 100_000:
            raise MalformedQuery(
                f"limit must be a whole number from 1 to 100000, not {items[1]}",
                start=meta.start_pos,
                end=meta.end_pos,
            )
        return Limit(count=int(items[1]), span=_span(meta))

    def display(self, meta: Meta, items: list[Any]) -> Display:
        return Display(names=tuple(items[1:]), span=_span(meta))

    def dedup(self, meta: Meta, items: list[Any]) -> Dedup:
        return Dedup(names=tuple(items[1:]), span=_span(meta))

    def column(self, meta: Meta, items: list[Any]) -> Column:
        expression, _as, alias = items
        written = self._text[expression.span.start : expression.span.end]
        plain = expression.name if isinstance(expression, Field) else written
        return Column(
            expression=expression,
            name=plain if alias is None else alias,
            aliased=alias is not None,
            span=_span(meta),
        )

    def name(self, _meta: Meta, items: list[Any]) -> str:
        return plain_name(items[0])

    def binary(self, meta: Meta, items: list[Any]) -> Binary:
        left, operator, right = items
        return Binary(operator=operator.lower(), left=left, right=right, span=_span(meta))

    def not_in(self, meta: Meta, items: list[Any]) -> Binary:
        left, _not, _in, right = items
        return Binary(operator="not in", left=left, right=right, span=_span(meta))

    def unary(self, meta: Meta, items: list[Any]) -> Unary:
        return Unary(operator=items[0].lower(), operand=items[1], span=_span(meta))

    def match(self, meta: Meta, items: list[Any]) -> Match:
        return self._match(meta, items[0], items[-1], negated=False)

    def not_match(self, meta: Meta, items: list[Any]) -> Match:
        return self._match(meta, items[0], items[-1], negated=True)

    def _match(self, meta: Meta, operand: Expression, token: Token, *, negated: bool) -> Match:
        pattern = compile_regex(token) if token.type == "REGEX" else compile_like(token)
        return Match(operand=operand, pattern=pattern, negated=negated, span=_span(meta))

    def choices(self, meta: Meta, items: list[Any]) -> Literal:
        values = tuple(item.value for item in items if item is not None)
        return Literal(value=values, span=_span(meta))

    def constant(self, meta: Meta, items: list[Any]) -> Literal:
        if items[-1].type == "STRING":
            return Literal(value=unquote(items[0]), span=_span(meta))
        sign = -1 if len(items) > 1 else 1
        return Literal(value=sign * _number(items[-1]), span=_span(meta))

    def number(self, meta: Meta, items: list[Any]) -> Literal:
        return Literal(value=_number(items[0]), span=_span(meta))

    def string(self, meta: Meta, items: list[Any]) -> Literal:
        return Literal(value=unquote(items[0]), span=_span(meta))

    def period(self, meta: Meta, items: list[Any]) -> Period:
        if not int(re.sub(r"\D", "", items[0])):
            message = f"a period of nothing: {items[0]}"
            raise MalformedQuery(message, start=meta.start_pos, end=meta.end_pos)
        return Period(milliseconds=milliseconds(items[0]), span=_span(meta))

    def field(self, meta: Meta, items: list[Any]) -> Field | Literal:
        if items[0] in ("true", "false"):
            return Literal(value=int(items[0] == "true"), span=_span(meta))
        return Field(name=plain_name(items[0]), span=_span(meta))

    def call(self, meta: Meta, items: list[Any]) -> Call:
        arguments = items[1] if items[1] is not None else ()
        span = _span(meta)
        text = self._text[span.start : span.end]
        return Call(name=items[0].lower(), arguments=arguments, span=span, text=text)

    def arguments(self, _meta: Meta, items: list[Any]) -> tuple[Expression, ...]:
        if isinstance(items[0], Token):  # count(*)
            return ()
        return tuple(items)


def _number(token: str) -> float | int:
    return int(token) if token.isdigit() else float(token)
