"""What the identity may change, by IAM's own simulation: nothing is tried.

The simulation knows the identity's policies and permission boundary; a resource's own
policy and data access policies of OpenSearch Serverless are not in it. A role's session
is simulated as its role.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Protocol, TypeAlias

from mangaops.errors import MangaopsError
from mangaops.evidence.parallel import run_all
from mangaops.model.settings import Environment
from mangaops.readiness.doctor.finding import Finding, Group, State
from mangaops.readiness.policies.actions import Place
from mangaops.readiness.policies.document import Statement, statements_of
from mangaops.readiness.policies.needs import of_remedy

_ALLOW_SIMULATION = "allow iam:SimulatePrincipalPolicy to this identity to know"


class Decision(StrEnum):
    """INCOMPLETE: the answer hangs on a condition that only a real call fills in."""

    ALLOWED = "allowed"
    DENIED = "denied"
    INCOMPLETE = "incomplete"


class Simulator(Protocol):
    """Satisfied by `aws.iam.Iam`."""

    def decisions(
        self,
        caller: str,
        actions: Sequence[str],
        resources: Sequence[str],
        context: Mapping[str, Sequence[str]],
    ) -> Mapping[str, str]: ...


_Said: TypeAlias = Mapping[str, Mapping[str, str] | MangaopsError]
"""Decisions by action, for each question that was put to IAM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A remedy, and the writes that it declares."""

    remedy: str
    writes: tuple[str, ...]


def findings(
    wanted: Sequence[Wanted], simulator: Simulator, caller: str, place: Place, at: Environment
) -> Iterator[Finding]:
    """One for each remedy that writes; one for all where simulating is not allowed."""
    statements = [
        (one.remedy, statement)
        for one in wanted
        for statement in statements_of(of_remedy(one.remedy, one.writes, at), place)
    ]
    jobs = {
        _question(statement): partial(
            simulator.decisions,
            caller,
            statement.actions,
            statement.scope.resources,
            _context(statement),
        )
        for _, statement in statements
    }
    said: _Said = dict(run_all(jobs))
    refused = next((one for one in said.values() if isinstance(one, MangaopsError)), None)
    if refused is not None:
        yield _found("writes", State.UNKNOWN, f"not known: {refused}", _ALLOW_SIMULATION)
        return
    for one in wanted:
        own = [statement for remedy, statement in statements if remedy == one.remedy]
        yield _of_remedy(one.remedy, own, said)


def _question(statement: Statement) -> str:
    """The same question for two remedies is put once."""
    return f"{statement.actions} {statement.scope.resources} {_context(statement)}"


def _context(statement: Statement) -> Mapping[str, Sequence[str]]:
    """What a real call would say of itself, where a least-privilege policy asks for it."""
    return {
        key: values for keys in statement.scope.condition.values() for key, values in keys.items()
    }


def of_stranger() -> Finding:
    """Nobody said who asks."""
    return _found("writes", State.UNKNOWN, "not known: whose credentials these are was not told")


def _of_remedy(
    remedy: str,
    statements: Iterable[Statement],
    said: _Said,
) -> Finding:
    decided: dict[str, str] = {}
    for statement in statements:
        answer = said[_question(statement)]
        if not isinstance(answer, MangaopsError):
            decided |= answer
    denied = sorted(name for name, what in decided.items() if what == Decision.DENIED)
    unsure = sorted(name for name, what in decided.items() if what == Decision.INCOMPLETE)
    if denied:
        hint = f"allow what `mangaops iam remedy {remedy}` prints"
        return _found(remedy, State.PROBLEM, f"denied: {', '.join(denied)}", hint)
    if unsure:
        detail = f"not known: {', '.join(unsure)} hangs on a condition"
        return _found(remedy, State.UNKNOWN, detail)
    return _found(remedy, State.FINE, "allowed" if decided else "needs no permission of IAM")


def _found(name: str, state: State, detail: str, hint: str = "") -> Finding:
    return Finding(group=Group.CHANGES, name=name, state=state, detail=detail, hint=hint)
