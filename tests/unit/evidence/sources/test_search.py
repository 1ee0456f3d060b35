"""`search_capacity` and `index_settings`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from mangaops.errors import AwsDenied, AwsError, AwsNotFound, AwsUnreachable
from mangaops.evidence.sources.index_settings import IndexSettingsReader
from mangaops.evidence.sources.search_capacity import SearchCapacityReader
from mangaops.model.evidence import Evidence, EvidenceState, Record
from mangaops.model.query import IndexSettingsQuery, SearchCapacityQuery
from mangaops.model.resources import Collection, CollectionGroup
from support.asking import asked, declare

COLLECTION = Collection(
    id="abc", name="manga", status="ACTIVE", endpoint="https://abc.aoss", group="search"
)
GROUP = CollectionGroup(
    name="search",
    min_search=2.0,
    max_search=16.0,
    min_indexing=2.0,
    max_indexing=16.0,
    current_search=4.0,
    generation="NEXTGEN",
)
GROUP_FIELDS = {
    "group": "search",
    "min_search": 2.0,
    "max_search": 16.0,
    "min_indexing": 2.0,
    "max_indexing": 16.0,
    "current_search": 4.0,
    "generation": "NEXTGEN",
}
DENIED = AwsDenied("not you", operation="aoss:X")


@dataclass
class FakeSearch:
    found: Collection | AwsError = COLLECTION
    grouped: CollectionGroup | AwsError = GROUP
    account: float | AwsError | None = 10.0
    asked_group: str = ""

    def prepare(self) -> None: ...

    def collection(self, name: str) -> Collection:
        assert name == "manga"
        if isinstance(self.found, AwsError):
            raise self.found
        return self.found

    def group(self, name: str) -> CollectionGroup:
        self.asked_group = name
        if isinstance(self.grouped, AwsError):
            raise self.grouped
        return self.grouped

    def account_max_search(self) -> float | None:
        if isinstance(self.account, AwsError):
            raise self.account
        return self.account


def _capacity(search: FakeSearch, group: str = "search") -> Evidence:
    query = SearchCapacityQuery(collection="manga", group=group)
    return SearchCapacityReader(search).read(declare(query), asked())


def test_a_grouped_collection_has_the_limits_of_its_group_and_of_the_account() -> None:
    fields = {"grouped": True, **GROUP_FIELDS, "account_max_search": 10.0}
    assert _capacity(FakeSearch()) == Evidence(
        id="it",
        kind="search_capacity",
        state=EvidenceState.OK,
        value=Record(fields=fields),
        summary=fields,
        query={
            "call": "aoss:BatchGetCollection, BatchGetCollectionGroup, GetAccountSettings",
            "collection": "manga",
            "group": "search",
        },
    )


def test_an_ungrouped_collection_has_only_the_account_s_limit() -> None:
    search = FakeSearch(found=replace(COLLECTION, group=None))
    evidence = _capacity(search)
    assert evidence.value == Record(fields={"grouped": False, "account_max_search": 10.0})
    assert search.asked_group == ""


def test_the_collection_s_own_group_is_read_and_the_difference_told() -> None:
    search = FakeSearch()
    assert _capacity(search, group="other").detail == (
        "the collection belongs to group search, not to other"
    )
    assert search.asked_group == "search"


@pytest.mark.parametrize(
    ("search", "fields", "detail"),
    [
        (
            FakeSearch(account=DENIED),
            {"grouped": True, **GROUP_FIELDS},
            "the account's limit was not read: aoss:X: not you",
        ),
        (
            FakeSearch(grouped=DENIED),
            {"grouped": True, "account_max_search": 10.0},
            "group search was not read: aoss:X: not you",
        ),
        (
            FakeSearch(found=DENIED),
            {**GROUP_FIELDS, "account_max_search": 10.0},
            "the collection was not read: aoss:X: not you",
        ),
    ],
)
def test_a_part_that_is_denied_is_absent_and_named(
    search: FakeSearch, fields: dict[str, object], detail: str
) -> None:
    evidence = _capacity(search)
    assert (evidence.state, evidence.value, evidence.detail) == (
        EvidenceState.OK,
        Record(fields=fields),
        detail,
    )


def test_where_everything_is_denied_the_evidence_is_denied() -> None:
    evidence = _capacity(FakeSearch(found=DENIED, grouped=DENIED, account=DENIED))
    assert (evidence.state, evidence.value) == (EvidenceState.DENIED, None)


def test_an_unknown_collection_is_no_data() -> None:
    evidence = _capacity(FakeSearch(found=AwsNotFound("no collection named manga")))
    assert (evidence.state, evidence.detail) == (
        EvidenceState.NO_DATA,
        "no collection named manga",
    )


def _unreachable(code: str) -> AwsError:
    return AwsUnreachable("no answer", operation="aoss:APIAccessAll", code=code)


@dataclass
class FakeIndexes:
    answer: float | AwsError | None

    def ef_search(self, endpoint: str, index: str) -> float | None:
        assert (endpoint, index) == ("https://abc.aoss", "products")
        if isinstance(self.answer, AwsError):
            raise self.answer
        return self.answer


def _settings(answer: float | AwsError | None, search: FakeSearch | None = None) -> Evidence:
    query = IndexSettingsQuery(collection="manga", index="products")
    reader = IndexSettingsReader(search or FakeSearch(), FakeIndexes(answer))
    return reader.read(declare(query), asked())


@pytest.mark.parametrize(("value", "fields"), [(256, {"ef_search": 256}), (None, {})])
def test_an_index_that_sets_no_ef_search_has_no_such_field(
    value: float | None, fields: dict[str, object]
) -> None:
    assert _settings(value) == Evidence(
        id="it",
        kind="index_settings",
        state=EvidenceState.OK,
        value=Record(fields=fields),
        summary=fields,
        query={
            "call": "GET /products/_settings",
            "collection": "manga",
            "index": "products",
            "endpoint": "https://abc.aoss",
        },
    )


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (AwsDenied("no"), EvidenceState.DENIED),
        (AwsNotFound("no index"), EvidenceState.NO_DATA),
        (_unreachable("ReadTimeoutError"), EvidenceState.TIMEOUT),
        (_unreachable("EndpointConnectionError"), EvidenceState.FAILED),
    ],
)
def test_a_refusal_of_the_endpoint_is_a_state(error: AwsError, state: EvidenceState) -> None:
    assert _settings(error).state is state


def test_a_collection_that_is_being_created_has_no_settings_yet() -> None:
    search = FakeSearch(found=replace(COLLECTION, status="CREATING", endpoint=None))
    evidence = _settings(256, search)
    assert (evidence.state, evidence.detail) == (
        EvidenceState.FAILED,
        "aoss:BatchGetCollection: collection manga is CREATING and has no endpoint",
    )
