"""`event_source`: what feeds a function. No mapping at all is a fact: zero rows."""

from __future__ import annotations

from typing import Protocol

from mangaops.evidence.source import Asked, found, query_of
from mangaops.evidence.sources.attempt import attempted
from mangaops.model.evidence import JSON, Evidence, Row, Table
from mangaops.model.query import EventSourceQuery
from mangaops.model.redaction import redacted_row
from mangaops.model.resources import EventSource
from mangaops.model.runbook import EvidenceDeclaration

_COLUMNS = ("uuid", "state", "source_arn", "table", "last_result", "reason")


class EventSources(Protocol):
    def prepare(self) -> None: ...
    def event_sources(self, function: str) -> tuple[EventSource, ...]: ...


class EventSourceReader:
    def __init__(self, sources: EventSources) -> None:
        self._sources = sources

    def prepare(self) -> None:
        self._sources.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # mappings are as they are now
        query = query_of(declaration, EventSourceQuery)
        call: dict[str, JSON] = {
            "call": "lambda:ListEventSourceMappings",
            "function": query.function,
        }

        def read() -> Evidence:
            sources = self._sources.event_sources(query.function)
            return found(
                declaration,
                Table(columns=_COLUMNS, rows=tuple(_row(source) for source in sources)),
                query=call,
                summary={"rows": len(sources), "states": sorted({s.state for s in sources})},
            )

        return attempted(declaration, call, read)


def _row(source: EventSource) -> Row:
    return redacted_row(
        {
            "uuid": source.uuid,
            "state": source.state,
            "source_arn": source.source_arn,
            "table": source.table,
            "last_result": source.last_result,
            "reason": source.reason,
        }
    )
