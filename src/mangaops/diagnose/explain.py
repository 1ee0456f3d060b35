"""What would have changed each check of a diagnosis, and which check decided each step.

A function of the diagnosis alone, so that a run that was recorded is explained like a
new one.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

from mangaops.diagnose.formats import formatted
from mangaops.diagnose.operators import is_number
from mangaops.diagnose.slots import FORMATS
from mangaops.model.diagnosis import Check, PathStep


def deciding_check(step: PathStep) -> Check | None:
    """The check that a step hangs on: what was missing where it was left for that; else
    the one that the least change would have turned, of those without a margin the last.
    """
    unknown = [check for check in step.checks if check.result is None]
    if step.missing and unknown:
        return unknown[-1]
    known = [check for check in step.checks if check.result is not None]
    measured = [check for check in known if check.margin is not None]
    if measured:
        return min(measured, key=lambda check: abs(check.margin or 0.0))
    return known[-1] if known else None


def turning_point(check: Check) -> str:
    """`would be false if it were at most 2,000 ms`, as far as the check tells."""
    if check.result is None:
        return f"would be decided by {' and '.join(check.missing) or 'other values'}"
    other = "false" if check.result else "true"
    symbol = _symbol(check)
    if symbol and is_number(check.observed) and is_number(check.threshold):
        limit = formatted(check.threshold, _form(check.unit))
        side = _WORDS[_OPPOSITE[symbol] if check.result else symbol]
        return f"would be {other} if it were {side} {limit}"
    return f"would be {other} if it were another"


def _symbol(check: Check) -> str:
    """The order that was asked for, as it reads from the observed side; empty if it is none."""
    try:
        tree = ast.parse(check.expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        return ""
    symbol = _SYMBOLS.get(type(tree.ops[0]), "")
    return symbol if not symbol or _reads(symbol, check) else _MIRRORED[symbol]


def _reads(symbol: str, check: Check) -> bool:
    """Whether the observed value stands on the left."""
    if is_number(check.observed) and is_number(check.threshold):
        return _ORDER[symbol](check.observed, check.threshold) is check.result
    return True


def _form(unit: str) -> str:
    return "%" if unit == "ratio" else unit if unit in FORMATS else "count"


_SYMBOLS: Mapping[type[ast.cmpop], str] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
}
_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_WORDS = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}
