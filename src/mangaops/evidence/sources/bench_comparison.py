"""`bench_comparison`: what stored benchmark runs say of each intent, one row an intent.

Which runs are compared, per intent: the newest stored run that has samples of it. Where
that run measured two versions, these two; else it against the newest earlier run of
another version, else against the newest earlier run of the same version (both versions of
the row are equal then: no prompt changed between them). Only runs count that began within
the query's window. The comparing itself is no business of this package: see `Comparisons`.

A row's `controlled` says whether a slow-down can be the prompt's at all: both versions were
measured at once (`interleaved`), or another intent of the same two runs did not slow down.
An infinite figure (calls that failed) is None, and `doubts` says why. A damaged file is
left out and named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from mangaops.evidence.source import Asked, Stop, found, missing, query_of
from mangaops.evidence.sources.attempt import attempted
from mangaops.model.evidence import JSON, Evidence, EvidenceState, Row, Table
from mangaops.model.query import BenchComparisonQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.source import SOURCE_KINDS
from mangaops.model.time import Window, format_duration

KIND = "bench_comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """`rows` are as SOURCE_KINDS has them. `runs` is how many there are in the window.

    `place` is where they were looked for, in words, `newest` when the newest of them began.
    """

    rows: tuple[Row, ...]
    runs: int
    place: str
    newest: datetime | None = None
    damaged: tuple[str, ...] = ()


class Comparisons(Protocol):
    """Reads a store of runs and compares them; raises AwsError, ConfigError or Stopped."""

    def prepare(self) -> None: ...
    def compared(self, store: str, window: Window, stop: Stop) -> Compared: ...


class BenchComparisonReader:
    def __init__(self, comparisons: Comparisons) -> None:
        self._comparisons = comparisons

    def prepare(self) -> None:
        """Nothing: whether there is a store at all is only known with the declaration."""

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        query = query_of(declaration, BenchComparisonQuery)
        call: dict[str, JSON] = {"call": "compare stored benchmark runs", "store": query.store}

        def read() -> Evidence:
            window = asked.window.last(query.window)
            answer = self._comparisons.compared(query.store, window, asked.stop)
            return _evidence(declaration, call, answer)

        return attempted(declaration, call, read)


def _evidence(
    declaration: EvidenceDeclaration, call: dict[str, JSON], answer: Compared
) -> Evidence:
    note = f"damaged run files left out: {', '.join(answer.damaged)}" if answer.damaged else ""
    summary: dict[str, JSON] = {
        "rows": len(answer.rows),
        "runs": answer.runs,
        "damaged": len(answer.damaged),
    }
    if not answer.rows:
        days = query_of(declaration, BenchComparisonQuery).window
        detail = "; ".join(part for part in (_nothing(answer, days), note) if part)
        return missing(declaration, EvidenceState.NO_DATA, detail, query=call, summary=summary)
    table = Table(columns=tuple(SOURCE_KINDS[KIND].fields), rows=answer.rows)
    evidence = found(declaration, table, query=call, summary=summary, newest=answer.newest)
    return replace(evidence, detail=note)


def _nothing(answer: Compared, days: timedelta) -> str:
    if answer.runs == 0:
        return f"no benchmark run of the last {format_duration(days)} in {answer.place}"
    if answer.runs == 1:
        return f"the one benchmark run in {answer.place} has nothing to be compared with"
    return f"no two of the {answer.runs} benchmark runs in {answer.place} measured one intent"
