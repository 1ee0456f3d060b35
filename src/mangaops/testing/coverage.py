"""Which ways out of a runbook its tests take, and which nobody walks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mangaops.diagnose.edges import edges
from mangaops.model.edge import Edge, EdgeKind
from mangaops.model.runbook import Runbook
from mangaops.testing.case import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """Of one runbook: every edge in the order of its file, and those that were taken."""

    runbook: str
    edges: tuple[Edge, ...]
    taken: frozenset[Edge]

    def count(self, kind: EdgeKind) -> tuple[int, int]:
        """How many edges of a kind were taken, of how many."""
        of = [edge for edge in self.edges if edge.kind is kind]
        return sum(1 for edge in of if edge in self.taken), len(of)

    @property
    def untested(self) -> tuple[Edge, ...]:
        return tuple(edge for edge in self.edges if edge not in self.taken)

    @property
    def percent(self) -> float:
        """Of branches and missing-data edges together. A runbook has at least its trigger's."""
        return 100 * sum(1 for edge in self.edges if edge in self.taken) / len(self.edges)


def covered(runbook: Runbook, outcomes: Iterable[Outcome]) -> Covered:
    """What these tests took. One that failed took its edges, too."""
    taken = frozenset(edge for outcome in outcomes for edge in outcome.edges)
    return Covered(runbook=runbook.name, edges=edges(runbook), taken=taken)
