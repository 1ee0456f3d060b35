"""The names that a runbook's conditions may use, and what each stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mangaops.model.condition import Condition
from mangaops.model.runbook import EvidenceDeclaration, Parameter

WINDOW_NAMES = ("window_start", "window_end")
"""Epoch seconds of the evidence window; no evidence or parameter may take these names."""

DURATION = "duration"
"""The unit of a parameter that holds seconds and may stand for a sub-window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a runbook declares, by name.

    `definitions` are its named expressions. They may use earlier ones only, so a loader
    parses them in order, each in a scope of those before it: no cycle can arise.
    """

    evidence: Mapping[str, EvidenceDeclaration]
    parameters: Mapping[str, Parameter]
    definitions: Mapping[str, Condition] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.evidence, *self.parameters, *self.definitions, *WINDOW_NAMES)
