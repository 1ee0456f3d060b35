"""Conditions and templates as they come out of the loader: parsed, checked, with a place."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """An expression of the condition language, checked against what its runbook declares.

    `evidence` and `parameters` are the declared names it mentions.
    """

    source: str
    tree: ast.expr
    place: Place
    evidence: frozenset[str]
    parameters: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """`{expression:format}` within a template; `format` names a unit such as `ms` or `%`."""

    condition: Condition
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Text with slots; its slots are evaluated when the outcome is reached."""

    source: str
    parts: tuple[str | Slot, ...]

    @property
    def evidence(self) -> frozenset[str]:
        slots = (part.condition.evidence for part in self.parts if isinstance(part, Slot))
        return frozenset().union(*slots)
