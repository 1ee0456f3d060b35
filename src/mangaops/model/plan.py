"""A plan: what would be changed, from what to what, why, and how it can be taken back.

A plan is concrete: values, no variables, no code. It can be written to a file, read by a
person, and carried out by somebody else, who is refused when one of its `before` values
is not what the world holds any more. Its digest covers every byte of it, so that what was
approved is what is applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import TypeAlias

from mangaops.model.evidence import JSON
from mangaops.model.site import Site

LIFETIME = timedelta(minutes=15)
"""How long a plan may be applied after it was made."""

State: TypeAlias = Mapping[str, JSON]
"""The fields of one target that a step is about. None is a field that is not there."""

OTHER_THAN = "other_than"
"""`{"other_than": x}` as a field's wanted value: anything but x, for what AWS itself names."""


class Risk(StrEnum):
    """What it takes to approve a plan: nothing, a yes, or typing the target's name."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


class UndoKind(StrEnum):
    """What undo can do: restore every byte, do something that makes up for it, or nothing."""

    EXACT = "exact"
    COMPENSATING = "compensating"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One target from `before` to `after`.

    `action` is the key of the action that reads and writes it (`ecs.environment`),
    `target` the resource in the operator's words (`mangaassist-prod/orchestrator`).
    Only fields that the step is about are in `before` and `after`; what `after` leaves
    out is not wanted in particular. `arguments` is what the write needs besides
    (a task definition to start from). `not_previewed` says why the effect cannot be
    shown, and is empty when it is.
    """

    number: int
    action: str
    target: str
    before: State
    after: State
    undo: UndoKind
    summary: str
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    not_previewed: str = ""

    def inverse(self, number: int) -> Step:
        """The way back, as a step of its own."""
        summary = f"back: {self.summary}"
        return replace(self, number=number, before=self.after, after=self.before, summary=summary)

    @property
    def lock(self) -> str:
        """What only one change at a time may touch: the kind of resource, and its name."""
        return f"{self.action.partition('.')[0]}:{self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a change is wanted. `run` is empty when a person asked for it without a diagnosis.

    `evidence` is the SHA-256 of the evidence that the diagnosis is based on.
    """

    text: str
    run: str = ""
    runbook: str = ""
    diagnosis: str = ""
    verdict: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a remedy proposes after it has read its targets, before anyone approves.

    `confirm` is the name to type where typing is asked for. `reach` says who else feels
    it, `conflicts` what may work against it. `permissions` are IAM actions, `aws_cli` the
    same change as shell lines. `cost_per_hour` is in US dollars, None where it is not
    known. `settle` is how long the world may take to get there once it was told. `watched`:
    the alarm can tell within minutes whether it helped.
    """

    title: str
    confirm: str
    risk: Risk
    steps: tuple[Step, ...]
    reach: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    aws_cli: tuple[str, ...] = ()
    cost_per_hour: float | None = None
    notes: tuple[str, ...] = ()
    settle: timedelta = timedelta(minutes=10)
    watched: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToDo:
    """The world is already as it is wanted, or there is nothing that could be set."""

    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A draft with its reason, its place, its time and its owner.

    `arguments` is the remedy as it was typed after `mangaops`. `undoes` is the run that
    this plan takes back, empty for a first change.
    """

    id: str
    remedy: str
    arguments: str
    site: Site
    reason: Reason
    made: datetime
    expires: datetime
    draft: Draft
    undoes: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.draft.steps

    @property
    def locks(self) -> tuple[str, ...]:
        """What must be held to carry it out, in the order in which it is taken."""
        place = f"{self.site.account}/{self.site.region}"
        return tuple(sorted({f"{place}/{step.lock}" for step in self.steps}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field of a target that is not what a plan saw."""

    field: str
    wanted: JSON
    found: JSON


def differences(wanted: State, found: State) -> tuple[Difference, ...]:
    """Where `found` does not have the wanted values; nothing says that it matches."""
    return tuple(
        Difference(field=name, wanted=value, found=found.get(name))
        for name, value in wanted.items()
        if not _same(value, found.get(name))
    )


def _same(wanted: JSON, found: JSON) -> bool:
    if isinstance(wanted, Mapping) and OTHER_THAN in wanted:
        return found is not None and found != wanted[OTHER_THAN]
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return isinstance(found, Sequence) and list(wanted) == list(found)
    return wanted == found


class Standing(Enum):
    """Where a target is between a step's `before` and its `after`.

    BEFORE: every field is at its `before` or already at its `after`, not all of them at
    `after`; a step that was half done is so too, and is gone on with. AFTER: nothing is
    left to do. OTHER: someone else changed it.
    """

    BEFORE = "before"
    AFTER = "after"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A step against the world; `drift` names the fields that are neither before nor after."""

    standing: Standing
    drift: tuple[Difference, ...] = ()


def compare(step: Step, found: State) -> Found:
    """Where the target of a step is now. A step without fields always stands before it."""
    undone = {one.field for one in differences(step.after, found)}
    if step.after and not undone:
        return Found(standing=Standing.AFTER)
    drift = tuple(
        one
        for one in differences(step.before, found)
        if one.field not in step.after or one.field in undone
    )
    return Found(standing=Standing.OTHER if drift else Standing.BEFORE, drift=drift)
