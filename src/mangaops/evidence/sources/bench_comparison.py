"""`bench_comparison`: what stored benchmark runs say of each intent, one row an intent.

Which runs are compared, per intent: the newest stored run that has samples of it. Where
that run measured two versions, these two; else it against the newest earlier run of
another version, else against the newest earlier run of the same version (both versions of
the row are equal then: no prompt changed between them). A run that measured both versions
at once goes before two runs. Only runs count that began within the query's window, in this
environment and region. The comparing itself is no business of this package: see `Comparisons`.

A row's `controlled` says whether a slow-down can be the prompt's at all: both versions were
measured at once (`interleaved`), or another intent of the same two runs did not slow down.
An infinite figure (calls that failed) is None; `infinite` says that the ratio is. The digests
are those of the texts that were measured. A damaged file is left out and named, in a row's
`damaged` where it may be a newer measurement of the intent than the row.

That there are no runs is an answer, without rows. A store that is not known to have none,
since it cannot be read or its files are damaged, is evidence that is not there.
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
    `elsewhere` counts runs of other environments and regions, which were left out.
    """

    rows: tuple[Row, ...]
    runs: int
    place: str
    newest: datetime | None = None
    damaged: tuple[str, ...] = ()
    elsewhere: int = 0


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
    note = _left_out(answer)
    summary: dict[str, JSON] = {
        "rows": len(answer.rows),
        "runs": answer.runs,
        "damaged": len(answer.damaged),
        "elsewhere": answer.elsewhere,
    }
    if not answer.rows:
        days = query_of(declaration, BenchComparisonQuery).window
        note = "; ".join(part for part in (_nothing(answer, days), note) if part)
    if answer.damaged and not answer.rows:
        return missing(declaration, EvidenceState.NO_DATA, note, query=call, summary=summary)
    table = Table(columns=tuple(SOURCE_KINDS[KIND].fields), rows=answer.rows)
    evidence = found(declaration, table, query=call, summary=summary, newest=answer.newest)
    return replace(evidence, detail=note)


def _left_out(answer: Compared) -> str:
    told = []
    if answer.damaged:
        told.append(f"damaged run files left out: {', '.join(answer.damaged)}")
    if answer.elsewhere:
        runs = "1 run" if answer.elsewhere == 1 else f"{answer.elsewhere} runs"
        told.append(f"{runs} of another environment or region left out")
    return "; ".join(told)


def _nothing(answer: Compared, days: timedelta) -> str:
    if answer.runs == 0:
        return f"no benchmark run of the last {format_duration(days)} in {answer.place}"
    if answer.runs == 1:
        return f"the one benchmark run in {answer.place} has nothing to be compared with"
    return f"no two of the {answer.runs} benchmark runs in {answer.place} measured one intent"
