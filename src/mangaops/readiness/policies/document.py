"""Many needs -> one policy document: statements by what they allow it on, each action once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mangaops.model.evidence import JSON
from mangaops.readiness.policies.actions import Place, Scope, scope_of
from mangaops.readiness.policies.names import Names
from mangaops.readiness.policies.needs import Need

LARGEST = 6144
"""Characters of a managed policy, spaces not counted (IAM's quota)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """`scope` is what all `actions` are allowed on; `sid` is unique in the document."""

    sid: str
    actions: tuple[str, ...]
    scope: Scope


def statements_of(needs: Iterable[Need], place: Place) -> tuple[Statement, ...]:
    """What the needs come to; raises KeyError for an action without a rule."""
    names: dict[str, Names] = {}
    for need in needs:
        names[need.action] = names.get(need.action, Names()) | need.names
    by_scope: dict[str, tuple[Scope, list[str]]] = {}
    for action in sorted(names):
        scope = scope_of(action, names[action], place)
        if scope.resources:
            by_scope.setdefault(repr(scope), (scope, []))[1].append(action)
    groups = sorted(by_scope.values(), key=lambda group: (group[0].word, group[1]))
    return tuple(
        Statement(sid=sid, actions=tuple(actions), scope=scope)
        for sid, (scope, actions) in zip(_sids(groups), groups, strict=True)
    )


def _sids(groups: Sequence[tuple[Scope, Sequence[str]]]) -> list[str]:
    """The scope's word, with a number where several statements have the same."""
    seen: Counter[str] = Counter()
    sids = []
    for scope, _ in groups:
        seen[scope.word] += 1
        number = seen[scope.word]
        sids.append(scope.word if number == 1 else f"{scope.word}{number}")
    return sids


def document_of(statements: Iterable[Statement]) -> dict[str, JSON]:
    """The document as IAM takes it."""
    return {"Version": "2012-10-17", "Statement": [_written(one) for one in statements]}


def _written(statement: Statement) -> dict[str, JSON]:
    written: dict[str, JSON] = {
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": _one_or_all(statement.actions),
        "Resource": _one_or_all(statement.scope.resources),
    }
    if statement.scope.condition:
        written["Condition"] = {
            operator: {key: _one_or_all(values) for key, values in keys.items()}
            for operator, keys in statement.scope.condition.items()
        }
    return written


def _one_or_all(values: Sequence[str]) -> JSON:
    return values[0] if len(values) == 1 else list(values)


def size_of(document: Mapping[str, JSON]) -> int:
    """Characters, as IAM counts them for `LARGEST`."""
    return len(json.dumps(document, separators=(",", ":")))
