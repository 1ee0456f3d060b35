"""Comparison and arithmetic of plain values. Nothing raises: what Python would raise on,
or answer with infinity, is unknown.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeGuard

from mangaops.diagnose import equality
from mangaops.diagnose.values import (
    UNKNOWN,
    Missing,
    Result,
    Value,
    absent,
    bare,
    derived,
    merged,
)

_EQUALITIES = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
_LARGEST = 2**1000
"""Integers above this no longer become floats."""


def is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def comparison(op: ast.cmpop, left: Value, right: Value) -> Value:
    """The truth of one pair, with the provenance of both sides."""
    compare = _COMPARISONS[type(op)]
    if not (isinstance(left, Result) or isinstance(right, Result)):
        found = UNKNOWN if left is UNKNOWN or right is UNKNOWN else compare(left, right)
        return _unseen_equality(op, left, right, found) if found is UNKNOWN else found
    found = derived(compare, left, right)
    if bare(found) is UNKNOWN:
        return _unseen_equality(op, left, right, found)
    if bare(found) is True and isinstance(found, Result):
        return _bounded(op, left, right, found)
    return found


def _unseen_equality(op: ast.cmpop, left: Value, right: Value, found: Value) -> Value:
    """An unknown that is so for a redacted side says so."""
    lost = equality.unseen_of(left, right) if isinstance(op, _EQUALITIES) else None
    if lost is None or (isinstance(found, Result) and found.missing):
        return found
    return merged(UNKNOWN, (found, lost))


def _bounded(op: ast.cmpop, left: Value, right: Value, found: Result) -> Result:
    """`a > b` stays true when what was left out of `a` could only raise it."""
    if isinstance(op, ast.Gt | ast.GtE) and isinstance(left, Result) and left.at_least:
        return replace(found, unseen=_unseen(right))
    if isinstance(op, ast.Lt | ast.LtE) and isinstance(right, Result) and right.at_least:
        return replace(found, unseen=_unseen(left))
    return found


def arithmetic(op: ast.operator, left: Value, right: Value) -> Value:
    return derived(_ARITHMETIC[type(op)], left, right)


def minus(value: Value) -> Value:
    return derived(lambda number: -number if is_number(number) else UNKNOWN, value)


def guarded(number: object) -> object:
    """A number that can be used further; anything else is unknown."""
    if isinstance(number, int):
        return number if abs(number) < _LARGEST else UNKNOWN
    return number if isinstance(number, float) and math.isfinite(number) else UNKNOWN


def _unseen(value: Value) -> frozenset[Missing]:
    return value.unseen if isinstance(value, Result) and not absent(value) else frozenset()


def _ordered(compare: Callable[[float, float], bool]) -> Callable[[object, object], object]:
    """The order of anything but two numbers is unknown."""

    def compared(left: object, right: object) -> object:
        return compare(left, right) if is_number(left) and is_number(right) else UNKNOWN

    return compared


def _calculated(compute: Callable[[float, float], float]) -> Callable[[object, object], object]:
    def calculated(left: object, right: object) -> object:
        if not (is_number(left) and is_number(right)):
            return UNKNOWN
        try:
            return guarded(compute(left, right))
        except (ArithmeticError, ValueError):
            return UNKNOWN

    return calculated


_COMPARISONS: Mapping[type[ast.cmpop], Callable[[object, object], object]] = {
    ast.Eq: equality.equal,
    ast.NotEq: equality.unequal,
    ast.Lt: _ordered(operator.lt),
    ast.LtE: _ordered(operator.le),
    ast.Gt: _ordered(operator.gt),
    ast.GtE: _ordered(operator.ge),
    ast.In: equality.among,
    ast.NotIn: equality.not_among,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_ARITHMETIC: Mapping[type[ast.operator], Callable[[object, object], object]] = {
    ast.Add: _calculated(operator.add),
    ast.Sub: _calculated(operator.sub),
    ast.Mult: _calculated(operator.mul),
    ast.Div: _calculated(operator.truediv),
    ast.Mod: _calculated(operator.mod),
}
