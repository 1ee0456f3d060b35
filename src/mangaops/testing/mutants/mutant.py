"""A mutant: one small change of a runbook, and where a walk can meet it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mangaops.model.condition import Place
from mangaops.model.runbook import Runbook


class MutantKind(StrEnum):
    """What was changed."""

    COMPARISON = "comparison"
    LOGIC = "logic"
    THRESHOLD = "threshold"
    LENGTH = "length of time"
    STATISTIC = "statistic"
    ORDER = "order of branches"
    ON_MISSING = "on_missing"
    EVIDENCE = "missing evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change. `id` is stable as long as its place is: test files name it.

    `change` works on a runbook as it was loaded, and as it was bound. `seen_at` holds the
    parts of the tree that mention what was changed: `trigger`, ids of nodes and outcomes.
    `parameter` is the one that was changed: a test that sets it does not see the change.
    `removed` is evidence that is no longer there. `reads` says that other values are read,
    so that the evidence of a test must be made again. `hint` says which test is lacking,
    `shown` is the changed stretch of a condition.
    """

    id: str
    kind: MutantKind
    place: Place
    seen_at: frozenset[str]
    hint: str
    change: Callable[[Runbook], Runbook]
    parameter: str = ""
    removed: str = ""
    reads: bool = False
    shown: str = ""

    def __str__(self) -> str:
        return self.id


def numbered(ids: list[str]) -> list[str]:
    """The second of the same ids becomes `... #2`, so that each names one mutant."""
    seen: dict[str, int] = {}
    told: list[str] = []
    for one in ids:
        seen[one] = seen.get(one, 0) + 1
        told.append(one if seen[one] == 1 else f"{one} #{seen[one]}")
    return told
