from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mangaops.errors import AwsNotFound, AwsRejected, AwsThrottled
from mangaops.evidence.budget import ScanBudget
from mangaops.evidence.source import Stopped
from mangaops.evidence.sources.logs import LogReader
from mangaops.evidence.sources.polling import Pace
from mangaops.model.evidence import EvidenceState, Table
from mangaops.model.query import FieldType, LogQuery
from mangaops.model.telemetry import QueryAnswer, QueryStatus
from support.declared import END_S, asked, declared, log
from support.fake_telemetry import FakeLogs
from support.fake_time import FakeClock, FakeStop

RUNNING = QueryAnswer(
    status=QueryStatus.RUNNING,
    rows=({"model": "haiku", "calls": "1"},),
    records_scanned=10,
    records_matched=1,
    bytes_scanned=100,
)
COMPLETE = QueryAnswer(
    status=QueryStatus.COMPLETE,
    rows=({"model": "haiku", "calls": "41"}, {"model": "sonnet", "calls": "7.5"}, {"calls": "x"}),
    records_scanned=200,
    records_matched=48,
    bytes_scanned=5000,
)


class Case:
    def __init__(self, *script, starts=(), stop_after: float | None = None, max_gb: float = 10):
        self.clock = FakeClock()
        at = None if stop_after is None else self.clock.now + stop_after
        self.stop = FakeStop(self.clock, at=at)
        self.logs = FakeLogs(script, starts=starts, clock=self.clock)
        self.budget = ScanBudget(max_gb)
        self.reader = LogReader(self.logs, budget=self.budget, clock=self.clock)

    def read(self, declaration=None):
        return self.reader.read(declaration or log("calls"), asked(self.stop))

    @property
    def looks(self) -> list[float]:
        return [round(at - 1000, 3) for at in self.logs.looks]


def test_only_a_complete_query_is_a_result_and_its_text_is_typed():
    case = Case(RUNNING, RUNNING, COMPLETE)
    got = case.read()
    assert got.state is EvidenceState.OK
    assert got.value == Table(
        columns=("model", "calls"),
        rows=(
            {"model": "haiku", "calls": 41},
            {"model": "sonnet", "calls": 7.5},
            {"model": None, "calls": None},
        ),
    )
    assert got.summary == {
        "rows": 3,
        "matched": 48,
        "scanned": 200,
        "bytes": 5000,
        "unreadable_values": 1,
    }
    assert got.query == {
        "groups": ["/app"],
        "query": "stats count(*) as calls by model",
        "start": "2026-11-21T11:00:00Z",
        "end": "2026-11-21T11:29:59Z",
        "limit": 10_000,
    }
    assert case.logs.stopped == []
    assert case.budget.used == 5000


def test_a_result_as_long_as_its_limit_may_be_a_part():
    declaration = log("calls")
    short = replace(declaration, query=replace(declaration.query, limit=3))
    got = Case(COMPLETE).read(short)
    assert (got.state, got.partial, got.detail) == (EvidenceState.OK, True, "cut off at 3 rows")
    assert Case(COMPLETE).read(declaration).partial is False


def test_both_ends_of_the_window_are_included_by_aws_so_the_last_second_is_left_out():
    case = Case(COMPLETE)
    case.read(log("calls", window=timedelta(minutes=5), limit=20))
    assert case.logs.started == [
        (("/app",), "stats count(*) as calls by model", END_S - 300, END_S - 1, 20)
    ]


def test_a_query_is_looked_at_often_at_first_and_never_less_than_once_a_second():
    case = Case(*[RUNNING] * 40, COMPLETE)
    case.read()
    gaps = [round(b - a, 3) for a, b in zip(case.looks, case.looks[1:], strict=False)]
    assert case.looks[:4] == [0.5, 0.75, 1.0, 1.25]
    assert gaps == sorted(gaps)
    assert gaps[-1] == 1.0


def test_all_queries_together_make_eight_calls_a_second():
    clock = FakeClock()
    pace, stop = Pace(clock=clock), FakeStop(clock)
    turns = []
    for _ in range(4):
        pace.wait_for_turn(stop)
        turns.append(round(clock.now - 1000, 3))
    assert turns == [0, 0.125, 0.25, 0.375]


def test_scanned_but_not_matched_is_no_data_and_not_zero_errors():
    none = QueryAnswer(
        status=QueryStatus.COMPLETE, rows=({"calls": "0"},), records_scanned=1234, records_matched=0
    )
    got = Case(none).read()
    assert (got.state, got.value, got.detail) == (
        EvidenceState.NO_DATA,
        None,
        "/app: scanned 1,234 events, none matched: check the log format and the query",
    )


def test_an_empty_window_says_so():
    none = QueryAnswer(status=QueryStatus.COMPLETE, records_scanned=0, records_matched=0)
    got = Case(none).read()
    assert (got.state, got.detail) == (EvidenceState.NO_DATA, "/app: no events in the window")


@pytest.mark.parametrize(
    ("status", "state", "detail"),
    [
        (
            QueryStatus.FAILED,
            EvidenceState.FAILED,
            "Logs Insights ended the query with status Failed",
        ),
        (QueryStatus.CANCELLED, EvidenceState.FAILED, "the query was cancelled by someone else"),
        (
            QueryStatus.TIMEOUT,
            EvidenceState.TIMEOUT,
            "Logs Insights gave up: the query took an hour",
        ),
        (
            QueryStatus.UNKNOWN,
            EvidenceState.FAILED,
            "Logs Insights ended the query with status Unknown",
        ),
    ],
)
def test_every_other_end_is_no_result(status, state, detail):
    got = Case(QueryAnswer(status=status, rows=COMPLETE.rows)).read()
    assert (got.state, got.detail, got.value) == (state, detail, None)


def test_a_status_unknown_for_a_moment_is_waited_for():
    case = Case(QueryAnswer(status=QueryStatus.UNKNOWN), COMPLETE)
    assert case.read().state is EvidenceState.OK


def test_a_stop_ends_the_query_at_aws():
    case = Case(RUNNING, stop_after=3.0)
    with pytest.raises(Stopped):
        case.read()
    assert case.logs.stopped == ["query-1"]
    assert case.clock.now == 1003.0


def test_a_look_that_fails_ends_the_query_at_aws():
    case = Case(RUNNING, AwsThrottled("slow down"))
    with pytest.raises(AwsThrottled):
        case.read()
    assert case.logs.stopped == ["query-1"]


def test_no_query_is_started_once_the_scan_budget_is_used_up():
    case = Case(COMPLETE, max_gb=1)
    case.budget.scanned_so_far("another", 2**30)
    got = case.read()
    assert (got.state, got.detail) == (
        EvidenceState.FAILED,
        "not started: the scan budget of 1 GB (--max-scan-gb) is used up",
    )
    assert case.logs.started == []


def test_a_query_that_uses_the_budget_up_is_stopped():
    much = QueryAnswer(status=QueryStatus.RUNNING, bytes_scanned=11 * 2**30)
    case = Case(much, COMPLETE)
    got = case.read()
    assert got.detail == "stopped: the scan budget of 10 GB (--max-scan-gb) is used up"
    assert case.logs.stopped == ["query-1"]
    assert case.budget.used == 11 * 2**30


def test_a_hundred_queries_of_others_are_waited_for_a_little():
    crowded = AwsRejected("too many", code="LimitExceededException")
    case = Case(COMPLETE, starts=[crowded, crowded])
    assert case.read().state is EvidenceState.OK
    assert case.looks == [6.5]
    case = Case(COMPLETE, starts=[crowded] * 9)
    with pytest.raises(AwsRejected):
        case.read()
    assert case.clock.now == 1006.0


def test_other_refusals_are_not_repeated():
    case = Case(COMPLETE, starts=[AwsNotFound("no such group")])
    with pytest.raises(AwsNotFound):
        case.read()
    assert case.clock.now == 1000.0


def test_times_are_epoch_seconds_and_the_newest_is_the_evidences():
    columns = {"at": FieldType.TIME, "ms": FieldType.TIME, "ok": FieldType.FLAG}
    query = LogQuery(groups=("/app",), query="fields at", columns=columns)
    rows = (
        {"at": "2026-11-21 11:00:00.500", "ms": "1795258800000", "ok": "1"},
        {"at": "2026-11-21T11:05:00+00:00", "ms": "NaN", "ok": "maybe", "undeclared": "1"},
    )
    answer = QueryAnswer(
        status=QueryStatus.COMPLETE, rows=rows, records_scanned=2, records_matched=2
    )
    got = Case(answer).read(declared("x", "logs", query))
    start = datetime(2026, 11, 21, 11, tzinfo=UTC).timestamp()
    assert got.value.rows == (
        {"at": start + 0.5, "ms": 1795258800.0, "ok": True},
        {"at": start + 300, "ms": None, "ok": None},
    )
    assert got.newest == datetime(2026, 11, 21, 11, 5, tzinfo=UTC)
    assert got.summary["unreadable_values"] == 2
