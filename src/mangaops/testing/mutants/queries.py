"""Mutants of what is read: the statistic and lengths of a metric, and evidence that is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from mangaops.model.query import Baseline, MetricQuery
from mangaops.model.runbook import EvidenceDeclaration, Runbook
from mangaops.runbook.queries import MOST_DAYS
from mangaops.testing.mutants.figures import minutes_half_and_double, spelled
from mangaops.testing.mutants.mutant import Mutant, MutantKind
from mangaops.testing.mutants.uses import Uses

_STATISTICS = {
    "Average": "Maximum",
    "Maximum": "Average",
    "Minimum": "Average",
    "Sum": "SampleCount",
    "SampleCount": "Sum",
    "p50": "p95",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Other:
    """Another query, and how an id and a hint tell it."""

    query: MetricQuery
    label: str
    kind: MutantKind
    hint: str


def query_mutants(runbook: Runbook, uses: Uses) -> Iterator[Mutant]:
    """Of evidence that conclusions rest on; what only sentences mention is left alone."""
    for evidence_id, declared in runbook.evidence.items():
        if evidence_id not in uses.conclusive:
            continue
        seen_at = uses.parts_of(evidence_id)
        if isinstance(declared.query, MetricQuery):
            yield from _of_metric(declared, declared.query, seen_at)
        yield Mutant(
            id=f"evidence/{evidence_id} is never there",
            kind=MutantKind.EVIDENCE,
            place=declared.place,
            seen_at=seen_at,
            hint="add a test that says what must come out where it is there",
            change=_unchanged,
            removed=evidence_id,
        )


def _of_metric(
    declared: EvidenceDeclaration, query: MetricQuery, seen_at: frozenset[str]
) -> Iterator[Mutant]:
    for other in _others(query):
        yield Mutant(
            id=f"evidence/{declared.id}: {other.label}",
            kind=other.kind,
            place=declared.place,
            seen_at=seen_at,
            hint=other.hint,
            change=_change(declared.id, other),
            reads=True,
        )


def _others(query: MetricQuery) -> Iterator[_Other]:
    become = _STATISTICS.get(query.stat, "p50" if query.stat.startswith("p") else "Maximum")
    yield _Other(
        query=replace(query, stat=become),
        label=f"{query.stat} becomes {become}",
        kind=MutantKind.STATISTIC,
        hint=f"add a test whose {query.stat} and {become} conclude different things",
    )
    for name, length in (("pool", query.pool), ("window", query.window)):
        yield from _lengths(query, name, length)
    yield from _days(query)


def _lengths(query: MetricQuery, name: str, length: timedelta | None) -> Iterator[_Other]:
    for other in minutes_half_and_double(length) if length else ():
        was, become = spelled(length or other), spelled(other)
        yield _Other(
            query=replace(query, pool=other) if name == "pool" else replace(query, window=other),
            label=f"{name} {was} becomes {become}",
            kind=MutantKind.LENGTH,
            hint=f"add a test whose series changes between {was} and {become} ago",
        )


def _days(query: MetricQuery) -> Iterator[_Other]:
    if query.baseline is None:
        return
    days = query.baseline.days
    for other in (max(1, days // 2), min(MOST_DAYS, days * 2)):
        if other != days:
            yield _Other(
                query=replace(query, baseline=Baseline(days=other)),
                label=f"baseline of {days} days becomes {other}",
                kind=MutantKind.LENGTH,
                hint=f"add a test whose days between {days} and {other} ago differ",
            )


def _unchanged(runbook: Runbook) -> Runbook:
    return runbook


def _change(evidence_id: str, other: _Other) -> Callable[[Runbook], Runbook]:
    """Only what differs is put into the query: another `${name}` may have been bound there."""

    def change(runbook: Runbook) -> Runbook:
        declared = runbook.evidence[evidence_id]
        query = declared.query
        if not isinstance(query, MetricQuery):
            return runbook
        changed = replace(
            query,
            stat=other.query.stat,
            pool=other.query.pool,
            window=other.query.window,
            baseline=other.query.baseline,
        )
        evidence = {**runbook.evidence, evidence_id: replace(declared, query=changed)}
        return replace(runbook, evidence=evidence)

    return change
