"""`health_events`: what AWS itself says is open or coming. No event is a fact; an account
whose support plan has no Health API knows nothing, which is not the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from mangaops.errors import AwsError
from mangaops.evidence.source import Asked, found, missing, query_of
from mangaops.evidence.sources.attempt import attempted, epoch, newest
from mangaops.model.evidence import JSON, Evidence, EvidenceState, Row, Table
from mangaops.model.query import HealthEventsQuery
from mangaops.model.redaction import redacted_row
from mangaops.model.resources import HealthEvent
from mangaops.model.runbook import EvidenceDeclaration

NO_SUPPORT_PLAN = "SubscriptionRequiredException"
UNKNOWN = (
    "the AWS Health API needs Business support or higher: unknown, not healthy; "
    "look at health.aws.amazon.com"
)
_COLUMNS = ("arn", "service", "type", "status", "region", "started_at", "description")


class Health(Protocol):
    def prepare(self) -> None: ...
    def events(self, services: Sequence[str], region: str) -> tuple[HealthEvent, ...]: ...


class HealthEventsReader:
    """`region` is the environment's; events without a region (`global`) are asked for too."""

    def __init__(self, health: Health, *, region: str) -> None:
        self._health = health
        self._region = region

    def prepare(self) -> None:
        self._health.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # what is open now is open, whenever it began
        query = query_of(declaration, HealthEventsQuery)
        call: dict[str, JSON] = {
            "call": "health:DescribeEvents, health:DescribeEventDetails",
            "services": list(query.services),
            "regions": [self._region, "global"],
            "statuses": ["open", "upcoming"],
        }

        def read() -> Evidence:
            try:
                events = self._health.events(query.services, self._region)
            except AwsError as error:
                if error.code != NO_SUPPORT_PLAN:
                    raise
                return missing(declaration, EvidenceState.DENIED, UNKNOWN, query=call)
            return _evidence(declaration, call, events)

        return attempted(declaration, call, read)


def _evidence(
    declaration: EvidenceDeclaration, call: dict[str, JSON], events: tuple[HealthEvent, ...]
) -> Evidence:
    evidence = found(
        declaration,
        Table(columns=_COLUMNS, rows=tuple(_row(event) for event in events)),
        query=call,
        summary={
            "rows": len(events),
            "open": sum(1 for event in events if event.status == "open"),
            "types": sorted({event.type for event in events}),
        },
        newest=newest(event.started_at for event in events),
    )
    untold = sum(1 for event in events if event.description is None)
    return replace(evidence, detail=f"no description of {untold} events") if untold else evidence


def _row(event: HealthEvent) -> Row:
    return redacted_row(
        {
            "arn": event.arn,
            "service": event.service,
            "type": event.type,
            "status": event.status,
            "region": event.region,
            "started_at": epoch(event.started_at),
            "description": event.description,
        }
    )
