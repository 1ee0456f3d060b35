"""Mutants of conditions: trigger, definitions, branches, confirmations, severity rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TypeVar

from mangaops.diagnose.parse import parse_condition, parse_definition
from mangaops.diagnose.problem import ConditionError
from mangaops.diagnose.scope import Scope
from mangaops.diagnose.trail import TRIGGER
from mangaops.model.condition import Condition
from mangaops.model.query import MetricQuery
from mangaops.model.runbook import (
    Branch,
    Confirmation,
    Node,
    Outcome,
    Runbook,
    SeverityRule,
)
from mangaops.testing.mutants.expressions import edits
from mangaops.testing.mutants.mutant import Mutant
from mangaops.testing.mutants.uses import Uses, deciding_confirmations

_AROUND = 30
"""Characters of a condition on each side of a change."""

Put = Callable[[Runbook, Condition], Runbook]
P = TypeVar("P", Branch, Confirmation, SeverityRule)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """Where a condition stands, and how another one is put there."""

    name: str
    condition: Condition
    seen_at: frozenset[str]
    scope: Scope
    put: Put
    flag: bool = True


def condition_mutants(runbook: Runbook, uses: Uses) -> Iterator[Mutant]:
    """A definition is mutated once, however many conditions use it."""
    for spot in _spots(runbook, uses):
        yield from _of(spot, runbook)


def _of(spot: _Spot, runbook: Runbook) -> Iterator[Mutant]:
    def pooled(evidence_id: str) -> bool:
        declared = runbook.evidence.get(evidence_id)
        query = declared.query if declared else None
        return isinstance(query, MetricQuery) and query.pool is not None

    for edit in edits(spot.condition, pooled):
        other = _parsed(edit.source, spot)
        if other is None:
            continue
        yield Mutant(
            id=f"{spot.name}: {edit.label}",
            kind=edit.kind,
            place=spot.condition.place,
            seen_at=spot.seen_at,
            hint=edit.hint,
            change=_change(spot.put, other),
            shown=_excerpt(spot.condition.source, edit.source),
        )


def _excerpt(was: str, become: str) -> str:
    """The changed condition around its change, short enough for a line."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(was, become, strict=False))
    at = len(list(same))
    start, end = max(0, at - _AROUND), at + _AROUND
    before, behind = "..." if start else "", "..." if end < len(become) else ""
    return f"{before}{become[start:end]}{behind}"


def _parsed(source: str, spot: _Spot) -> Condition | None:
    """None for what could not be loaded, such as the average of three values."""
    parse = parse_condition if spot.flag else parse_definition
    try:
        return parse(source, spot.condition.place, spot.scope)
    except ConditionError:
        return None


def _change(put: Put, other: Condition) -> Callable[[Runbook], Runbook]:
    return lambda runbook: put(runbook, other)


def _spots(runbook: Runbook, uses: Uses) -> Iterator[_Spot]:
    scope = Scope(
        evidence=runbook.evidence,
        parameters=runbook.parameters,
        definitions=runbook.definitions,
    )
    yield _Spot(
        name=TRIGGER,
        condition=runbook.trigger.when,
        seen_at=frozenset({TRIGGER}),
        scope=scope,
        put=lambda book, other: replace(book, trigger=replace(book.trigger, when=other)),
    )
    yield from _definitions(runbook, uses)
    for node in runbook.nodes.values():
        if isinstance(node, Node):
            yield from _branches(node, scope)
    for outcome in runbook.outcomes.values():
        yield from _rules(outcome, scope)
        yield from _confirmations(outcome, scope)


def _definitions(runbook: Runbook, uses: Uses) -> Iterator[_Spot]:
    earlier: dict[str, Condition] = {}
    for name, condition in runbook.definitions.items():
        if name in uses.conclusive:
            yield _Spot(
                name=f"define/{name}",
                condition=condition,
                seen_at=uses.parts_of(name),
                scope=Scope(
                    evidence=runbook.evidence,
                    parameters=runbook.parameters,
                    definitions=dict(earlier),
                ),
                put=_into_definition(name),
                flag=False,
            )
        earlier[name] = condition


def _into_definition(name: str) -> Put:
    return lambda book, other: replace(book, definitions={**book.definitions, name: other})


def _branches(node: Node, scope: Scope) -> Iterator[_Spot]:
    for number, branch in enumerate(node.branches):
        if branch.when is not None:
            yield _Spot(
                name=f"nodes/{node.id}/{number}",
                condition=branch.when,
                seen_at=frozenset({node.id}),
                scope=scope,
                put=_into_branch(node.id, number),
            )


def _into_branch(node_id: str, number: int) -> Put:
    def put(book: Runbook, other: Condition) -> Runbook:
        node = book.nodes[node_id]
        if not isinstance(node, Node):
            return book
        changed = replace(node, branches=_with(node.branches, number, other))
        return replace(book, nodes={**book.nodes, node_id: changed})

    return put


def _with(parts: tuple[P, ...], number: int, other: Condition) -> tuple[P, ...]:
    """The same parts, one of them with another condition."""
    return tuple(
        replace(part, when=other) if at == number else part for at, part in enumerate(parts)
    )


def _rules(outcome: Outcome, scope: Scope) -> Iterator[_Spot]:
    for number, rule in enumerate(outcome.severity_rules):
        yield _Spot(
            name=f"outcomes/{outcome.id}/severity/{number}",
            condition=rule.when,
            seen_at=frozenset({outcome.id}),
            scope=scope,
            put=_into_rule(outcome.id, number),
        )


def _into_rule(outcome_id: str, number: int) -> Put:
    def put(book: Runbook, other: Condition) -> Runbook:
        outcome = book.outcomes[outcome_id]
        rules = _with(outcome.severity_rules, number, other)
        changed = replace(outcome, severity_rules=rules)
        return replace(book, outcomes={**book.outcomes, outcome_id: changed})

    return put


def _confirmations(outcome: Outcome, scope: Scope) -> Iterator[_Spot]:
    for number, confirmation in enumerate(deciding_confirmations(outcome)):
        yield _Spot(
            name=f"outcomes/{outcome.id}/confirm/{number}",
            condition=confirmation.when,
            seen_at=frozenset({outcome.id}),
            scope=scope,
            put=_into_confirmation(outcome.id, number),
        )


def _into_confirmation(outcome_id: str, number: int) -> Put:
    def put(book: Runbook, other: Condition) -> Runbook:
        outcome = book.outcomes[outcome_id]
        changed = replace(outcome, confirm=_with(outcome.confirm, number, other))
        return replace(book, outcomes={**book.outcomes, outcome_id: changed})

    return put
