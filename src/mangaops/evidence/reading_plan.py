"""What a diagnosis would read and what that may cost, computed without reading anything.

The metric calls come from the planner that the real reader uses. A metric with a `*` has
as many series as ListMetrics will name: it is planned with the series that are given, and
with one where none are; the figures are then a lower bound.

Prices: GetMetricData 0.01 USD for 1,000 metrics requested; Logs Insights by what is
scanned, at the environment's price, at most up to the scan budget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from mangaops.evidence.budget import USD_PER_METRIC
from mangaops.evidence.readers import batched, scanning
from mangaops.evidence.reading_calls import Calls, added, calls_of
from mangaops.evidence.source import query_of
from mangaops.evidence.sources.metric_plan import Plan, plan, wildcards
from mangaops.evidence.sources.metric_ranges import batches
from mangaops.model.query import InventoryQuery, MetricQuery
from mangaops.model.runbook import Ask, EvidenceDeclaration, Runbook
from mangaops.model.time import Window

IDENTITY = Calls(action="sts:GetCallerIdentity")
GET_METRIC_DATA, LIST_METRICS = "cloudwatch:GetMetricData", "cloudwatch:ListMetrics"

Listed = Mapping[tuple[str, str], Sequence[Mapping[str, str]]]
"""The dimensions of the metrics of a (namespace, name), as ListMetrics gives them."""


class When(StrEnum):
    """Whether a piece is read in any case, or only once the walk asks for it."""

    ALWAYS = "always"
    IF_NEEDED = "if needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One declared piece of evidence. `metrics` counts its requests of GetMetricData;
    `open_ended` says that a `*` may make them more. `calls` are its own calls.
    """

    declaration: EvidenceDeclaration
    when: When
    calls: tuple[Calls, ...] = ()
    metrics: int = 0
    open_ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPlan:
    """All of it. `metrics` are the metrics requested of GetMetricData by all readings
    together (the same request is sent once); `always` and `if_needed` are all calls.
    """

    runbook: Runbook
    window: Window
    readings: tuple[Reading, ...]
    metrics: int
    open_ended: bool
    always: tuple[Calls, ...]
    if_needed: tuple[Calls, ...]
    max_scan_gb: float
    log_price_per_gb: float
    questions: tuple[Ask, ...] = ()

    @property
    def scans(self) -> bool:
        """Whether there is a log query among it."""
        return any(scanning(reading.declaration) for reading in self.readings)

    @property
    def usd_least(self) -> float:
        """The metrics alone, which are always read."""
        return round(self.metrics * USD_PER_METRIC, 6)

    @property
    def usd_most(self) -> float:
        """With the whole scan budget; more series of a `*` come on top."""
        logs = self.max_scan_gb * self.log_price_per_gb if self.scans else 0.0
        return round(self.metrics * USD_PER_METRIC + logs, 6)


def reading_plan(
    bound: Runbook,
    window: Window,
    now: datetime,
    *,
    per_call: int,
    max_scan_gb: float,
    log_price_per_gb: float,
    listed: Listed | None = None,
) -> ReadingPlan:
    """The plan of a bound runbook. `per_call` is the most metrics of one GetMetricData."""
    needed = _needed_by_the_trigger(bound)
    plans = {
        item.id: _planned(item, window, now, listed or {})
        for item in bound.evidence.values()
        if batched(item)
    }
    readings = tuple(_reading(item, plans, needed) for item in bound.evidence.values())
    made = batches([want for one in plans.values() for want in one.wants])
    open_ended = any(reading.open_ended for reading in readings)
    data = sum(-(-len(batch.requests) // per_call) for batch in made)
    always = [IDENTITY, *_metric_calls(tuple(plans.values()), data, open_ended=open_ended)]
    always += chain.from_iterable(r.calls for r in readings if r.when is When.ALWAYS)
    later = chain.from_iterable(r.calls for r in readings if r.when is When.IF_NEEDED)
    return ReadingPlan(
        runbook=bound,
        window=window,
        readings=readings,
        metrics=sum(len(batch.requests) for batch in made),
        open_ended=open_ended,
        always=added(always),
        if_needed=added(list(later)),
        max_scan_gb=max_scan_gb,
        log_price_per_gb=log_price_per_gb,
        questions=tuple(node for node in bound.nodes.values() if isinstance(node, Ask)),
    )


def _needed_by_the_trigger(bound: Runbook) -> frozenset[str]:
    """What is read before anything is known; an inventory needs its list of products."""
    needed = set(bound.trigger.when.evidence)
    for name in bound.trigger.when.evidence:
        query = bound.evidence[name].query
        if isinstance(query, InventoryQuery):
            needed.add(query.products_from)
    return frozenset(needed)


def _planned(item: EvidenceDeclaration, window: Window, now: datetime, listed: Listed) -> Plan:
    query = query_of(item, MetricQuery)
    known = listed.get((query.namespace, query.name)) if wildcards(query) else None
    return plan(item, window, now, known)


def _reading(
    item: EvidenceDeclaration, plans: Mapping[str, Plan], needed: frozenset[str]
) -> Reading:
    if item.id in plans:
        one = plans[item.id]
        requests = {want.request for want in one.wants}
        return Reading(
            declaration=item, when=When.ALWAYS, metrics=len(requests), open_ended=bool(one.by)
        )
    when = When.ALWAYS if item.id in needed else When.IF_NEEDED
    return Reading(declaration=item, when=when, calls=calls_of(item.query))


def _metric_calls(plans: Sequence[Plan], data: int, *, open_ended: bool) -> tuple[Calls, ...]:
    """ListMetrics is sent for every `*`, and again for a metric that has no datapoint."""
    starred = {(one.query.namespace, one.query.name) for one in plans if one.by}
    silent = {
        (one.query.namespace, one.query.name)
        for one in plans
        if not one.by and not one.query.sparse
    }
    if not plans:
        return ()
    most = None if open_ended else len(silent - starred)
    return (
        Calls(action=GET_METRIC_DATA, least=data, most=None if open_ended else data),
        Calls(action=LIST_METRICS, least=len(starred), most=most),
    )
