"""`audit_trail`: who called what in the window, by event name. CloudTrail tells it only
after about 5 minutes (at most 15), so the newest changes may be missing from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from mangaops.evidence.source import Asked, Stopped, found, query_of
from mangaops.evidence.sources.attempt import attempted, epoch, newest
from mangaops.model.evidence import JSON, Evidence, Row, Table
from mangaops.model.query import AuditTrailQuery
from mangaops.model.redaction import redacted_row
from mangaops.model.resources import TrailEvent, TrailEvents
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.time import Window, iso

_COLUMNS = ("at", "event", "user", "resource")


class Trail(Protocol):
    def prepare(self) -> None: ...
    def events(
        self, name: str, window: Window, *, wait: Callable[[float], object]
    ) -> TrailEvents: ...


class AuditTrailReader:
    """One look-up a name, at the pace that the gateway keeps: two a second."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    def prepare(self) -> None:
        self._trail.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        query = query_of(declaration, AuditTrailQuery)
        window = asked.window.last(query.window) if query.window else asked.window
        names = tuple(dict.fromkeys(query.events))
        call: dict[str, JSON] = {
            "call": "cloudtrail:LookupEvents",
            "events": list(names),
            "from": iso(window.start),
            "to": iso(window.end),
        }

        def wait(seconds: float) -> None:
            if asked.stop.wait(seconds):
                raise Stopped

        def read() -> Evidence:
            answers = {name: self._trail.events(name, window, wait=wait) for name in names}
            cut = [name for name, answer in answers.items() if answer.more]
            evidence = _evidence(declaration, call, answers.values())
            if not cut:
                return evidence
            return replace(
                evidence, detail=f"older events left out: {', '.join(cut)}", partial=True
            )

        return attempted(declaration, call, read)


def _evidence(
    declaration: EvidenceDeclaration, call: dict[str, JSON], answers: Iterable[TrailEvents]
) -> Evidence:
    events = [event for answer in answers for event in answer.events]
    events.sort(key=lambda event: epoch(event.at) or 0.0, reverse=True)
    counts: dict[str, JSON] = {
        name: sum(1 for event in events if event.event == name)
        for name in sorted({event.event for event in events})
    }
    return found(
        declaration,
        Table(columns=_COLUMNS, rows=tuple(_row(event) for event in events)),
        query=call,
        summary={"rows": len(events), "events": counts},
        newest=newest(event.at for event in events),
    )


def _row(event: TrailEvent) -> Row:
    return redacted_row(
        {
            "at": epoch(event.at),
            "event": event.event,
            "user": event.user,
            "resource": event.resource,
        }
    )
