"""Evaluates one checked expression over facts: names, operators and Kleene logic.

Truth and value are two questions. `truth` is asked wherever a condition stands and
records a `Check` for each comparison it meets; `value` is asked everywhere else.
Both go on past what is absent as long as something else may still decide, so that
one reading asks for everything that this condition needs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mangaops.diagnose.env import QUIET, Env
from mangaops.diagnose.facts import Facts
from mangaops.diagnose.functions import FUNCTIONS
from mangaops.diagnose.observe import check
from mangaops.diagnose.operators import arithmetic, comparison, minus
from mangaops.diagnose.scope import WINDOW_NAMES
from mangaops.diagnose.tables import Share, finite
from mangaops.diagnose.values import (
    PENDING,
    UNKNOWN,
    Absent,
    Missing,
    Result,
    Value,
    absent,
    bare,
    either,
    every,
    lift,
    merged,
    negated,
)
from mangaops.model.condition import Condition
from mangaops.model.diagnosis import Check
from mangaops.model.evidence import EvidenceState, Record, Series

_CONDITIONS = (ast.Compare, ast.BoolOp, ast.UnaryOp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluator:
    """Evaluates nodes of one condition; `trail` collects the checks in the order of asking."""

    facts: Facts
    condition: Condition
    trail: list[Check] = field(default_factory=list)

    def value(self, node: ast.expr, env: Env) -> Value:
        return _VALUES[type(node)](self, node, env)

    def truth(self, node: ast.expr, env: Env) -> Value:
        """True, False or absent, with the checks that it rests on."""
        match node:
            case ast.BoolOp():
                return self._junction(node, env)
            case ast.UnaryOp():
                return negated(self.truth(node.operand, env))
            case ast.IfExp():
                return self._choice(node, env, self.truth)
            case ast.Compare():
                return self._compare(node, env)
            case ast.Constant() | ast.Call():
                return self.value(node, env)
            case _:
                return self._flag(node, env)

    def text(self, node: ast.expr) -> str:
        """The source text of a node."""
        source = self.condition.source.encode()
        return source[node.col_offset : node.end_col_offset].decode()

    def keep(
        self,
        env: Env,
        expression: str,
        outcome: Value,
        sides: Sequence[Value],
        nodes: Sequence[ast.expr] = (),
    ) -> None:
        """Keep a check; `sides` are what was observed and, where there is one, the threshold."""
        if env.quiet or bare(outcome) is PENDING:
            return
        self.trail.append(
            check(self.facts, expression, lift(outcome), sides, nodes, env.subject, env.variables)
        )

    def _junction(self, node: ast.BoolOp, env: Env) -> Value:
        decisive = isinstance(node.op, ast.Or)
        parts: list[Value] = []
        for operand in node.values:
            parts.append(self.truth(operand, env))
            if bare(parts[-1]) is decisive:
                break
        return either(parts) if decisive else every(parts)

    def _choice(self, node: ast.IfExp, env: Env, ask: Callable[[ast.expr, Env], Value]) -> Value:
        test = self.truth(node.test, env)
        if absent(test):
            return test
        chosen = ask(node.body if bare(test) else node.orelse, env)
        return merged(bare(chosen), (test, chosen)) if isinstance(test, Result) else chosen

    def _compare(self, node: ast.Compare, env: Env) -> Value:
        if env.quiet and len(node.ops) == 1:
            right = self.value(node.comparators[0], env)
            return comparison(node.ops[0], self.value(node.left, env), right)
        parts: list[Value] = []
        left_node, left = node.left, self.value(node.left, env)
        for operator, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node, env)
            outcome = comparison(operator, left, right)
            parts.append(outcome)
            if not env.quiet:
                expression = self._pair_text(node, left_node, right_node)
                self._keep_pair(env, expression, outcome, (left_node, left), (right_node, right))
            if bare(outcome) is False:
                break
            left_node, left = right_node, right
        return parts[0] if len(parts) == 1 else every(parts)

    def _pair_text(self, node: ast.Compare, left: ast.expr, right: ast.expr) -> str:
        """One pair of a chain; brackets around its ends belong to neither side."""
        if len(node.ops) == 1:
            return self.text(node)
        source = self.condition.source.encode()
        return source[left.col_offset : right.end_col_offset].decode()

    def _keep_pair(
        self,
        env: Env,
        expression: str,
        outcome: Value,
        left: tuple[ast.expr, Value],
        right: tuple[ast.expr, Value],
    ) -> None:
        """What comes from evidence is observed; with evidence on both sides, the left."""
        if not lift(left[1]).evidence and lift(right[1]).evidence:
            left, right = right, left
        self.keep(env, expression, outcome, (left[1], right[1]), (left[0], right[0]))

    def _flag(self, node: ast.expr, env: Env) -> Value:
        """A yes/no value on its own. A named condition speaks for itself."""
        definition = self._definition(node)
        if definition is not None and isinstance(definition.tree, _CONDITIONS):
            inner = Evaluator(facts=self.facts, condition=definition, trail=self.trail)
            return inner.truth(definition.tree, Env(subject=env.subject, quiet=env.quiet))
        found = self.value(node, env)
        if not isinstance(bare(found), bool | Absent):
            found = merged(UNKNOWN, (found,))
        self.keep(env, self.text(node), found, (found,), (node,))
        return found

    def _definition(self, node: ast.expr) -> Condition | None:
        if isinstance(node, ast.Name):
            return self.facts.runbook.definitions.get(node.id)
        return None

    def name(self, node: ast.Name, env: Env) -> Value:
        name = node.id
        if name in env.variables:
            return env.variables[name]
        if name in self.facts.runbook.evidence:
            return _evidence(self.facts, name)
        if name in self.facts.runbook.parameters:
            return self.facts.parameter(name)
        if name in WINDOW_NAMES:
            window = self.facts.window
            return (window.start if name == WINDOW_NAMES[0] else window.end).timestamp()
        return _defined(self.facts, name)

    def attribute(self, node: ast.Attribute, env: Env) -> Value:
        owner = self.value(node.value, env)
        if isinstance(owner, Mapping):
            return finite(owner.get(node.attr))
        if isinstance(owner, Share):
            return finite(getattr(owner, node.attr))
        return _field(owner, node.attr)

    def operation(self, node: ast.BinOp, env: Env) -> Value:
        return arithmetic(node.op, self.value(node.left, env), self.value(node.right, env))

    def unary(self, node: ast.UnaryOp, env: Env) -> Value:
        if isinstance(node.op, ast.Not):
            return self.truth(node, env)
        return minus(self.value(node.operand, env))

    def choice(self, node: ast.IfExp, env: Env) -> Value:
        return self._choice(node, env, self.value)

    def items(self, node: ast.List, env: Env) -> Value:
        return tuple(self.value(entry, env) for entry in node.elts)

    def call(self, node: ast.Call, env: Env) -> Value:
        assert isinstance(node.func, ast.Name)  # noqa: S101 - the check at load admits no other
        return FUNCTIONS[node.func.id](self, node, env)


def _evidence(facts: Facts, evidence_id: str) -> Result:
    item = facts.read(evidence_id)
    ids = frozenset({evidence_id})
    if item is None:
        return Result(value=PENDING, evidence=ids, pending=ids)
    if item.state is not EvidenceState.OK or item.value is None:
        word = item.state.value.replace("_", " ")
        why = f"{word}: {item.detail}" if item.detail else word
        lost = frozenset({Missing(evidence=evidence_id, why=why)})
        return Result(value=UNKNOWN, evidence=ids, missing=lost)
    return Result(value=item.value, evidence=ids, gaps=ids if item.partial else frozenset())


def _defined(facts: Facts, name: str) -> Value:
    """A named expression's value; it depends on the facts alone, so once is enough."""
    key = ("definition", name)
    if key not in facts.memory:
        condition = facts.runbook.definitions[name]
        found = Evaluator(facts=facts, condition=condition).value(condition.tree, QUIET)
        facts.memory[key] = found
    return facts.memory[key]


def _field(owner: Value, name: str) -> Value:
    """A field of a record, a label of a series, or a figure of a group() item."""
    held = bare(owner)
    match held:
        case Absent():
            return owner
        case Share():
            return merged(finite(getattr(held, name)), (owner,))
        case Series():
            return merged(held.labels.get(name), (owner,))
        case Record() if name in held.fields:
            return merged(finite(held.fields[name]), (owner,))
        case Mapping():
            return merged(finite(held.get(name)), (owner,))
        case _:
            why = f"its {name} could not be read"
            lost = frozenset(Missing(evidence=i, why=why) for i in lift(owner).evidence)
            return Result(value=UNKNOWN, evidence=lift(owner).evidence, missing=lost)


_Rule = Callable[[Evaluator, Any, Env], Value]
_VALUES: Mapping[type[ast.expr], _Rule] = {
    ast.Constant: lambda _self, node, _env: node.value,
    ast.Name: Evaluator.name,
    ast.Attribute: Evaluator.attribute,
    ast.BinOp: Evaluator.operation,
    ast.UnaryOp: Evaluator.unary,
    ast.IfExp: Evaluator.choice,
    ast.List: Evaluator.items,
    ast.Call: Evaluator.call,
    ast.Compare: Evaluator.truth,
    ast.BoolOp: Evaluator.truth,
}
