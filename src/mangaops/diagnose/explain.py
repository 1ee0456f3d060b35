"""What would have changed each check of a diagnosis, and which check decided each step.

A function of the diagnosis alone, so that a run that was recorded is explained like a
new one.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mangaops.diagnose.formats import formatted
from mangaops.diagnose.operators import is_number
from mangaops.diagnose.slots import FORMATS
from mangaops.model.diagnosis import Check, Diagnosis, PathStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A check of the step `node`. `decided` marks the one check that decided the step;
    `turned` says what would have made it come out the other way.
    """

    node: str
    check: Check
    decided: bool
    turned: str


def explain(diagnosis: Diagnosis) -> tuple[Explained, ...]:
    """Every check of the path in order."""
    found: list[Explained] = []
    for step in diagnosis.path:
        deciding = deciding_check(step)
        found += [
            Explained(
                node=step.node, check=check, decided=check is deciding, turned=turning_point(check)
            )
            for check in step.checks
        ]
    return tuple(found)


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
    """`would be false if min(p95) were at most 2,000 ms`, as far as the check tells."""
    if check.result is None:
        return f"would be decided by {' and '.join(check.missing) or 'other values'}"
    other = "false" if check.result else "true"
    subject, symbol = _compared(check)
    if symbol in _ORDER and is_number(check.observed) and is_number(check.threshold):
        limit = formatted(check.threshold, _form(check.unit))
        return f"would be {other} if {subject} were {_side(symbol, check)} {limit}"
    return f"would be {other} if {subject} were another"


def _side(symbol: str, check: Check) -> str:
    """The word for the values on which the check comes out the other way."""
    if check.result:
        symbol = _OPPOSITE[symbol]
    return _WORDS[symbol]


def _compared(check: Check) -> tuple[str, str]:
    """The observed side's text and the comparison as it reads from there."""
    try:
        tree = ast.parse(check.expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return check.expression, ""
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        return check.expression, ""
    symbol = _SYMBOLS.get(type(tree.ops[0]), "")
    left, right = (_text(check, side) for side in (tree.left, tree.comparators[0]))
    if symbol in _ORDER and not _reads(symbol, check):
        return right, _MIRRORED[symbol]
    return left, symbol


def _reads(symbol: str, check: Check) -> bool:
    """Whether the observed value stands on the left."""
    if is_number(check.observed) and is_number(check.threshold):
        return _ORDER[symbol](check.observed, check.threshold) is check.result
    return True


def _text(check: Check, node: ast.expr) -> str:
    return ast.get_source_segment(check.expression, node) or check.expression


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
