"""Expressions -> closures: compiled once for a query, called once for every row."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import assert_never

from mangaops.sandbox.insights.events import Row
from mangaops.sandbox.insights.functions import FUNCTIONS, floor_to
from mangaops.sandbox.insights.query import (
    Binary,
    Call,
    Expression,
    Field,
    Literal,
    Match,
    Period,
    Unary,
)
from mangaops.sandbox.insights.values import Instant, Value, equal, number, ordered, text, truth

Compiled = Callable[[Row], Value]

_ORDER: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = MappingProxyType(
    {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "%": math.fmod,  # the sign of the dividend, as in Java
        "^": lambda a, b: float(a) ** float(b),
    }
)


def compile_expression(expression: Expression) -> Compiled:  # noqa: PLR0911 - one per kind
    """A function from a row to the expression's value; aggregates are not for here."""
    match expression:
        case Literal(value=value):
            constant = None if isinstance(value, tuple) else value
            return lambda _row: constant
        case Period(milliseconds=milliseconds):
            return lambda _row: milliseconds
        case Field(name=name):
            return lambda row: row.get(name)
        case Call():
            return _compile_call(expression)
        case Unary():
            return _compile_unary(expression)
        case Binary():
            return _compile_binary(expression)
        case Match():
            return _compile_match(expression)
        case _:
            assert_never(expression)


def _compile_call(call: Call) -> Compiled:
    arguments = [compile_expression(argument) for argument in call.arguments]
    if call.name == "bin":
        return lambda row: _bin(row.get("@timestamp"), arguments[0](row))
    run = FUNCTIONS[call.name].run
    return lambda row: run(*[argument(row) for argument in arguments])


def _bin(at: Value, period: Value) -> Value:
    instant, size = number(at), number(period)
    return None if instant is None or not size else Instant(floor_to(int(instant), int(size)))


def _compile_unary(unary: Unary) -> Compiled:
    operand = compile_expression(unary.operand)
    if unary.operator == "not":
        return lambda row: not truth(operand(row))

    def negative(row: Row) -> Value:
        value = number(operand(row))
        return None if value is None else -value

    return negative


def _compile_match(expression: Match) -> Compiled:
    operand, search = compile_expression(expression.operand), expression.pattern.search
    negated = expression.negated

    def matches(row: Row) -> Value:
        value = text(operand(row))
        return value is not None and (search(value) is not None) != negated

    return matches


def _compile_binary(binary: Binary) -> Compiled:  # noqa: PLR0911 - one per operator
    left = compile_expression(binary.left)
    if binary.operator in {"in", "not in"} and isinstance(binary.right, Literal):
        return _compile_in(left, binary.right, negated=binary.operator == "not in")
    right = compile_expression(binary.right)
    match binary.operator:
        case "and":
            return lambda row: truth(left(row)) and truth(right(row))
        case "or":
            return lambda row: truth(left(row)) or truth(right(row))
        case "=":
            return lambda row: equal(left(row), right(row)) is True
        case "!=":
            return lambda row: equal(left(row), right(row)) is False
        case "<" | "<=" | ">" | ">=" as sign:
            holds = _ORDER[sign]
            return lambda row: ordered(left(row), right(row), holds) is True
        case sign:
            compute = _ARITHMETIC[sign]
            return lambda row: arithmetic(left(row), right(row), compute)


def _compile_in(left: Compiled, choices: Literal, *, negated: bool) -> Compiled:
    values = choices.value if isinstance(choices.value, tuple) else (choices.value,)

    def among(row: Row) -> Value:
        value = left(row)
        return value is not None and any(equal(value, one) for one in values) != negated

    return among


def arithmetic(left: Value, right: Value, compute: Callable[[float, float], float]) -> Value:
    """A number, or absent when a side is no number or the result is none (x / 0)."""
    a, b = number(left), number(right)
    if a is None or b is None:
        return None
    try:
        result = compute(a, b)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return None if isinstance(result, complex) else number(result)
