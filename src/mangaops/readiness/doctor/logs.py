"""Sampled events of a log group -> whether Logs Insights can see the fields that queries use.

Logs Insights discovers fields only in an event that is one JSON object: a prefix before it
(a logger's time stamp) hides all of them, and every filter then matches nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from mangaops.model.evidence import Evidence, EvidenceState, Table
from mangaops.model.redaction import redacted
from mangaops.readiness.doctor.asking import SAMPLED, Part
from mangaops.readiness.doctor.finding import Finding, Group, State
from mangaops.readiness.doctor.log_query import fields_of, kinds_of_event, wanted_by
from mangaops.readiness.doctor.reasons import because

Event: TypeAlias = Mapping[str, object]
SHOWN = 60
_PURE = "log one JSON object an event, with nothing before it"


def finding_of(part: Part, read: Evidence) -> Finding:
    name, minutes = part.declaration.title, round(SAMPLED.total_seconds() / 60)
    if read.state is EvidenceState.NO_DATA and not read.summary.get("scanned"):
        detail = f"no event in the last {minutes} min"
        hint = f"check that something is logged to {name}"
        return replace(_found(part, State.WARNING, detail, hint), unseen=True)
    if read.state is EvidenceState.NO_DATA:
        return _found(part, State.PROBLEM, "its events have no fields", _PURE)
    if read.state is not EvidenceState.OK or not isinstance(read.value, Table):
        detail, hint = because(read)
        return _found(part, State.PROBLEM, detail, hint)
    return _of_lines(part, [str(row["@message"] or "") for row in read.value.rows])


def _of_lines(part: Part, lines: Sequence[str]) -> Finding:
    events = [event for line in lines if (event := parsed(line)) is not None]
    if not events:
        return _found(part, State.PROBLEM, f"events are not JSON: {shortened(lines[0])}", _PURE)
    absent = list(_absent(part.queries, events))
    told = f"{len(events)} of {len(lines)} sampled events are JSON"
    if 2 * len(events) < len(lines):
        other = next(line for line in lines if parsed(line) is None)
        return _found(part, State.WARNING, f"only {told}: {shortened(other)}", _PURE)
    if not absent:
        return _found(part, State.FINE, told)
    blind = any(all_of_them for _, all_of_them in absent)
    fields = ", ".join(dict.fromkeys(name for missing, _ in absent for name in missing))
    hint = "a field that is optional may be absent; one that was renamed is not read any more"
    state = State.PROBLEM if blind else State.WARNING
    return _found(part, state, f"{told}; not in them: {fields}", hint)


def _absent(queries: Sequence[str], events: Sequence[Event]) -> Iterator[tuple[list[str], bool]]:
    """For each query with events of its kind: what they lack, and whether that is all it uses."""
    kind = kinds_of_event(queries)
    for query in queries:
        wanted = wanted_by(query).get(kind)
        own = [event for event in events if wanted is None or str(event.get(kind)) in wanted]
        used = fields_of(query) - {kind}
        there = {name for event in own for name in event}
        missing = sorted(used - there)
        if own and missing:
            yield missing, used.isdisjoint(there)


def parsed(line: str) -> Event | None:
    """The fields that Logs Insights would discover (`a.b` within an object); None if none."""
    try:
        held = json.loads(line)
        return dict(_flat(held, "")) if isinstance(held, dict) else None
    except (ValueError, RecursionError):  # the second: brackets within brackets, by the thousand
        return None


def _flat(held: Mapping[str, object], before: str) -> Iterator[tuple[str, object]]:
    for name, value in held.items():
        yield f"{before}{name}", value
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")


def shortened(line: str) -> str:
    """A line of others, without secrets, on one line."""
    text = " ".join(redacted(line).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _found(part: Part, state: State, detail: str, hint: str = "") -> Finding:
    return Finding(
        group=Group.LOGS,
        name=part.declaration.title,
        state=state,
        detail=detail,
        hint=hint,
        users=part.users,
        lost=state is State.PROBLEM,
    )
