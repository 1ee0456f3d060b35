"""The answer of a walk: every check with what was seen, the verdict, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mangaops.model.evidence import Scalar
from mangaops.model.runbook import RemedyKind, Severity, Status, Urgency


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    LIKELY = "likely"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One comparison. `result` None means unknown; `missing` then says what was not seen.

    `margin` is (observed - threshold) / |threshold|, None unless both are numbers and
    the threshold is not 0. `subject` names the member of a group that it is about
    (`Intent=faq`), empty otherwise. `unit` is the display unit of the evidence.
    `gaps` says that the evidence had holes, so the result holds with less weight.
    """

    expression: str
    result: bool | None
    observed: Scalar = None
    threshold: Scalar = None
    margin: float | None = None
    evidence: tuple[str, ...] = ()
    subject: str = ""
    unit: str = ""
    missing: tuple[str, ...] = ()
    gaps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One node of the path, its trigger included (node `trigger`).

    `checks` are those of every branch that was tried, in order. `missing` is true
    when the step was left by an `on_missing` edge.
    """

    node: str
    question: str
    answer: str
    goto: str
    checks: tuple[Check, ...] = ()
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A remedy with its arguments filled in. `arguments` follow `mangaops plan --run RUN`."""

    id: str
    title: str
    urgency: Urgency
    kind: RemedyKind
    arguments: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of what the path asked for was seen. `missing` lists evidence ids."""

    checked: int
    of: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What a walk concluded. `id` is an outcome's id, `inconclusive`, or `healthy`.

    `reasons` says in sentences why the verdict is not `confirmed`.
    """

    runbook: str
    runbook_digest: str
    status: Status
    verdict: Verdict
    id: str
    title: str
    severity: Severity | None
    cause: str
    path: tuple[PathStep, ...]
    coverage: Coverage
    confirmations: tuple[Check, ...] = ()
    reasons: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    remedies: tuple[Recommendation, ...] = ()
    prevention: tuple[str, ...] = ()
    continue_with: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """A walk that cannot go on: evidence to read, or questions to put to a person.

    `evidence` must be read now. `soon` may be needed by a later node on some path.
    `question` is the id of an `Ask` node that nobody has answered yet.
    """

    evidence: frozenset[str] = frozenset()
    soon: frozenset[str] = frozenset()
    question: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the reading cost. Bytes are those that Logs Insights scanned."""

    api_calls: int = 0
    metrics_requested: int = 0
    log_bytes_scanned: int = 0
    usd_estimate: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person said, by id of the `Ask` node; an empty answer means `not answered`."""

    given: Mapping[str, str] = field(default_factory=dict)
