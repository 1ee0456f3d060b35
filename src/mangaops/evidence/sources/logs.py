"""Logs Insights queries. Only `Complete` is a result: the rows of a running query are not.

An event that is not one JSON object has no fields, so that every filter matches
nothing: scanned but not matched is therefore "no data", never "no errors".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from mangaops.errors import AwsError, AwsRejected
from mangaops.evidence.budget import ScanBudget
from mangaops.evidence.source import Asked, Stop, Stopped, found, missing, query_of
from mangaops.evidence.sources.log_rows import typed
from mangaops.evidence.sources.polling import Pace, next_look, pause
from mangaops.model.evidence import JSON, Evidence, EvidenceState
from mangaops.model.query import LogQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.telemetry import QueryAnswer, QueryStatus
from mangaops.model.time import Window, iso

CROWDED = "LimitExceededException"
WAITS_WHEN_CROWDED = (2.0, 4.0)
"""Beside botocore's own retries, which last a second: queries of others take longer."""
UNKNOWN_IN_A_ROW = 5


class LogGateway(Protocol):
    def prepare(self) -> None: ...

    def start(self, groups: Sequence[str], query: str, start: int, end: int, limit: int) -> str: ...

    def results(self, query_id: str) -> QueryAnswer: ...

    def stop(self, query_id: str) -> None: ...


class LogReader:
    """Satisfies `source.Reader`. `clock` is monotonic; `budget` is shared by all queries."""

    def __init__(self, logs: LogGateway, *, budget: ScanBudget, clock: Callable[[], float]) -> None:
        self._logs = logs
        self._budget = budget
        self._clock = clock
        self._pace = Pace(clock=clock)

    def prepare(self) -> None:
        self._logs.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        query = query_of(declaration, LogQuery)
        window = asked.window.last(query.window) if query.window else asked.window
        if self._budget.exhausted:
            return _over_budget(declaration, query, window, self._budget, "not started")
        query_id, started = self._start(query, window, asked.stop)
        try:
            answer = self._wait(query_id, started, asked.stop)
        except (Stopped, AwsError):
            self._stop(query_id)
            raise
        if answer is None:
            self._stop(query_id)
            return _over_budget(declaration, query, window, self._budget, "stopped")
        return _evidence(declaration, query, window, answer)

    def _start(self, query: LogQuery, window: Window, stop: Stop) -> tuple[str, float]:
        """The query's id and when it was accepted. The account runs 100 queries at once."""
        first, last = int(window.start.timestamp()), int(window.end.timestamp()) - 1
        for wait in (*WAITS_WHEN_CROWDED, None):
            try:
                accepted = self._logs.start(query.groups, query.query, first, last, query.limit)
                return accepted, self._clock()
            except AwsRejected as error:
                if error.code != CROWDED or wait is None:
                    raise
            pause(wait, stop)
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, query_id: str, started: float, stop: Stop) -> QueryAnswer | None:
        """Its last answer; None when the scan budget was used up before it ended."""
        sent: float | None = None
        unknown = 0
        while True:
            pause(next_look(started, sent) - self._clock(), stop)
            self._pace.wait_for_turn(stop)
            sent = self._clock()
            answer = self._logs.results(query_id)
            self._budget.scanned_so_far(query_id, answer.bytes_scanned)
            match answer.status:
                case QueryStatus.SCHEDULED | QueryStatus.RUNNING:
                    unknown = 0
                case QueryStatus.UNKNOWN if unknown + 1 < UNKNOWN_IN_A_ROW:
                    unknown += 1
                case _:
                    return answer
            if self._budget.exhausted:
                return None

    def _stop(self, query_id: str) -> None:
        """As good as it goes: a query that has just ended cannot be stopped."""
        with suppress(AwsError):
            self._logs.stop(query_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What goes into evidence of any state."""

    query: dict[str, JSON]
    summary: dict[str, JSON]


def _evidence(
    declaration: EvidenceDeclaration, query: LogQuery, window: Window, answer: QueryAnswer
) -> Evidence:
    told = _Told(query=_asked(query, window), summary=_figures(answer))
    match answer.status:
        case QueryStatus.COMPLETE:
            return _complete(declaration, query, answer, told)
        case QueryStatus.TIMEOUT:
            state, detail = EvidenceState.TIMEOUT, "Logs Insights gave up: the query took an hour"
        case QueryStatus.CANCELLED:
            state, detail = EvidenceState.FAILED, "the query was cancelled by someone else"
        case _:
            state = EvidenceState.FAILED
            detail = f"Logs Insights ended the query with status {answer.status}"
    return missing(declaration, state, detail, query=told.query, summary=told.summary)


def _complete(
    declaration: EvidenceDeclaration, query: LogQuery, answer: QueryAnswer, told: _Told
) -> Evidence:
    empty = _why_empty(answer)
    if empty:
        detail = f"{', '.join(query.groups)}: {empty}"
        return missing(
            declaration, EvidenceState.NO_DATA, detail, query=told.query, summary=told.summary
        )
    read = typed(answer.rows, query.columns)
    if read.unreadable:
        told.summary["unreadable_values"] = read.unreadable
    newest = None if read.newest is None else datetime.fromtimestamp(read.newest, UTC)
    evidence = found(declaration, read.table, query=told.query, summary=told.summary, newest=newest)
    if len(answer.rows) < query.limit:
        return evidence
    return replace(evidence, detail=f"cut off at {query.limit:,} rows", partial=True)


def _why_empty(answer: QueryAnswer) -> str:
    """Empty when there is a result. `stats count(*)` answers a row of 0 for no match too."""
    scanned, matched = answer.records_scanned, answer.records_matched
    if scanned == 0:
        return "no events in the window"
    if matched == 0:
        return (
            f"scanned {scanned or 0:,.0f} events, none matched: check the log format and the query"
        )
    if not answer.rows:
        return "no rows"
    return ""


def _over_budget(
    declaration: EvidenceDeclaration,
    query: LogQuery,
    window: Window,
    budget: ScanBudget,
    what: str,
) -> Evidence:
    detail = f"{what}: {budget} is used up"
    return missing(declaration, EvidenceState.FAILED, detail, query=_asked(query, window))


def _asked(query: LogQuery, window: Window) -> dict[str, JSON]:
    """The query as Logs Insights got it; `end` is included."""
    return {
        "groups": list(query.groups),
        "query": query.query,
        "start": iso(window.start),
        "end": iso(window.end - timedelta(seconds=1)),
        "limit": query.limit,
    }


def _figures(answer: QueryAnswer) -> dict[str, JSON]:
    return {
        "rows": len(answer.rows),
        "matched": _whole(answer.records_matched),
        "scanned": _whole(answer.records_scanned),
        "bytes": int(answer.bytes_scanned),
    }


def _whole(count: float | None) -> int | None:
    return None if count is None else int(count)
