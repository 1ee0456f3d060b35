"""What every part needs that puts recorded resources into a world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mangaops.model.evidence import Evidence, EvidenceSet, Record, Row, Scalar, Table
from mangaops.model.runbook import EvidenceDeclaration, Runbook
from mangaops.sandbox.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Putting:
    """`runbook` is bound to the sandbox's own names; `later` is how many seconds lie between
    the end of the recorded window and now. `notes` collects what cannot be served.
    """

    world: World
    client: Callable[[str], Any]
    runbook: Runbook
    evidence: EvidenceSet
    later: float
    notes: list[str] = field(default_factory=list)

    def at(self, recorded: Scalar, default: float = 0.0) -> datetime:
        """A recorded time, in epoch seconds, moved to the present."""
        known = float(recorded) if isinstance(recorded, int | float) else default
        return datetime.fromtimestamp(known + self.later, UTC)

    def not_served(self, declaration: EvidenceDeclaration, what: str) -> None:
        self.notes.append(f"{declaration.id} ({declaration.kind}): {what}")

    def of_kind(self, kind: str) -> Iterator[tuple[EvidenceDeclaration, Evidence]]:
        """The recorded evidence of one kind that was read."""
        for name, declaration in self.runbook.evidence.items():
            item = self.evidence.get(name)
            if declaration.kind == kind and item is not None:
                yield declaration, item


def stand_in(digest: Scalar) -> str:
    """A text instead of the one that has this digest: no capsule holds what a prompt says."""
    return f"recorded without its text ({digest})"


def rows_of(value: object) -> tuple[Row, ...]:
    return value.rows if isinstance(value, Table) else ()


def fields_of(item: Evidence) -> Mapping[str, Scalar | Table]:
    return item.value.fields if isinstance(item.value, Record) else {}


def scalar(fields: Mapping[str, Scalar | Table], name: str) -> Scalar:
    value = fields.get(name)
    return None if isinstance(value, Table) else value


def count(value: Scalar | Table, default: int = 0) -> int:
    return int(value) if isinstance(value, int | float) else default


def text(value: Scalar | Table, default: str = "") -> str:
    return str(value) if isinstance(value, str | int | float) else default
