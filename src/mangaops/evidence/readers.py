"""Which reader reads which kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mangaops.evidence.source import BatchReader, Reader
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.source import SOURCE_KINDS, Expense


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """`batch` reads every kind of Expense.BATCHED, `by_kind` one reader for each other."""

    batch: BatchReader
    by_kind: Mapping[str, Reader]


def batched(declaration: EvidenceDeclaration) -> bool:
    return SOURCE_KINDS[declaration.kind].expense is Expense.BATCHED


def cheap(declaration: EvidenceDeclaration) -> bool:
    """One call that costs nothing: worth making before it is known to be needed."""
    return SOURCE_KINDS[declaration.kind].expense is Expense.CALL
