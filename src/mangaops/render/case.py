"""One run as it is shown and recorded: the diagnosis, and where, when and from what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mangaops.model.diagnosis import Check, Cost, Diagnosis
from mangaops.model.evidence import JSON, EvidenceSet, EvidenceState
from mangaops.model.runbook import Runbook
from mangaops.model.site import Site
from mangaops.model.time import Window

_MOST_TITLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One declared piece of evidence with what became of it; without its value."""

    id: str
    kind: str
    state: EvidenceState
    title: str = ""
    unit: str = ""
    summary: Mapping[str, JSON] = field(default_factory=dict)
    query: Mapping[str, JSON] = field(default_factory=dict)
    newest: datetime | None = None
    seconds: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that is told about one run. `interrupted` after a Ctrl-C.

    `suffix` is what a next `diagnose` must repeat (` --env prod`); it is not recorded.
    `sets` are the runbook's parameters as they were typed.
    """

    run: str
    diagnosis: Diagnosis
    site: Site
    window: Window
    evidence: Mapping[str, Seen]
    cost: Cost
    seconds: float
    interrupted: bool = False
    suffix: str = ""
    sets: Mapping[str, str] = field(default_factory=dict)

    def name_of(self, check: Check) -> str:
        """What a check is about, in words: the titles of its evidence."""
        seen = [self.evidence.get(evidence_id) for evidence_id in check.evidence]
        titles = list(dict.fromkeys(s.title or s.id for s in seen if s is not None))
        if len(titles) > _MOST_TITLES:
            titles = [*titles[: _MOST_TITLES - 1], f"{len(titles) - _MOST_TITLES + 1} more"]
        return ", ".join(titles) or ", ".join(check.evidence) or check.expression


def seen_of(runbook: Runbook, evidence: EvidenceSet) -> dict[str, Seen]:
    """Every piece of evidence that the runbook declares, by id, in its order."""
    result = {}
    for declaration in runbook.evidence.values():
        read = evidence.get(declaration.id)
        result[declaration.id] = Seen(
            id=declaration.id,
            kind=declaration.kind,
            title=declaration.title,
            unit=declaration.unit,
            state=read.state if read else EvidenceState.NOT_NEEDED,
            summary=read.summary if read else {},
            query=read.query if read else {},
            newest=read.newest if read else None,
            seconds=read.seconds if read else 0.0,
            detail=read.detail if read else "",
        )
    return result
