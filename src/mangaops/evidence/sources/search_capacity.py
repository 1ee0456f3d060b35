"""`search_capacity`: what limits a search collection, its group or the whole account.

Three calls, each of which may be denied on its own: what one of them would have told is
then absent, and `detail` says so. Only when nothing at all was told is the evidence lost.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from mangaops.errors import AwsCredentials, AwsError, AwsNotFound
from mangaops.evidence.source import Asked, found, query_of
from mangaops.evidence.sources.attempt import attempted, known, told
from mangaops.model.evidence import JSON, Evidence, Record, Scalar
from mangaops.model.query import SearchCapacityQuery
from mangaops.model.resources import Collection, CollectionGroup
from mangaops.model.runbook import EvidenceDeclaration


class SearchCapacity(Protocol):
    def prepare(self) -> None: ...
    def collection(self, name: str) -> Collection: ...
    def group(self, name: str) -> CollectionGroup: ...
    def account_max_search(self) -> float | None: ...


class SearchCapacityReader:
    """The group read is the collection's own; the declared one only where that is unknown."""

    def __init__(self, search: SearchCapacity) -> None:
        self._search = search

    def prepare(self) -> None:
        self._search.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # capacity is as it is now
        query = query_of(declaration, SearchCapacityQuery)
        call: dict[str, JSON] = {
            "call": "aoss:BatchGetCollection, BatchGetCollectionGroup, GetAccountSettings",
            "collection": query.collection,
            "group": query.group,
        }

        def read() -> Evidence:
            parts = _Parts(self._search)
            fields = parts.fields(query)
            if parts.errors and not fields:
                raise parts.errors[0]
            record = found(declaration, Record(fields=fields), query=call, summary=fields)
            return replace(record, detail="; ".join(parts.notes))

        return attempted(declaration, call, read)


class _Parts:
    """The three parts as far as they could be read, with what was amiss."""

    def __init__(self, search: SearchCapacity) -> None:
        self._search = search
        self.errors: list[AwsError] = []
        self.notes: list[str] = []

    def fields(self, query: SearchCapacityQuery) -> dict[str, Scalar]:
        """Raises AwsNotFound when there is no such collection."""
        collection = self._collection(query.collection)
        fields: dict[str, Scalar] = {}
        if collection:
            fields["grouped"] = collection.group is not None
        name = collection.group if collection else query.group
        if collection and name and name != query.group:
            self.notes.append(f"the collection belongs to group {name}, not to {query.group}")
        if name:
            fields.update(self._group(name))
        return {**fields, **self._account()}

    def _collection(self, name: str) -> Collection | None:
        try:
            return self._search.collection(name)
        except (AwsNotFound, AwsCredentials):
            raise
        except AwsError as error:
            self._lost("the collection", error)
            return None

    def _group(self, name: str) -> dict[str, Scalar]:
        try:
            group = self._search.group(name)
        except AwsCredentials:
            raise
        except AwsError as error:
            self._lost(f"group {name}", error)
            return {}
        return known(
            group=group.name,
            min_search=group.min_search,
            max_search=group.max_search,
            min_indexing=group.min_indexing,
            max_indexing=group.max_indexing,
            current_search=group.current_search,
            generation=group.generation,
        )

    def _account(self) -> dict[str, Scalar]:
        try:
            return known(account_max_search=self._search.account_max_search())
        except AwsCredentials:
            raise
        except AwsError as error:
            self._lost("the account's limit", error)
            return {}

    def _lost(self, part: str, error: AwsError) -> None:
        self.errors.append(error)
        self.notes.append(f"{part} was not read: {told(error)}")
