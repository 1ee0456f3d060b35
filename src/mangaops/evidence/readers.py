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


def scanning(declaration: EvidenceDeclaration) -> bool:
    """It takes seconds and costs by the gigabyte."""
    return SOURCE_KINDS[declaration.kind].expense is Expense.SCAN


def cheap(declaration: EvidenceDeclaration, *, waiting: bool) -> bool:
    """Worth reading before it is known to be needed: one call that costs nothing, or, in the
    seconds that a log query takes anyway, several.
    """
    expense = SOURCE_KINDS[declaration.kind].expense
    return expense is Expense.CALL or (waiting and expense is Expense.SEVERAL_CALLS)
