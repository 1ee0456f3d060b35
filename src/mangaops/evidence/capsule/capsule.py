"""What a capsule holds: all that the same diagnosis needs, offline, on another day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mangaops.model.diagnosis import Cost
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import ParameterValue
from mangaops.model.site import Site
from mangaops.model.time import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Capsule:
    """One run. `text` is the runbook's file, `digest` its SHA-256 in hex, `tool` the version
    of mangaops, `at` when the answer was given.

    `resources`, `parameters` (of the environment, by runbook name or `*`) and `sets` are
    what `runbook.bind` needs. `evidence` holds every declared id with its value; what was
    not read is in state `not_needed`.
    """

    run: str
    tool: str
    at: datetime
    runbook: str
    file: str
    digest: str
    text: str
    site: Site
    window: Window
    evidence: EvidenceSet
    cost: Cost
    seconds: float
    resources: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, ParameterValue]] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    force: bool = False
    interrupted: bool = False
    suffix: str = ""
