"""What is known for certain behind a branch that was not taken.

`dominant <= 0 or unnamed > dominant` can only be false when both names are known; and where
`dominant` is `max(throttling, denied)`, so are those two. A later branch that compares
nothing else cannot be unknown, so it need not say where missing data leads.

Only named expressions count: that one figure of a series is known does not mean that
another one is.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from mangaops.diagnose.scope import WINDOW_NAMES
from mangaops.model.condition import Condition
from mangaops.model.runbook import NEXT, Node, Runbook

_NONE: frozenset[str] = frozenset()
_PLAIN = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_SUMS = (ast.Add, ast.Sub, ast.Mult)
"""A quotient of known numbers can be unknown: its divisor can be 0."""


def decidable(node: Node, runbook: Runbook) -> frozenset[int]:
    """Positions of branches whose condition cannot be unknown when it is asked."""
    given = (name for name, one in runbook.parameters.items() if one.value is not None)
    known = frozenset({*given, *WINDOW_NAMES})
    found: set[int] = set()
    for number, branch in enumerate(node.branches):
        if branch.when is None:
            break
        certain = _certain(branch.when.tree, known)
        if certain:
            found.add(number)
        if certain or branch.on_missing != NEXT:
            known |= _when_false(branch.when.tree, runbook.definitions)
    return frozenset(found)


def _when_false(node: ast.expr, definitions: Mapping[str, Condition]) -> frozenset[str]:
    """Names that must be known for `node` to be false."""
    match node:
        case ast.BoolOp(op=ast.Or()):
            return _NONE.union(*(_when_false(value, definitions) for value in node.values))
        case ast.Compare(ops=[operator]) if isinstance(operator, _PLAIN):
            sides = (node.left, *node.comparators)
            return _NONE.union(*(_behind(side, definitions) for side in sides))
        case _:
            return _NONE


def _behind(node: ast.expr, definitions: Mapping[str, Condition]) -> frozenset[str]:
    """Names that must be known for the value of `node` to be known."""
    match node:
        case ast.Name() if node.id in definitions:
            return _behind(definitions[node.id].tree, definitions) | {node.id}
        case ast.BinOp():
            return _behind(node.left, definitions) | _behind(node.right, definitions)
        case ast.Call(func=ast.Name(id="min" | "max")) if len(node.args) > 1:
            return _NONE.union(*(_behind(argument, definitions) for argument in node.args))
        case _:
            return _NONE


def _certain(node: ast.expr, known: frozenset[str]) -> bool:
    """Whether `node` has a value wherever the names in `known` have one."""
    if isinstance(node, ast.Name):
        return node.id in known
    parts = (part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
    return _total(node) and all(_certain(part, known) for part in parts)


def _total(node: ast.expr) -> bool:
    """Whether known parts always make a known whole."""
    match node:
        case ast.Constant() | ast.BoolOp() | ast.UnaryOp():
            return True
        case ast.BinOp():
            return isinstance(node.op, _SUMS)
        case ast.Compare():
            return all(isinstance(one, _PLAIN) for one in node.ops)
        case _:
            return False
