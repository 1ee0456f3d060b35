"""A metric's evidence -> a finding: its newest datapoint, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from mangaops.errors import MangaopsError, nearest
from mangaops.model.evidence import Evidence, EvidenceState
from mangaops.model.query import MetricQuery
from mangaops.readiness.doctor.asking import LOOKED_BACK, Part
from mangaops.readiness.doctor.finding import Finding, Group, State
from mangaops.readiness.doctor.reasons import because

_HOUR = f"the last {round(LOOKED_BACK.total_seconds() / 60)} min"
_QUIET = "check what publishes it: nothing is no proof of health"


class Listing(Protocol):
    """Satisfied by `aws.cloudwatch.CloudWatch`."""

    def metrics(
        self, namespace: str, name: str, *, recently: bool = False
    ) -> tuple[Mapping[str, str], ...]: ...

    def metric_names(self, namespace: str) -> tuple[str, ...]: ...


def finding_of(part: Part, read: Evidence, listing: Listing, now: datetime) -> Finding:
    """ListMetrics is asked only about what has no datapoint and should have."""
    query = part.declaration.query
    assert isinstance(query, MetricQuery)  # noqa: S101 - a metric's declaration has no other
    match read.state:
        case EvidenceState.OK if read.newest is not None:
            minutes = max(0, round((now - read.newest).total_seconds() / 60))
            return _found(part, State.FINE, f"newest data {minutes} min ago")
        case EvidenceState.STALE:
            return _found(part, State.WARNING, because(read)[0], _QUIET)
        case EvidenceState.NO_DATA if query.sparse:
            detail = f"nothing in {_HOUR}; it is published only when there is something to count"
            return _found(part, State.FINE, detail)
        case EvidenceState.NO_DATA:
            return _silent(part, query, listing)
        case _:
            detail, hint = because(read)
            return _found(part, State.PROBLEM, detail, hint)


def _silent(part: Part, query: MetricQuery, listing: Listing) -> Finding:
    try:
        listed = listing.metrics(query.namespace, query.name)
        if any(_fits(query.dimensions, one) for one in listed):
            detail = f"listed, but without data in {_HOUR}"
            return _found(part, State.WARNING, detail, _QUIET)
        hint = _nearest_dimensions(query, listed) if listed else _nearest_name(query, listing)
    except MangaopsError as error:
        return _found(part, State.UNKNOWN, f"no data in {_HOUR}; whether it is listed: {error}")
    told = _found(part, State.WARNING, f"CloudWatch lists no {_named(query)}", hint)
    return replace(told, lost=True)


def _fits(dimensions: Mapping[str, str], listed: Mapping[str, str]) -> bool:
    return dimensions.keys() == listed.keys() and all(
        value in {"*", listed[name]} for name, value in dimensions.items()
    )


def _nearest_name(query: MetricQuery, listing: Listing) -> str:
    names = listing.metric_names(query.namespace)
    if not names:
        return f"nothing is listed in {query.namespace}: check the namespace and the region"
    return nearest(query.name, names) or f"{query.namespace} lists: {_some(names)}"


def _nearest_dimensions(query: MetricQuery, listed: Iterable[Mapping[str, str]]) -> str:
    """What it is listed with: correct `resources` in mangaops.yaml, or the runbook."""
    with_them = [", ".join(f"{k}={v}" for k, v in one.items()) or "no dimension" for one in listed]
    asked = ", ".join(f"{k}={v}" for k, v in query.dimensions.items())
    close = nearest(asked, with_them) if asked else ""
    return f"{close or f'it is listed with {_some(with_them)}'} (resources in mangaops.yaml)"


def _some(names: Iterable[str]) -> str:
    listed = sorted(set(names))
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return f"{'; '.join(listed[:3])}{more}"


def _named(query: MetricQuery) -> str:
    dimensions = ", ".join(f"{name}={value}" for name, value in query.dimensions.items())
    return f"{query.namespace} {query.name}{f' {{{dimensions}}}' if dimensions else ''}"


def _found(part: Part, state: State, detail: str, hint: str = "") -> Finding:
    return Finding(
        group=Group.METRICS,
        name=part.declaration.title or part.declaration.id,
        state=state,
        detail=detail,
        hint=hint,
        users=part.users,
        lost=state is State.PROBLEM,
    )
