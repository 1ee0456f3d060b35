"""`index_settings`: an index's own settings, asked of the collection's endpoint."""

from __future__ import annotations

from typing import Protocol

from mangaops.errors import AwsRejected
from mangaops.evidence.source import Asked, found, query_of
from mangaops.evidence.sources.attempt import attempted, known
from mangaops.model.evidence import JSON, Evidence, Record
from mangaops.model.query import IndexSettingsQuery
from mangaops.model.resources import Collection
from mangaops.model.runbook import EvidenceDeclaration


class Collections(Protocol):
    def prepare(self) -> None: ...
    def collection(self, name: str) -> Collection: ...


class Indexes(Protocol):
    def ef_search(self, endpoint: str, index: str) -> float | None: ...


class IndexSettingsReader:
    """`ef_search` is absent where the index does not set it."""

    def __init__(self, collections: Collections, indexes: Indexes) -> None:
        self._collections = collections
        self._indexes = indexes

    def prepare(self) -> None:
        self._collections.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # settings are as they are now
        query = query_of(declaration, IndexSettingsQuery)
        call: dict[str, JSON] = {
            "call": f"GET /{query.index}/_settings",
            "collection": query.collection,
            "index": query.index,
        }

        def read() -> Evidence:
            collection = self._collections.collection(query.collection)
            if not collection.endpoint:
                raise AwsRejected(
                    f"collection {query.collection} is {collection.status or 'not ready'} "
                    "and has no endpoint",
                    operation="aoss:BatchGetCollection",
                )
            fields = known(ef_search=self._indexes.ef_search(collection.endpoint, query.index))
            return found(
                declaration,
                Record(fields=fields),
                query={**call, "endpoint": collection.endpoint},
                summary=fields,
            )

        return attempted(declaration, call, read)
