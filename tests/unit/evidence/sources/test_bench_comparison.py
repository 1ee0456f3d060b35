from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from mangaops.errors import AwsDenied, ConfigError
from mangaops.evidence.source import Stop, Stopped
from mangaops.evidence.sources.bench_comparison import BenchComparisonReader, Compared
from mangaops.model.evidence import Evidence, EvidenceState, Row, Table
from mangaops.model.query import BenchComparisonQuery
from mangaops.model.source import SOURCE_KINDS
from mangaops.model.time import Window
from support.asking import END, Waiting, asked, at, declare

COLUMNS = tuple(SOURCE_KINDS["bench_comparison"].fields)
ROW: Row = {**dict.fromkeys(COLUMNS), "intent": "faq", "verdict": "PASS"}
SOME = Compared(rows=(ROW,), runs=2, place="s3://bench/runs", newest=at(20))
CALL = {"call": "compare stored benchmark runs", "store": "s3://bench/runs"}


@dataclass
class Canned:
    """Answers this; remembers which days it was asked for."""

    answer: Compared | Exception
    window: Window | None = None

    def prepare(self) -> None: ...

    def compared(self, store: str, window: Window, stop: Stop) -> Compared:
        assert store == "s3://bench/runs"
        self.window = window
        if stop.requested:
            raise Stopped
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def _read(answer: Compared | Exception, stop: Waiting | None = None) -> Evidence:
    query = BenchComparisonQuery(store="s3://bench/runs")
    return BenchComparisonReader(Canned(answer)).read(declare(query), asked(stop=stop))


def test_every_compared_intent_is_a_row() -> None:
    assert _read(SOME) == Evidence(
        id="it",
        kind="bench_comparison",
        state=EvidenceState.OK,
        value=Table(columns=COLUMNS, rows=(ROW,)),
        summary={"rows": 1, "runs": 2, "damaged": 0, "elsewhere": 0},
        query=CALL,
        newest=at(20),
    )


def test_a_damaged_file_is_named_beside_what_could_be_compared() -> None:
    evidence = _read(replace(SOME, damaged=("b-1", "b-2")))
    assert (evidence.state, evidence.detail) == (
        EvidenceState.OK,
        "damaged run files left out: b-1, b-2",
    )


@pytest.mark.parametrize(("runs", "told"), [(1, "1 run"), (2, "2 runs")])
def test_how_many_runs_were_measured_elsewhere_is_told(runs: int, told: str) -> None:
    evidence = _read(replace(SOME, elsewhere=runs))
    assert evidence.detail == f"{told} of another environment or region left out"


@pytest.mark.parametrize(
    ("runs", "damaged", "detail"),
    [
        (0, (), "no benchmark run of the last 7d in s3://bench/runs"),
        (1, (), "the one benchmark run in s3://bench/runs has nothing to be compared with"),
        (3, (), "no two of the 3 benchmark runs in s3://bench/runs measured one intent"),
        (
            0,
            ("b-1",),
            "no benchmark run of the last 7d in s3://bench/runs; damaged run files left out: b-1",
        ),
    ],
)
def test_nothing_comparable_is_no_row_and_only_damaged_files_are_no_answer(
    runs: int, damaged: tuple[str, ...], detail: str
) -> None:
    evidence = _read(replace(SOME, rows=(), runs=runs, damaged=damaged))
    empty = (EvidenceState.OK, Table(columns=COLUMNS, rows=()))
    unknown = (EvidenceState.NO_DATA, None)
    assert (evidence.state, evidence.value) == (unknown if damaged else empty)
    assert evidence.detail == detail


@pytest.mark.parametrize(
    ("error", "state"),
    [(AwsDenied("no"), EvidenceState.DENIED), (ConfigError("no"), EvidenceState.FAILED)],
)
def test_a_store_that_cannot_be_read_is_no_empty_store(
    error: Exception, state: EvidenceState
) -> None:
    evidence = _read(error)
    assert (evidence.state, evidence.query) == (state, CALL)


def test_the_days_of_the_query_are_asked_for_whatever_the_window_of_the_runbook() -> None:
    canned = Canned(SOME)
    query = BenchComparisonQuery(store="s3://bench/runs", window=timedelta(days=2))
    BenchComparisonReader(canned).read(declare(query), asked())
    assert canned.window == Window(start=END - timedelta(days=2), end=END)


def test_a_stop_passes() -> None:
    with pytest.raises(Stopped):
        _read(SOME, stop=Waiting(requested=True))
