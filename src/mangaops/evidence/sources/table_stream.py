"""`table_stream`: whether a table publishes its changes. Switched off is a fact, not a gap."""

from __future__ import annotations

from typing import Protocol

from mangaops.evidence.source import Asked, found, query_of
from mangaops.evidence.sources.attempt import attempted, known
from mangaops.model.evidence import JSON, Evidence, Record
from mangaops.model.query import TableStreamQuery
from mangaops.model.resources import TableStream
from mangaops.model.runbook import EvidenceDeclaration


class Streams(Protocol):
    def prepare(self) -> None: ...
    def stream(self, table: str) -> TableStream: ...


class TableStreamReader:
    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def prepare(self) -> None:
        self._streams.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # the table is as it is now
        query = query_of(declaration, TableStreamQuery)
        call: dict[str, JSON] = {"call": "dynamodb:DescribeTable", "table": query.table}

        def read() -> Evidence:
            stream = self._streams.stream(query.table)
            fields = known(enabled=stream.enabled, arn=stream.arn, view_type=stream.view_type)
            return found(declaration, Record(fields=fields), query=call, summary=fields)

        return attempted(declaration, call, read)
