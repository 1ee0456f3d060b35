"""A metric's evidence -> a finding: its newest datapoint, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mangaops.errors import MangaopsError, nearest
from mangaops.model.evidence import Evidence, EvidenceState
from mangaops.model.query import MetricQuery
from mangaops.readiness.doctor.asking import LOOKED_BACK, Part
from mangaops.readiness.doctor.finding import Finding, Group, State
from mangaops.readiness.doctor.listing import Listing
from mangaops.readiness.doctor.reasons import because

_HOUR = f"the last {round(LOOKED_BACK.total_seconds() / 60)} min"
_SEARCH, _IN_A_GROUP = "AWS/AOSS", "CollectionGroupName"
_QUIET = "check what publishes it: nothing is no proof of health"


def finding_of(part: Part, read: Evidence, listing: Listing, now: datetime) -> Finding:
    """ListMetrics is asked only about what has no datapoint and should have."""
    query = part.declaration.query
    assert isinstance(query, MetricQuery)  # noqa: S101 - a metric's declaration has no other
    match read.state:
        case EvidenceState.OK if read.newest is not None:
            minutes = max(0, round((now - read.newest).total_seconds() / 60))
            return _found(part, State.FINE, f"newest data {minutes} min ago")
        case EvidenceState.STALE:
            return replace(_found(part, State.WARNING, because(read)[0], _QUIET), lost=True)
        case EvidenceState.NO_DATA:
            return _silent(part, query, listing)
        case _:
            detail, hint = because(read)
            return _found(part, State.PROBLEM, detail, hint)


def _silent(part: Part, query: MetricQuery, listing: Listing) -> Finding:
    try:
        listed = listing.metrics(query.namespace, query.name)
        if any(_fits(query.dimensions, one) for one in listed):
            return _quiet(part, query)
        if listed and _is_of_the_group(query, listed):
            told = "not there while every collection is in a group, as AWS publishes it"
            return replace(_found(part, State.FINE, told), lost=True)
        names = listing.metric_names(query.namespace) if not listed else (query.name,)
        if not names:
            return _nowhere(part, query, listing)
    except MangaopsError as error:
        told = f"no data in {_HOUR}; whether it is listed: {error}"
        return replace(_found(part, State.UNKNOWN, told), unseen=True)
    hint = _nearest_dimensions(query, listed) if listed else _nearest_name(query, names)
    return _unlisted(part, query, hint)


def _quiet(part: Part, query: MetricQuery) -> Finding:
    """It has been there within two weeks."""
    if query.sparse:
        detail = f"nothing in {_HOUR}; it is published only when there is something to count"
        return _found(part, State.FINE, detail)
    told = _found(part, State.WARNING, f"listed, but without data in {_HOUR}", _QUIET)
    return replace(told, unseen=True)


def _unlisted(part: Part, query: MetricQuery, hint: str) -> Finding:
    """What is published now and then may only not have happened for two weeks."""
    what = f"CloudWatch lists no {_named(query)}"
    if query.sparse:
        detail = f"not seen: {what}; whether it will be there cannot be said"
        return replace(_found(part, State.UNKNOWN, detail, hint), unseen=True)
    return replace(_found(part, State.WARNING, what, hint), lost=True)


def _nowhere(part: Part, query: MetricQuery, listing: Listing) -> Finding:
    """A namespace in which there is nothing at all is another one, or that of another region."""
    hint = nearest(query.namespace, listing.namespaces())
    place = "" if query.namespace.startswith("AWS/") else "the namespace (resources), "
    hint = hint or f"check {place}the region and the account"
    detail = f"CloudWatch lists nothing in {query.namespace}"
    return replace(_found(part, State.WARNING, detail, hint), lost=True)


def _is_of_the_group(query: MetricQuery, listed: Iterable[Mapping[str, str]]) -> bool:
    """The account's search capacity is published of collections outside groups only."""
    asked = query.namespace == _SEARCH and _IN_A_GROUP not in query.dimensions
    return asked and all(_IN_A_GROUP in one for one in listed)


def _fits(dimensions: Mapping[str, str], listed: Mapping[str, str]) -> bool:
    return dimensions.keys() == listed.keys() and all(
        value in {"*", listed[name]} for name, value in dimensions.items()
    )


def _nearest_name(query: MetricQuery, names: Sequence[str]) -> str:
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
