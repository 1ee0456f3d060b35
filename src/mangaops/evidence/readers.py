"""Which reader reads which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

from mangaops.evidence.source import BatchReader, Reader
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.source import SOURCE_KINDS, Expense


class Readers:
    """`batch` reads every kind of Expense.BATCHED; `make` gives one reader for each other.

    `make` is called once, when the first of them is wanted: by then the batch is on its
    way, and loading their modules costs nothing that is not waited for anyway.
    """

    def __init__(self, *, batch: BatchReader, make: Callable[[], Mapping[str, Reader]]) -> None:
        self.batch = batch
        self._make = make
        self._made: Mapping[str, Reader] | None = None
        self._lock = Lock()

    @property
    def by_kind(self) -> Mapping[str, Reader]:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


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
