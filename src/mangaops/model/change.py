"""A change that was carried out, or not: what became of a plan and of each of its steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mangaops.model.plan import Plan, Step


class StepState(StrEnum):
    """How far a step came. SKIPPED: the world already was as the step wants it."""

    PLANNED = "planned"
    APPLIED = "applied"
    VERIFIED = "verified"
    FAILED = "failed"
    SKIPPED = "skipped"


class RunStatus(StrEnum):
    DRY_RUN = "dry_run"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    PARTIAL = "partial"
    REFUSED = "refused"
    NOTHING_TO_DO = "nothing_to_do"


class Outlook(StrEnum):
    """What the alarming metric did after the change. Applied is not improved."""

    IMPROVED = "improved"
    NO_EVIDENCE = "no evidence yet"
    WORSE = "worse"
    NOT_WATCHED = "not watched"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    """`seconds` from the step's beginning until its state was known; 0 where none was."""

    step: Step
    state: StepState
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How the alarm looked `before` and `after`, in sentences."""

    outlook: Outlook
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who approved which digest, and how: `typed`, `confirm-flag`, `yes`, `yes-flag`, `mild`, or
    `auto-rollback`, which is beforehand, for what a benchmark would find.
    """

    digest: str
    operator: str
    at: datetime
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The end of an apply, an undo or a dry run. `plan` is None when there was nothing to do.

    `run` is empty when nothing was journaled. `detail` is the sentence that says why a
    change was refused, stopped or not needed. `undoable` is whether `mangaops undo` can
    do anything about it.
    """

    run: str
    status: RunStatus
    plan: Plan | None
    outcomes: tuple[StepOutcome, ...] = ()
    watched: Watched = Watched(outlook=Outlook.NOT_WATCHED)
    detail: str = ""
    hint: str = ""
    undoable: bool = False
    interrupted: bool = False
    seconds: float = 0.0
