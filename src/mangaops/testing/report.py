"""What came of all test files of one command."""

from __future__ import annotations

from dataclasses import dataclass

from mangaops.model.edge import EdgeKind
from mangaops.model.runbook import Runbook
from mangaops.testing.case import Outcome, Prepared, TestFile
from mangaops.testing.coverage import Covered


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One file that was run on its loaded runbook. A test that could not be prepared has an
    outcome with an error, and nothing in `prepared`.
    """

    __test__ = False  # pytest would collect it

    file: TestFile
    runbook: Runbook
    prepared: tuple[Prepared, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return tuple(one for one in self.outcomes if not one.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`findings` are about files that could not be run. `coverage` is empty unless it was
    asked for, `floor` the percentage that each runbook must reach. `without` names the
    runbooks that have no test file.
    """

    tested: tuple[Tested, ...]
    findings: tuple[object, ...] = ()
    coverage: tuple[Covered, ...] = ()
    floor: float | None = None
    without: tuple[str, ...] = ()

    @property
    def ran(self) -> int:
        return sum(len(tested.outcomes) for tested in self.tested)

    @property
    def failed(self) -> int:
        return sum(len(tested.failed) for tested in self.tested)

    @property
    def below(self) -> tuple[Covered, ...]:
        """The runbooks whose tests do not reach the floor."""
        floor = self.floor or 0.0
        return tuple(one for one in self.coverage if one.percent < floor)

    def count(self, kind: EdgeKind) -> tuple[int, int]:
        """Edges taken, of how many, over all runbooks."""
        counts = [one.count(kind) for one in self.coverage]
        return sum(taken for taken, _ in counts), sum(of for _, of in counts)
