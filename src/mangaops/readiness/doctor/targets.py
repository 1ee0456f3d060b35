"""Whether what the remedies write to is there: a permission on nothing changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Protocol

from mangaops.errors import AwsNotFound, MangaopsError
from mangaops.evidence.parallel import run_all
from mangaops.model.settings import Environment
from mangaops.readiness.doctor.finding import Finding, Group, State


class TargetKind(StrEnum):
    """What sort of thing it is, as an operator calls it."""

    SERVICE = "service"
    PARAMETER = "parameter"
    TABLE = "table"
    FUNCTION = "function"
    COLLECTION = "collection"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Target:
    """`name` of a service is CLUSTER/SERVICE. `resource` is its key in mangaops.yaml; empty
    for a name that a runbook gives.
    """

    kind: TargetKind
    name: str
    resource: str = ""


class Looking(Protocol):
    """Raises AwsNotFound for what is not there, another AwsError where that is not known."""

    def look(self, target: Target) -> None: ...


_RESOURCES: Mapping[str, tuple[tuple[TargetKind, str], ...]] = {
    "rollback-prompt": ((TargetKind.TABLE, "prompt_table"),),
    "raise-ocu": ((TargetKind.COLLECTION, "collection"),),
    "scale-out": ((TargetKind.SERVICE, "service"),),
    "set-env": ((TargetKind.SERVICE, "service"),),
    "restart-service": ((TargetKind.SERVICE, "service"),),
    "route": ((TargetKind.PARAMETER, "router_threshold_parameter"),),
    "flash-sale-mode": ((TargetKind.PARAMETER, "flash_sale_parameter"),),
    "prewarm-search": ((TargetKind.COLLECTION, "collection"),),
    "enable-invalidation": (
        (TargetKind.TABLE, "inventory_table"),
        (TargetKind.FUNCTION, "invalidator"),
    ),
}
"""`invalidate-cache` changes the cache, which is read as evidence, and `request-quota`
nothing of the account's own. The group that `raise-ocu` changes is told by the collection.
"""


def targets_of(remedy: str, parameters: Iterable[str], at: Environment) -> tuple[Target, ...]:
    """`parameters` are those that runbooks would have `set-parameter` set."""
    if remedy == "set-parameter":
        names = sorted(set(parameters))
        return tuple(_parameter(name, at) for name in names)
    return tuple(
        Target(kind=kind, name=_name(kind, key, at), resource=key)
        for kind, key in _RESOURCES.get(remedy, ())
    )


def _parameter(name: str, at: Environment) -> Target:
    named = (key for key, value in at.resources.items() if value == name)
    return Target(kind=TargetKind.PARAMETER, name=name, resource=next(named, ""))


def _name(kind: TargetKind, key: str, at: Environment) -> str:
    name = at.resources[key]
    return f"{at.resources['cluster']}/{name}" if kind is TargetKind.SERVICE else name


def findings(wanted: Mapping[str, Sequence[Target]], looking: Looking) -> list[Finding]:
    """By remedy, what of its targets is not there, or not known to be; each is asked once."""
    every = sorted({target for targets in wanted.values() for target in targets})
    answers = dict(run_all({one: partial(looking.look, one) for one in every}))
    return [
        _found(remedy, target, error)
        for remedy, targets in wanted.items()
        for target in targets
        if isinstance(error := answers[target], MangaopsError)
    ]


def _found(remedy: str, target: Target, error: MangaopsError) -> Finding:
    what = f"{target.kind} {target.name}"
    state, detail, hint = State.UNKNOWN, f"whether {what} is there: {error}", error.hint
    if isinstance(error, AwsNotFound):
        state, detail = State.PROBLEM, f"impossible: there is no {what}"
        place = f"resources.{target.resource} in mangaops.yaml" if target.resource else "its name"
        hint = f"make it, or correct {place}, the region or the account"
    return Finding(group=Group.CHANGES, name=remedy, state=state, detail=detail, hint=hint)
