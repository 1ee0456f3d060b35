"""Log queries that were started: running for a while, then complete, or cancelled."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mangaops.sandbox.insights.events import LogEvent
from mangaops.sandbox.insights.execute import QueryResult, run_query
from mangaops.sandbox.insights.query import Query
from mangaops.sandbox.world import World

SECONDS_VARIABLE = "MANGAOPS_SANDBOX_QUERY_SECONDS"
DEFAULT_SECONDS = 0.15
EARLY = 0.45
"""A first poll within this many seconds of the start sees Running, however short the
query is: on AWS no query is complete at once, and a client must not count on it."""
KEPT = 1000
PARTIAL = 500
"""Events behind the rows of a running query: enough to mislead who takes them for a result."""


class Status(Enum):
    RUNNING = "Running"
    COMPLETE = "Complete"
    CANCELLED = "Cancelled"


@dataclass(slots=True)
class LogQuery:
    """One query over the events of its moment; computed once, while it is Running.

    `seconds` is how long it stays Running by `clock`, a monotonic clock.
    """

    id: str
    query: Query
    groups: tuple[str, ...]
    events: Sequence[LogEvent]
    limit: int | None
    created: datetime
    seconds: float
    clock: Callable[[], float]
    begun: float
    polled: bool = False
    cancelled: bool = False
    partial: QueryResult | None = None
    result: Future[QueryResult] | None = None

    @property
    def status(self) -> Status:
        if self.cancelled:
            return Status.CANCELLED
        elapsed = self.clock() - self.begun
        return Status.COMPLETE if elapsed >= self.seconds else Status.RUNNING

    def poll(self) -> tuple[Status, QueryResult]:
        """The status and the rows so far: of a part of the events while it runs."""
        early = not self.polled and self.clock() - self.begun < EARLY
        self.polled = True
        status = self.status
        if status is Status.COMPLETE and not early and self.result is not None:
            return status, self.result.result()
        shown = Status.CANCELLED if status is Status.CANCELLED else Status.RUNNING
        if self.partial is None:
            some = self.events[: min(len(self.events) // 2, PARTIAL)]
            self.partial = run_query(self.query, some, self.limit)
        return shown, self.partial

    def stop(self) -> bool:
        """Cancels a running query; False if it had ended."""
        if self.status is not Status.RUNNING:
            return False
        self.cancelled = True
        return True


class LogQueries:
    """All queries of an account and region, oldest first, at most the last 1,000."""

    def __init__(self, _world: World) -> None:
        self.seconds = float(os.environ.get(SECONDS_VARIABLE, DEFAULT_SECONDS))
        self.limit = 100
        self.clock: Callable[[], float] = time.monotonic
        self._queries: dict[str, LogQuery] = {}
        self._workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="log-query")

    def start(
        self,
        *,
        query: Query,
        groups: tuple[str, ...],
        events: Sequence[LogEvent],
        limit: int | None,
        now: datetime,
        recorded: QueryResult | None = None,
    ) -> LogQuery:
        """`recorded` is an answer that is known already, in place of what the events give."""
        started = LogQuery(
            id=str(uuid.uuid4()),
            query=query,
            groups=groups,
            events=events,
            limit=limit,
            created=now,
            seconds=self.seconds,
            clock=self.clock,
            begun=self.clock(),
        )
        if recorded is None:
            started.result = self._workers.submit(run_query, query, events, limit)
        else:
            started.result = self._workers.submit(lambda: recorded)
        self._queries[started.id] = started
        while len(self._queries) > KEPT:
            del self._queries[next(iter(self._queries))]
        return started

    def find(self, query_id: str) -> LogQuery | None:
        return self._queries.get(query_id)

    def all(self) -> list[LogQuery]:
        return list(self._queries.values())

    def running(self) -> list[LogQuery]:
        return [query for query in self._queries.values() if query.status is Status.RUNNING]
