from __future__ import annotations

import json
from typing import Any

import pytest

from mangaops.aws.opensearch import SearchGateway
from mangaops.aws.opensearch_data import ef_search_of
from mangaops.errors import AwsNotFound, AwsRejected
from mangaops.model.resources import Collection, CollectionGroup
from support.stubbed import StubbedAws


@pytest.fixture
def aws() -> StubbedAws:
    return StubbedAws("opensearchserverless")


def test_a_collection_has_its_endpoint_and_group(aws: StubbedAws) -> None:
    details = {
        "id": "abc",
        "name": "manga-products",
        "status": "ACTIVE",
        "collectionEndpoint": "https://abc.aoss",
        "collectionGroupName": "mangaassist-search",
    }
    aws.answers(
        "batch_get_collection", {"names": ["manga-products"]}, {"collectionDetails": [details]}
    )
    assert SearchGateway(aws).collection("manga-products") == Collection(
        id="abc",
        name="manga-products",
        status="ACTIVE",
        endpoint="https://abc.aoss",
        group="mangaassist-search",
    )


def test_an_unknown_collection_is_not_found(aws: StubbedAws) -> None:
    error = {"name": "other", "errorCode": "NOT_FOUND", "errorMessage": "no such collection"}
    answer = {"collectionDetails": [], "collectionErrorDetails": [error]}
    aws.answers("batch_get_collection", {"names": ["other"]}, answer)
    with pytest.raises(AwsNotFound, match="no such collection"):
        SearchGateway(aws).collection("other")


def test_a_group_has_its_limits_and_present_capacity(aws: StubbedAws) -> None:
    details = {
        "name": "mangaassist-search",
        "capacityLimits": {
            "minSearchCapacityInOCU": 2.0,
            "maxSearchCapacityInOCU": 16.0,
            "minIndexingCapacityInOCU": 0.0,
        },
        "currentCapacity": {"search": {"capacityInOcu": 4.0}},
        "generation": "NEXTGEN",
    }
    aws.answers(
        "batch_get_collection_group",
        {"names": ["mangaassist-search"]},
        {"collectionGroupDetails": [details]},
    )
    assert SearchGateway(aws).group("mangaassist-search") == CollectionGroup(
        name="mangaassist-search",
        min_search=2.0,
        max_search=16.0,
        min_indexing=0.0,
        max_indexing=None,
        current_search=4.0,
        generation="NEXTGEN",
    )


def test_an_unknown_group_is_not_found(aws: StubbedAws) -> None:
    aws.answers("batch_get_collection_group", {"names": ["other"]}, {"collectionGroupDetails": []})
    with pytest.raises(AwsNotFound, match="no collection_group named other"):
        SearchGateway(aws).group("other")


def test_the_account_has_a_maximum(aws: StubbedAws) -> None:
    limits = {"maxIndexingCapacityInOCU": 10, "maxSearchCapacityInOCU": 12}
    aws.answers("get_account_settings", {}, {"accountSettingsDetail": {"capacityLimits": limits}})
    assert SearchGateway(aws).account_max_search() == 12


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        ({"index": {"knn.algo_param.ef_search": "256"}}, 256),
        ({"index": {"knn": {"algo_param": {"ef_search": 128}}}}, 128),
        ({"index.knn.algo_param.ef_search": "64"}, 64),
        ({"index": {"knn": "true"}}, None),
        ({"index": {"knn.algo_param.ef_search": "lots"}}, None),
    ],
)
def test_ef_search_is_found_nested_or_flat(settings: dict[str, Any], value: int | None) -> None:
    assert ef_search_of(json.dumps({"manga-products": {"settings": settings}})) == value


def test_an_answer_that_is_no_json_is_refused() -> None:
    with pytest.raises(AwsRejected, match="JSON"):
        ef_search_of("<html>")


def test_collections_are_listed_page_by_page(aws: StubbedAws) -> None:
    last = {"id": "bbb", "name": "a-second", "status": "ACTIVE", "collectionGroupName": "ggg"}
    aws.answers(
        "list_collections",
        {},
        {"collectionSummaries": [{"id": "aaa", "name": "b-first"}], "nextToken": "more"},
    )
    aws.answers("list_collections", {"nextToken": "more"}, {"collectionSummaries": [last]})
    assert SearchGateway(aws).collections() == (
        Collection(id="bbb", name="a-second", status="ACTIVE", endpoint=None, group="ggg"),
        Collection(id="aaa", name="b-first", status="", endpoint=None, group=None),
    )


def test_a_group_of_a_stack_names_it(aws: StubbedAws) -> None:
    tags = [{"key": "team", "value": "x"}, {"key": "aws:cloudformation:stack-name", "value": "s"}]
    aws.answers(
        "batch_get_collection_group",
        {"names": ["ggg"]},
        {"collectionGroupDetails": [{"id": "gg1", "name": "ggg", "tags": tags}]},
    )
    group = SearchGateway(aws).group("ggg")
    assert (group.id, group.stack) == ("gg1", "s")
