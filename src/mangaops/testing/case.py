"""What a test file holds, and what came of a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from mangaops.model.condition import Place
from mangaops.model.diagnosis import Diagnosis, Verdict
from mangaops.model.edge import Edge
from mangaops.model.evidence import EvidenceSet, Scalar
from mangaops.model.runbook import Runbook, Severity, Status
from mangaops.model.time import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSeries:
    """Telemetry of one metric: by statistic, one value a minute, None where there is none.

    The last value is that of the newest complete minute. `labels` name the member of a
    group (`Intent: faq`), empty for a metric without a `*`. `earlier` are the same hours
    of earlier days by statistic, newest day first.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    statistics: Mapping[str, tuple[float | None, ...]]
    earlier: tuple[Mapping[str, tuple[float | None, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """A time before the end of the window in which the walk happens: `-10m` in a row."""

    seconds: float


GivenRow: TypeAlias = Mapping[str, Scalar | Age]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One piece of evidence as a test gives it: exactly one of the four, or a state.

    `state` is any of `model.evidence.EvidenceState` but `ok` and `not_needed`; `detail`
    goes with it. Times within rows and fields are epoch seconds, or ages.
    """

    id: str
    place: Place
    series: tuple[GivenSeries, ...] = ()
    rows: tuple[GivenRow, ...] | None = None
    fields: Mapping[str, Scalar | Age | tuple[GivenRow, ...]] | None = None
    state: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must come out; None where the test does not say.

    `path` holds (node, answer) from the first node behind the trigger to the last.
    `remedies` are ids, or an id with the arguments that follow `mangaops plan --run RUN`;
    all of them, in order. `cause` is a part of the text, each of `report` of some line.
    """

    status: Status
    diagnosis: str | None = None
    verdict: Verdict | None = None
    severity: Severity | None = None
    path: tuple[tuple[str, str], ...] | None = None
    remedies: tuple[tuple[str, str | None], ...] | None = None
    missing: tuple[str, ...] | None = None
    report: tuple[str, ...] | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test. Its evidence is `given`, or what a sandbox scenario or a capsule holds,
    with what is `given` in place of the same ids. `source` is the place of these two, with
    its line. Of a scenario and a capsule the window is their own, and `now` is not used.
    """

    name: str
    place: Place
    now: datetime
    expected: Expected
    given: Mapping[str, Given] = field(default_factory=dict)
    scenario: str = ""
    capsule: str = ""
    source: tuple[Place, str] | None = None
    sets: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    force: bool = False

    @property
    def where(self) -> str:
        """`file:line`, as a failure is told."""
        return f"{self.place.file}:{self.place.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent:
    """A mutant that no test can notice, and why not."""

    mutant: str
    because: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class TestFile:
    """One `NAME.test.yaml`. `resources` replace names of the default environment."""

    __test__ = False  # pytest would collect it

    file: str
    runbook: str
    cases: tuple[Case, ...]
    resources: Mapping[str, str] = field(default_factory=dict)
    equivalents: tuple[Equivalent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A case with everything that a walk can ask for: one item for each declared id."""

    case: Case
    runbook: Runbook
    evidence: EvidenceSet
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that came out otherwise: `what` is a key of `expect`."""

    what: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one test: it passed when there is no difference and no error."""

    case: Case
    diagnosis: Diagnosis | None = None
    differences: tuple[Difference, ...] = ()
    edges: tuple[Edge, ...] = ()
    error: str = ""

    @property
    def passed(self) -> bool:
        return not self.differences and not self.error
