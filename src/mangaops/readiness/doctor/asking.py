"""All evidence of several runbooks as one collection: each query once, as cheap as can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from mangaops.model.query import AuditTrailQuery, FieldType, InventoryQuery, LogQuery, MetricQuery
from mangaops.model.runbook import EvidenceDeclaration, Runbook
from mangaops.readiness.doctor.finding import User
from mangaops.readiness.doctor.log_query import kinds_of_event

LOOKED_BACK = timedelta(hours=1)
"""How far metrics are read: short enough for ListMetrics to name only what is in use."""
SAMPLED = timedelta(minutes=15)
SAMPLES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing to read, and who needs it. For a log group: `queries` are put to it."""

    declaration: EvidenceDeclaration
    users: tuple[User, ...]
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Satisfies `evidence.collect.Declares`."""

    parts: Mapping[str, Part]

    @property
    def evidence(self) -> Mapping[str, EvidenceDeclaration]:
        return {key: part.declaration for key, part in self.parts.items()}


def together(runbooks: Iterable[Runbook]) -> Parts:
    """What bound runbooks declare, under ids that tell the runbook (`first-token/pings`)."""
    found: dict[str, Part] = {}
    same: dict[str, str] = {}
    where: dict[User, str] = {}
    for runbook in runbooks:
        for declared in _dependent_last(runbook):
            user = User(runbook=runbook.name, evidence=declared.id)
            for one in _cheapened(declared, runbook, where):
                query = "" if isinstance(one.query, LogQuery) else repr(one.query)
                key = same.setdefault(f"{one.kind} {query or one.id}", one.id)
                where[user] = key
                found[key] = _joined(found.get(key), one, user, declared)
    return Parts(parts={key: _sampling(part) for key, part in found.items()})


def _dependent_last(runbook: Runbook) -> list[EvidenceDeclaration]:
    """A query that takes products from another one comes behind it."""
    items = runbook.evidence.values()
    return sorted(items, key=lambda item: isinstance(item.query, InventoryQuery))


def _cheapened(
    declared: EvidenceDeclaration, runbook: Runbook, where: Mapping[User, str]
) -> Iterable[EvidenceDeclaration]:
    own = f"{runbook.name}/{declared.id}"
    match declared.query:
        case MetricQuery() as query:
            short = replace(query, window=LOOKED_BACK, pool=None, baseline=None)
            yield replace(declared, id=own, query=short)
        case LogQuery() as query:
            for group in query.groups:
                yield replace(
                    declared, id=group, title=group, query=replace(query, groups=(group,))
                )
        case AuditTrailQuery() as query:
            window = query.window or runbook.window
            yield replace(declared, id=own, query=replace(query, window=window))
        case InventoryQuery() as query:
            source = User(runbook=runbook.name, evidence=query.products_from)
            yield replace(declared, id=own, query=replace(query, products_from=where[source]))
        case _:
            yield replace(declared, id=own)


def _joined(
    known: Part | None, one: EvidenceDeclaration, user: User, declared: EvidenceDeclaration
) -> Part:
    queries = (declared.query.query,) if isinstance(declared.query, LogQuery) else ()
    if known is None:
        return Part(declaration=one, users=(user,), queries=queries)
    return replace(known, users=(*known.users, user), queries=(*known.queries, *queries))


def _sampling(part: Part) -> Part:
    """A log group is asked for a few events, if it can be one of each kind."""
    query = part.declaration.query
    if not isinstance(query, LogQuery):
        return part
    kind = kinds_of_event(part.queries)
    fields = ", ".join(["@timestamp", "@message", *([kind] if kind else [])])
    text = f"fields {fields}\n| sort @timestamp desc\n"
    text += f"| dedup {kind}\n" if kind else ""
    sample = replace(
        query,
        query=f"{text}| limit {SAMPLES}",
        columns={"@timestamp": FieldType.TIME, "@message": FieldType.TEXT},
        window=SAMPLED,
        limit=SAMPLES,
    )
    return replace(part, declaration=replace(part.declaration, query=sample))
