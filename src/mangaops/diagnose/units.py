"""The unit in which a side of a comparison is shown, from the units that were declared."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from mangaops.diagnose.facts import Facts
from mangaops.diagnose.scope import WINDOW_NAMES
from mangaops.diagnose.values import Result, Value, lift

_KEEPS = frozenset(
    {"min", "max", "avg", "sum", "latest", "pct", "baseline", "until"}
    | {"median", "iqr", "stdev", "abs", "round"}
)
_OWN: Mapping[str, str] = {
    "share": "ratio",
    "count": "count",
    "rows": "count",
    "age": "duration",
    "seconds": "duration",
    "minutes": "duration",
    "hours": "duration",
    "days": "duration",
    "onset": "time",
}
_PLAIN = frozenset({"", "ratio", "factor"})


def unit_of(node: ast.expr, facts: Facts, variables: Mapping[str, Value]) -> str:
    """`ms`, `ratio`, `count`, ...; empty where no declaration tells."""
    match node:
        case ast.Name():
            return _of_name(node.id, facts, variables)
        case ast.Call():
            return _of_call(node, facts, variables)
        case ast.BinOp():
            return _of_operation(node, facts, variables)
        case ast.UnaryOp():
            return unit_of(node.operand, facts, variables)
        case ast.IfExp():
            return unit_of(node.body, facts, variables) or unit_of(node.orelse, facts, variables)
        case _:
            return _of_item(node)


def _of_item(node: ast.expr) -> str:
    name = node.attr if isinstance(node, ast.Attribute) else ""
    return {"share": "ratio", "rows": "count"}.get(name, "")


def _of_call(node: ast.Call, facts: Facts, variables: Mapping[str, Value]) -> str:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in _OWN or name not in _KEEPS:
        return _OWN.get(name, "")
    first = node.args[0]
    if isinstance(first, ast.GeneratorExp):
        return _of_generator(first, facts, variables)
    return unit_of(first, facts, variables)


def _of_name(name: str, facts: Facts, variables: Mapping[str, Value]) -> str:
    if name in variables:
        return _of_evidence(lift(variables[name]).evidence, facts)
    if name in facts.runbook.evidence:
        return facts.runbook.evidence[name].unit
    if name in facts.runbook.parameters:
        return facts.runbook.parameters[name].unit
    if name in facts.runbook.definitions:
        return unit_of(facts.runbook.definitions[name].tree, facts, {})
    return "time" if name in WINDOW_NAMES else ""


def _of_evidence(ids: frozenset[str], facts: Facts) -> str:
    units = {facts.runbook.evidence[i].unit for i in ids if i in facts.runbook.evidence}
    return units.pop() if len(units) == 1 else ""


def _of_generator(node: ast.GeneratorExp, facts: Facts, variables: Mapping[str, Value]) -> str:
    """Each series of a group has the metric's unit; what a row's columns mean, nobody says."""
    loop = node.generators[0]
    inner = {n.id: n for n in ast.walk(node.elt) if isinstance(n, ast.Name)}
    target = loop.target.id if isinstance(loop.target, ast.Name) else ""
    if target not in inner or any(isinstance(n, ast.Attribute) for n in ast.walk(node.elt)):
        return unit_of(node.elt, facts, variables)
    source = frozenset({loop.iter.id} if isinstance(loop.iter, ast.Name) else ())
    series = Result(value=None, evidence=source & facts.runbook.evidence.keys())
    return unit_of(node.elt, facts, {**variables, target: series})


def _of_operation(node: ast.BinOp, facts: Facts, variables: Mapping[str, Value]) -> str:
    left, right = unit_of(node.left, facts, variables), unit_of(node.right, facts, variables)
    match node.op:
        case ast.Div():
            return "ratio" if left == right and left else (left if right in _PLAIN else "")
        case ast.Mult():
            return left if left not in _PLAIN else right if right not in _PLAIN else ""
        case _:
            return left or right
