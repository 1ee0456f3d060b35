"""CloudWatch metrics: all declarations of a runbook in as few calls as the limits allow.

First ListMetrics, in parallel, for every metric with a `*`; then GetMetricData for all
series of all declarations together; then, only for a metric without any datapoint,
ListMetrics again to tell a quiet metric from a wrong name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeAlias

from mangaops.errors import MangaopsError
from mangaops.evidence.parallel import run_all
from mangaops.evidence.source import Asked, not_read, query_of
from mangaops.evidence.sources.metric_plan import Plan, matching, plan, wildcards
from mangaops.evidence.sources.metric_ranges import Batch, Want, batches
from mangaops.evidence.sources.metric_values import Answers, evidence, nothing
from mangaops.model.evidence import Evidence, EvidenceState
from mangaops.model.query import MetricQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.telemetry import MetricAnswer, MetricRequest
from mangaops.model.time import Window

Listed: TypeAlias = "tuple[Mapping[str, str], ...] | MangaopsError"
MetricName: TypeAlias = tuple[str, str]

RECENTLY = timedelta(hours=3)


class MetricGateway(Protocol):
    def prepare(self) -> None: ...

    def metric_data(
        self, requests: Sequence[MetricRequest], start: int, end: int
    ) -> tuple[MetricAnswer, ...]: ...

    def metrics(
        self, namespace: str, name: str, *, recently: bool = False
    ) -> tuple[Mapping[str, str], ...]: ...


class MetricReader:
    """Satisfies `source.BatchReader`. `wall` tells how old the data asked for is."""

    def __init__(self, cloudwatch: MetricGateway, *, wall: Callable[[], datetime]) -> None:
        self._cloudwatch = cloudwatch
        self._wall = wall

    def prepare(self) -> None:
        self._cloudwatch.prepare()

    def read_all(
        self, declarations: Sequence[EvidenceDeclaration], asked: Asked
    ) -> Iterator[Sequence[Evidence]]:
        """One for each declaration, those of one call together; raises the error if
        CloudWatch answered none of them.
        """
        failed: list[tuple[EvidenceDeclaration, MangaopsError]] = []
        answered = False
        for read in self._read(declarations, asked, failed):
            answered = True
            yield read
        if failed and not answered:
            raise failed[0][1]
        if failed:
            yield [not_read(declaration, error) for declaration, error in failed]

    def _read(
        self,
        declarations: Sequence[EvidenceDeclaration],
        asked: Asked,
        failed: list[tuple[EvidenceDeclaration, MangaopsError]],
    ) -> Iterator[Sequence[Evidence]]:
        """What CloudWatch answered; what it did not goes into `failed`."""
        queries = [query_of(declaration, MetricQuery) for declaration in declarations]
        recently = self._recent(queries, asked.window)
        starred = (query for query in queries if wildcards(query))
        listed = self._listed(starred, recently=recently)
        plans: list[Plan] = []
        for declaration, query in zip(declarations, queries, strict=True):
            known = listed.get(_name(query)) if wildcards(query) else None
            if isinstance(known, MangaopsError):
                failed.append((declaration, known))
            else:
                plans.append(plan(declaration, asked.window, self._wall(), known))
        silent: list[Plan] = []
        for ready, answers in self._answered(plans):
            errors = [(one, _error(one, answers)) for one in ready]
            failed += [(one.declaration, error) for one, error in errors if error is not None]
            read = [(one, evidence(one, answers)) for one, error in errors if error is None]
            silent += [one for one, item in read if _could_be_misnamed(one, item)]
            together = [item for one, item in read if not _could_be_misnamed(one, item)]
            if together:
                yield together
        if silent:
            yield list(self._silent(silent, listed))

    def _listed(
        self, queries: Iterable[MetricQuery], *, recently: bool = False
    ) -> dict[MetricName, Listed]:
        names = dict.fromkeys(_name(query) for query in queries)
        ask = partial(self._cloudwatch.metrics, recently=recently)
        return dict(run_all({name: partial(ask, *name) for name in names}))

    def _recent(self, queries: Iterable[MetricQuery], window: Window) -> bool:
        """Whether all that is asked for lies within the span of ListMetrics' RecentlyActive.

        Then a model or a function that is no longer used is no member of a group, which
        it would be for two weeks, without any data: unknown, and so in the way.
        """
        longest = max([window.length, *(q.window for q in queries if q.window)])
        return self._wall() - window.end + longest <= RECENTLY

    def _answered(self, plans: Sequence[Plan]) -> Iterator[tuple[Sequence[Plan], Answers]]:
        """The plans whose wants are all answered, after each call that completes some."""
        answers: dict[Want, MetricAnswer | MangaopsError] = {}
        yield [one for one in plans if not one.wants], answers
        waiting = [one for one in plans if one.wants]
        calls = batches([want for one in plans for want in one.wants])
        jobs = {batch: partial(self._call, batch) for batch in calls}
        for batch, answered in run_all(jobs):
            if isinstance(answered, MangaopsError):
                answers |= dict.fromkeys(batch.wants, answered)
            else:
                answers |= {want: answered[want.request] for want in batch.wants}
            yield [one for one in waiting if one.wants <= answers.keys()], answers
            waiting = [one for one in waiting if not one.wants <= answers.keys()]

    def _call(self, batch: Batch) -> Mapping[MetricRequest, MetricAnswer]:
        requests = batch.requests
        answers = self._cloudwatch.metric_data(requests, batch.start, batch.end)
        return dict(zip(requests, answers, strict=True))

    def _silent(
        self, plans: Sequence[Plan], listed: dict[MetricName, Listed]
    ) -> Iterator[Evidence]:
        unknown = (one.query for one in plans if _name(one.query) not in listed)
        listed |= self._listed(unknown)
        for one in plans:
            known = listed[_name(one.query)]
            if isinstance(known, MangaopsError):
                yield nothing(one)
            else:
                yield nothing(one, bool(matching(one.query, known)))


def _name(query: MetricQuery) -> MetricName:
    return query.namespace, query.name


def _error(one: Plan, answers: Answers) -> MangaopsError | None:
    """Why a series was not read at all; earlier days may lack."""
    for member in one.members:
        answer = answers[member.main]
        if isinstance(answer, MangaopsError):
            return answer
    return None


def _could_be_misnamed(one: Plan, read: Evidence) -> bool:
    """A metric that is published all the time and named in full, without any datapoint."""
    return read.state is EvidenceState.NO_DATA and not one.by and not one.query.sparse
