"""What `mangaops ci` has to tell: one check for each step and runbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mangaops.testing.report import Report


class Step(StrEnum):
    """The steps, in their order."""

    LINT = "lint"
    TESTS = "tests"
    MUTANTS = "mutants"
    READING = "reading"
    REMEDIES = "remedies"


class State(StrEnum):
    """SKIPPED was not wanted, or makes no sense; NOT_RUN was wanted and could not be done."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one step says of one runbook."""

    state: State
    told: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One step on one runbook. `told` is its result in a few words, `problems` are the lines
    that say what failed, `notes` what is worth knowing though it passed. `file` is where to
    look.
    """

    step: Step
    runbook: str
    file: str
    state: State
    told: str
    seconds: float
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CiReport:
    """`tests` and `findings` are what annotations show at their own lines."""

    checks: tuple[Check, ...]
    findings: tuple[object, ...] = ()
    tests: tuple[Report, ...] = ()
    seconds: float = 0.0
    command: str = ""

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.state is State.FAILED)

    @property
    def not_run(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.state is State.NOT_RUN)

    @property
    def passed(self) -> bool:
        return not self.failed and not self.not_run

    @property
    def warned(self) -> tuple[Check, ...]:
        """What lint has found and lets pass."""
        lint = self.of(Step.LINT)
        return tuple(check for check in lint if check.state is State.PASSED and check.notes)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Those that were taken, in order."""
        taken = {check.step for check in self.checks}
        return tuple(step for step in Step if step in taken)

    def of(self, step: Step) -> Sequence[Check]:
        return [check for check in self.checks if check.step is step]
