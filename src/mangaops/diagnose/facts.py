"""What a condition is evaluated against: a bound runbook, the evidence so far, a window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState
from mangaops.model.runbook import ParameterValue, Runbook
from mangaops.model.time import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`memory` keeps what is derived from these facts alone, such as named expressions."""

    runbook: Runbook
    evidence: EvidenceSet
    window: Window
    memory: dict[object, object] = field(default_factory=dict, compare=False, repr=False)

    def read(self, evidence_id: str) -> Evidence | None:
        """None while it has not been read; `not_needed` says the same of an earlier run."""
        item = self.evidence.get(evidence_id)
        return None if item is None or item.state is EvidenceState.NOT_NEEDED else item

    def unread(self, evidence_ids: Iterable[str]) -> frozenset[str]:
        return frozenset(i for i in evidence_ids if self.read(i) is None)

    def parameter(self, name: str) -> ParameterValue:
        return self.runbook.parameters[name].value

    def title(self, evidence_id: str) -> str:
        """The evidence in the operator's words."""
        declaration = self.runbook.evidence.get(evidence_id)
        return (declaration.title if declaration else "") or evidence_id
