"""A runbook: one decision tree as data. `goto` names a node or an outcome, never code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from mangaops.model.condition import Condition, Place, Template
from mangaops.model.query import Query

INCONCLUSIVE = "inconclusive"
"""The one target that every runbook has without declaring it."""
NEXT = "next"
"""`on_missing: next` tries the next branch and remembers that something was missing."""

ParameterValue: TypeAlias = float | int | str | bool | tuple[str, ...] | None


class Severity(StrEnum):
    SEV_1 = "SEV-1"
    SEV_2 = "SEV-2"
    SEV_3 = "SEV-3"
    SEV_4 = "SEV-4"


class Status(StrEnum):
    """What a walk ended in; the word in `status` of the JSON."""

    HEALTHY = "healthy"
    DIAGNOSED = "diagnosed"
    INCONCLUSIVE = "inconclusive"


class Urgency(StrEnum):
    IMMEDIATE = "immediate"
    SHORT_TERM = "short-term"
    MEDIUM_TERM = "medium-term"


class RemedyKind(StrEnum):
    EXECUTABLE = "executable"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A threshold or choice. `value` is the default until `runbook.bind` replaces it.

    A parameter of unit `duration` is written `10m` in the file and holds seconds.
    """

    name: str
    value: ParameterValue
    unit: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDeclaration:
    """What to read under which name. `unit` is for display only."""

    id: str
    kind: str
    query: Query
    title: str = ""
    unit: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Taken when `when` is true (or None: otherwise); unknown follows `on_missing`."""

    answer: str
    goto: str
    when: Condition | None = None
    on_missing: str | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A question that evidence answers: the first true branch wins."""

    id: str
    question: str
    branches: tuple[Branch, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer that a person can give to an `Ask`."""

    answer: str
    goto: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question that only a person can answer; unanswered follows `on_missing`."""

    id: str
    question: str
    options: tuple[Option, ...]
    on_missing: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What must hold for the incident to be on; checked before anything else.

    `recovered` is when it may be called over after a remedy: one good minute ends an
    alarm that wants ten bad ones, and proves nothing. None: as soon as `when` is false.
    """

    question: str
    when: Condition
    on_missing: str
    healthy: Template | None = None
    recovered: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A check that turns `likely` into `confirmed`; `otherwise` says why it stays likely."""

    when: Condition
    otherwise: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityRule:
    when: Condition
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What to do. `command` is the remedy and its arguments after `mangaops plan --run RUN`."""

    id: str
    title: str
    urgency: Urgency
    kind: RemedyKind
    command: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where a walk can end. `report` lines are told whatever they say."""

    id: str
    title: str
    cause: Template
    status: Status = Status.DIAGNOSED
    severity: Severity | None = None
    severity_rules: tuple[SeverityRule, ...] = ()
    confirm: tuple[Confirmation, ...] = ()
    at_most_likely: Template | None = None
    report: tuple[Template, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    prevention: tuple[str, ...] = ()
    continue_with: str | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """One decision tree. `digest` is the SHA-256 of the file's bytes in hex.

    `definitions` are named expressions (`define:`), each using only earlier ones.
    """

    name: str
    title: str
    severity: Severity
    description: str
    window: timedelta
    parameters: Mapping[str, Parameter]
    evidence: Mapping[str, EvidenceDeclaration]
    trigger: Trigger
    start: str
    nodes: Mapping[str, Node | Ask]
    outcomes: Mapping[str, Outcome]
    report: tuple[Template, ...] = ()
    definitions: Mapping[str, Condition] = field(default_factory=dict)
    file: str
    digest: str
    text: str = field(default="", repr=False)
