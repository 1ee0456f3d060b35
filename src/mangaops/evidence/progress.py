"""What is going on while evidence is read, for whoever shows progress. Nothing prints here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mangaops.model.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Reading began; `title` is for people, never empty."""

    id: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Nothing has happened for a second; `seconds` is since the beginning."""

    ids: tuple[str, ...]
    seconds: float


Progress: TypeAlias = Started | Finished | Waiting
