"""Evidence that is neither a metric nor a log: a resource, a service of AWS, the cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mangaops.model.evidence import Evidence, EvidenceState
from mangaops.model.query import (
    BenchComparisonQuery,
    CachedAnswersQuery,
    HealthEventsQuery,
    InventoryQuery,
)
from mangaops.model.settings import Environment
from mangaops.readiness.doctor.asking import Part
from mangaops.readiness.doctor.finding import Finding, Group, State
from mangaops.readiness.doctor.reasons import because
from mangaops.readiness.doctor.ways_in import ways_in

NO_SUPPORT_PLAN = "needs Business support"


def finding_of(  # noqa: PLR0911 - one for each way to be missing
    part: Part, read: Evidence, others: Mapping[str, Evidence], at: Environment
) -> Finding:
    """`others` is all that was read, by id."""
    query = part.declaration.query
    if read.state in {EvidenceState.OK, EvidenceState.STALE}:
        return _found(part, State.FINE, "read")
    match query:
        case InventoryQuery() if not _read(others.get(query.products_from)):
            detail = "not tried: which products to look up comes from the cache"
            return replace(_found(part, State.UNKNOWN, detail), lost=True)
        case CachedAnswersQuery() if read.state is not EvidenceState.NO_DATA:
            return replace(_problem(part, read), commands=ways_in(at))
        case HealthEventsQuery() if NO_SUPPORT_PLAN in read.detail:
            detail = "the support plan has no AWS Health API: events cannot be read"
            hint = "Business support or higher has it; else look at health.aws.amazon.com"
            return replace(_found(part, State.PROBLEM, detail, hint), lost=True)
        case BenchComparisonQuery() if read.state is EvidenceState.NO_DATA:
            return replace(
                _found(part, State.WARNING, read.detail, _bench_hint(query)), unseen=True
            )
        case _ if read.state is EvidenceState.NO_DATA:
            return _empty(part, read)
        case _:
            return _problem(part, read)


def _bench_hint(query: BenchComparisonQuery) -> str:
    measure = "measure prompts before and after a change: mangaops bench run"
    return measure if query.store else f"{measure}; resources.bench_store is a store for all"


def _read(read: Evidence | None) -> bool:
    return read is not None and read.value is not None


def _empty(part: Part, read: Evidence) -> Finding:
    """Nothing there, or no such thing: AWS's own error says which."""
    detail, hint = because(read)
    gone = any(word in read.detail for word in ("NotFound", "not found", "does not exist"))
    if gone:
        hint = hint or "correct its name (resources in mangaops.yaml), the region or the account"
        return replace(_found(part, State.PROBLEM, detail, hint), lost=True)
    return _found(part, State.WARNING, detail, hint)


def _problem(part: Part, read: Evidence) -> Finding:
    detail, hint = because(read)
    return replace(_found(part, State.PROBLEM, detail, hint), lost=True)


def _found(part: Part, state: State, detail: str, hint: str = "") -> Finding:
    return Finding(
        group=Group.RESOURCES,
        name=part.declaration.title or part.declaration.id,
        state=state,
        detail=detail,
        hint=hint,
        users=part.users,
    )
