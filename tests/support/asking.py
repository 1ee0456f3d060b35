"""What a source is asked in tests: a declaration, a window, and a stop that never comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mangaops.evidence.source import Asked
from mangaops.model.condition import Place
from mangaops.model.evidence import Evidence, EvidenceSet
from mangaops.model.query import Query
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.source import SOURCE_KINDS
from mangaops.model.time import Window

END = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)
WINDOW = Window(start=END - timedelta(minutes=30), end=END)


@dataclass
class Waiting:
    """Stands for the collector's stop; remembers what was waited for."""

    requested: bool = False
    waits: list[float] = field(default_factory=list)

    def remaining(self) -> float:
        return 0.0 if self.requested else 60.0

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return self.requested


def at(minutes: float) -> datetime:
    """The instant this many minutes before the window's end."""
    return END - timedelta(minutes=minutes)


def declare(query: Query) -> EvidenceDeclaration:
    """A declaration named `it`, of the kind that the query belongs to."""
    kind = next(name for name, kind in SOURCE_KINDS.items() if kind.query is type(query))
    place = Place(file="test.yaml", line=1, column=1)
    return EvidenceDeclaration(id="it", kind=kind, query=query, place=place)


def asked(*evidence: Evidence, stop: Waiting | None = None) -> Asked:
    items = {item.id: item for item in evidence}
    return Asked(window=WINDOW, evidence=EvidenceSet(items=items), stop=stop or Waiting())
