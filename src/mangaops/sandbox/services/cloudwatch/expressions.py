"""Metric math, the part that runbooks and people use; the rest is refused by name.

`+ - * / ^` over series and numbers, SUM AVG MIN MAX over a list of series or over
METRICS(), FILL(m, number or REPEAT), ABS CEIL FLOOR, PERIOD(m), DIFF(m), RATE(m).
Two series combine where both have a point; a division by zero has no point.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

from mangaops.sandbox.overlay import Fault
from mangaops.sandbox.services.cloudwatch.periods import Span
from mangaops.sandbox.services.cloudwatch.queries import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The value at the start of each period that has one."""

    points: Mapping[int, float]
    span: Span


Value = Line | float | list[Line]


def evaluate_all(queries: tuple[Query, ...], lines: Mapping[str, Line]) -> dict[str, Line]:
    """The lines of all queries; `lines` are those of the metrics."""
    math_ = _Math({query.id: query for query in queries}, dict(lines))
    for query in queries:
        math_.line(query.id)
    return math_.lines


@dataclass(slots=True)
class _Math:
    queries: Mapping[str, Query]
    lines: dict[str, Line]
    open: tuple[str, ...] = ()

    def line(self, name: str) -> Line:
        if name in self.lines:
            return self.lines[name]
        if name not in self.queries:
            raise _invalid(f"Error in expression: no query has the id {name!r}.")
        if name in self.open:
            raise _invalid(f"Error in expression '{name}': it refers to itself.")
        query = self.queries[name]
        self.open = (*self.open, name)
        value = self.value(_parse(query))
        self.open = self.open[:-1]
        if not isinstance(value, Line):
            raise _invalid(f"Error in expression '{name}': it is not a single time series.")
        self.lines[name] = value
        return value

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return float(number)
            case ast.Name(id=name):
                return self.line(name)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _combine(lambda a, b: a - b, 0.0, self.value(inner))
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
                apply = _OPERATORS[type(operator)]
                return _combine(apply, self.value(left), self.value(right))
            case ast.List(elts=members):
                return [_series(self.value(member)) for member in members]
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.call(name.upper(), arguments)
            case _:
                raise _unsupported(ast.unparse(node))

    def call(self, name: str, arguments: list[ast.expr]) -> Value:
        if name == "METRICS" and not arguments:
            return [self.lines[key] for key, one in self.queries.items() if one.metric is not None]
        if name == "FILL" and len(arguments) == 2:
            return self.fill(_series(self.value(arguments[0])), arguments[1])
        if len(arguments) != 1:
            raise _unsupported(f"{name} with {len(arguments)} arguments")
        value = self.value(arguments[0])
        if name in _OVER_LISTS and isinstance(value, list):
            return _across(_OVER_LISTS[name], value)
        if name in _POINTWISE:
            return _mapped(_POINTWISE[name], _series(value))
        if name == "PERIOD":
            return float(_series(value).span.period)
        if name in ("DIFF", "RATE"):
            return _steps(_series(value), per_second=name == "RATE")
        raise _unsupported(name)

    def fill(self, line: Line, filler: ast.expr) -> Line:
        if isinstance(filler, ast.Name) and filler.id == "REPEAT":
            points, last = {}, None
            for start in line.span.starts():
                last = line.points.get(start, last)
                if last is not None:
                    points[start] = last
            return replace(line, points=points)
        value = self.value(filler)
        if not isinstance(value, float):
            raise _unsupported("FILL with a series")
        points = {start: line.points.get(start, value) for start in line.span.starts()}
        return replace(line, points=points)


_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: cast("float", a**b),
}
_OVER_LISTS: Mapping[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}
_POINTWISE: Mapping[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": lambda value: float(math.ceil(value)),
    "FLOOR": lambda value: float(math.floor(value)),
}


def _parse(query: Query) -> ast.expr:
    try:
        return ast.parse(query.expression.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError) as wrong:
        raise _invalid(f"Error in expression '{query.id}': {wrong}") from wrong


def _combine(apply: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if isinstance(left, list) or isinstance(right, list):
        raise _unsupported("arithmetic over a list of series")
    if isinstance(left, float) and isinstance(right, float):
        result = _safely(apply, left, right)
        if result is None:
            raise _invalid("Error in expression: division by zero.")
        return result
    span = left.span if isinstance(left, Line) else cast("Line", right).span
    sides = [side for side in (left, right) if isinstance(side, Line)]
    if len({side.span.period for side in sides}) > 1:
        raise _unsupported("series of different periods in one expression")
    shared = [at for at in sides[0].points if all(at in side.points for side in sides)]
    results = {at: _safely(apply, _at(left, at), _at(right, at)) for at in shared}
    return Line(points={at: v for at, v in results.items() if v is not None}, span=span)


def _safely(apply: Callable[[float, float], float], left: float, right: float) -> float | None:
    try:
        result = apply(left, right)
    except (ZeroDivisionError, OverflowError):
        return None
    return result if isinstance(result, float | int) and math.isfinite(result) else None


def _at(side: Line | float, at: int) -> float:
    return side.points[at] if isinstance(side, Line) else side


def _series(value: Value) -> Line:
    if not isinstance(value, Line):
        raise _unsupported("a number or a list where a series is needed")
    return value


def _across(apply: Callable[[list[float]], float], lines: list[Line]) -> Line:
    if not lines:
        raise _invalid("Error in expression: METRICS() matches no metric.")
    found = sorted({at for line in lines for at in line.points})
    points = {at: apply([one.points[at] for one in lines if at in one.points]) for at in found}
    return Line(points=points, span=lines[0].span)


def _mapped(apply: Callable[[float], float], line: Line) -> Line:
    return replace(line, points={at: apply(value) for at, value in line.points.items()})


def _steps(line: Line, *, per_second: bool) -> Line:
    ordered = sorted(line.points.items())
    points = {}
    for (before, low), (at, high) in pairwise(ordered):
        points[at] = (high - low) / ((at - before) if per_second else 1)
    return replace(line, points=points)


def _unsupported(what: str) -> Fault:
    return _invalid(f"Error in expression: the sandbox does not serve {what}.")


def _invalid(message: str) -> Fault:
    return Fault("ValidationError", message)
