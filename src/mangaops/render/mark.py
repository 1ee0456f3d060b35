"""The word in front of a check: FAIL, ok, ??, or yes and no where there is no limit.

A check is a comparison, and whether it being true is bad depends on its direction. Over
a limit is bad. Under a limit is bad where that decides the incident (the trigger, or
the step that ends the walk), and good elsewhere (an intent that keeps its target). A
comparison without order has no limit to break: it is answered yes or no.
"""

from __future__ import annotations

import ast
from enum import StrEnum

from mangaops.model.diagnosis import Check, PathStep


class Mark(StrEnum):
    FAIL = "FAIL"
    OK = "ok"
    UNKNOWN = "??"
    SKIPPED = "--"
    YES = "yes"
    NO = "no"


STYLES = {
    Mark.FAIL: "fail",
    Mark.OK: "fine",
    Mark.UNKNOWN: "unsure",
    Mark.SKIPPED: "quiet",
    Mark.YES: "strong",
    Mark.NO: "strong",
}
TRIGGER = "trigger"


def mark_of(check: Check, step: PathStep, *, decides: bool) -> Mark:
    """`decides` says that the step led to an outcome."""
    if check.result is None:
        return Mark.UNKNOWN
    match operator_of(check.expression):
        case ">" | ">=":
            return Mark.FAIL if check.result else Mark.OK
        case "<" | "<=":
            bad = check.result is (decides or step.node == TRIGGER)
            return Mark.FAIL if bad else Mark.OK
        case _:
            return Mark.YES if check.result else Mark.NO


_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "=",
    ast.NotEq: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


def operator_of(expression: str) -> str:
    """The operator of a comparison; empty for anything else."""
    try:
        body = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return ""
    if isinstance(body, ast.Compare) and len(body.ops) == 1:
        return _OPERATORS[type(body.ops[0])]
    return ""
