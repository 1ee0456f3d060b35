from __future__ import annotations

import pytest

from mangaops.sandbox.services import opensearchserverless
from mangaops.sandbox.services.opensearchserverless import SearchState
from mangaops.sandbox.world import World
from support.overlay_calls import NOON, Caller, StandingClock

GROUP = "mangaassist-search"
NORMAL = {
    "minIndexingCapacityInOCU": 2.0,
    "maxIndexingCapacityInOCU": 16.0,
    "minSearchCapacityInOCU": 2.0,
    "maxSearchCapacityInOCU": 16.0,
}


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def world(clock: StandingClock) -> World:
    world = World(clock=clock)
    world.search_url = "http://127.0.0.1:9"
    opensearchserverless.seed(world)
    return world


@pytest.fixture
def call(world: World) -> Caller:
    return Caller(world, "opensearchserverless", opensearchserverless.OPERATIONS)


def group_id(call: Caller) -> str:
    return str(call("ListCollectionGroups")["collectionGroupSummaries"][0]["id"])


def test_the_collection_is_found_by_name_and_by_id(call: Caller) -> None:
    by_name = call("BatchGetCollection", names=["manga-products", "nothing"])
    (collection,) = by_name["collectionDetails"]
    assert collection["collectionEndpoint"] == "http://127.0.0.1:9"
    assert collection["collectionGroupName"] == GROUP
    assert collection["status"] == "ACTIVE"
    assert [each["errorCode"] for each in by_name["collectionErrorDetails"]] == ["NOT_FOUND"]
    by_id = call("BatchGetCollection", ids=[collection["id"]])
    assert by_id["collectionDetails"] == [collection]


def test_a_name_is_not_an_id(call: Caller) -> None:
    fault = call.fault("UpdateCollection", id="manga-products", description="more OCUs")
    assert fault.code == "ValidationException"


def test_the_group_has_its_limits_and_its_present_capacity(call: Caller) -> None:
    (group,) = call("BatchGetCollectionGroup", names=[GROUP])["collectionGroupDetails"]
    assert group["capacityLimits"] == NORMAL
    assert group["currentCapacity"]["search"] == {
        "capacityInOcu": 2.0,
        "autoscalingStatus": "NO_ACTION",
    }
    assert group["numberOfCollections"] == 1


def test_a_limit_that_is_left_out_goes_back_to_its_default(call: Caller) -> None:
    limits = {"minSearchCapacityInOCU": 8.0}
    answer = call("UpdateCollectionGroup", id=group_id(call), capacityLimits=limits)
    assert answer["updateCollectionGroupDetail"]["capacityLimits"] == {
        "minIndexingCapacityInOCU": 1.0,
        "maxIndexingCapacityInOCU": 96.0,
        "minSearchCapacityInOCU": 8.0,
        "maxSearchCapacityInOCU": 96.0,
    }


@pytest.mark.parametrize("value", [3.0, 6.0, 12.0, 20.0, 1712.0, 2.5])
def test_only_legal_values_are_taken(call: Caller, value: float) -> None:
    limits = {**NORMAL, "minSearchCapacityInOCU": value, "maxSearchCapacityInOCU": 1696.0}
    fault = call.fault("UpdateCollectionGroup", id=group_id(call), capacityLimits=limits)
    assert fault.code == "ValidationException"
    (group,) = call("BatchGetCollectionGroup", names=[GROUP])["collectionGroupDetails"]
    assert group["capacityLimits"] == NORMAL


def test_a_minimum_above_the_maximum_is_refused(call: Caller) -> None:
    limits = {**NORMAL, "minSearchCapacityInOCU": 32.0}
    fault = call.fault("UpdateCollectionGroup", id=group_id(call), capacityLimits=limits)
    assert fault.code == "ValidationException"


def test_a_raised_minimum_is_reached_after_a_while(call: Caller, clock: StandingClock) -> None:
    limits = {**NORMAL, "minSearchCapacityInOCU": 8.0}
    call("UpdateCollectionGroup", id=group_id(call), capacityLimits=limits)

    def search() -> tuple[float, str]:
        (group,) = call("BatchGetCollectionGroup", names=[GROUP])["collectionGroupDetails"]
        now = group["currentCapacity"]["search"]
        return now["capacityInOcu"], now["autoscalingStatus"]

    assert search() == (2.0, "ACTION_SCALING_UP")
    clock.move(5)
    assert search() == (8.0, "NO_ACTION")


def test_the_account_has_a_maximum_only(call: Caller) -> None:
    call("UpdateAccountSettings", capacityLimits={"maxSearchCapacityInOCU": 20})
    assert call("GetAccountSettings")["accountSettingsDetail"]["capacityLimits"] == {
        "maxIndexingCapacityInOCU": 10,
        "maxSearchCapacityInOCU": 20,
    }
    fault = call.fault("UpdateAccountSettings", capacityLimits={"maxSearchCapacityInOCU": 1})
    assert fault.code == "ValidationException"


def test_an_update_under_its_token_has_no_second_effect(call: Caller) -> None:
    low = {"minSearchCapacityInOCU": 2.0, "maxSearchCapacityInOCU": 16.0}
    high = {"minSearchCapacityInOCU": 8.0, "maxSearchCapacityInOCU": 16.0}
    name = group_id(call)
    first = call("UpdateCollectionGroup", id=name, capacityLimits=high, clientToken="t-1")
    call("UpdateCollectionGroup", id=name, capacityLimits=low, clientToken="t-2")
    again = call("UpdateCollectionGroup", id=name, capacityLimits=high, clientToken="t-1")
    (group,) = call("BatchGetCollectionGroup", ids=[name])["collectionGroupDetails"]
    assert again == first
    assert group["capacityLimits"]["minSearchCapacityInOCU"] == 2.0


def test_an_ungrouped_installation_can_be_made_with_the_api(
    call: Caller, clock: StandingClock, world: World
) -> None:
    (old,) = call("BatchGetCollection", names=["manga-products"])["collectionDetails"]
    call("DeleteCollection", id=old["id"])
    clock.move(3)
    assert call("ListCollections")["collectionSummaries"] == []
    assert world.state(SearchState).indexes == {}
    call("CreateCollection", name="manga-products", type="VECTORSEARCH")
    clock.move(3)
    (new,) = call("BatchGetCollection", names=["manga-products"])["collectionDetails"]
    assert "collectionGroupName" not in new
    assert new["status"] == "ACTIVE"


def test_a_new_collection_has_no_endpoint_yet(call: Caller) -> None:
    call("CreateCollection", name="other", type="SEARCH")
    (other,) = call("BatchGetCollection", names=["other"])["collectionDetails"]
    assert other["status"] == "CREATING"
    assert "collectionEndpoint" not in other


def test_a_group_takes_collections_of_one_type(call: Caller) -> None:
    params = {"name": "logs", "type": "TIMESERIES", "collectionGroupName": GROUP}
    assert call.fault("CreateCollection", **params).code == "ValidationException"


def test_a_group_that_is_in_use_is_not_deleted(call: Caller) -> None:
    assert call.fault("DeleteCollectionGroup", id=group_id(call)).code == "ConflictException"
    made = call("CreateCollectionGroup", name="spare", standbyReplicas="DISABLED")
    call("DeleteCollectionGroup", id=made["createCollectionGroupDetail"]["id"])
    names = [each["name"] for each in call("ListCollectionGroups")["collectionGroupSummaries"]]
    assert names == [GROUP]


def test_scenarios_set_the_capacity_in_use(call: Caller, world: World) -> None:
    world.state(SearchState).use_ocu(GROUP, search=16.0, now=NOON)
    (group,) = call("BatchGetCollectionGroup", names=[GROUP])["collectionGroupDetails"]
    assert group["currentCapacity"]["search"]["capacityInOcu"] == 16.0


def test_another_region_is_empty(world: World) -> None:
    operations = opensearchserverless.OPERATIONS
    elsewhere = Caller(world, "opensearchserverless", operations, region="eu-west-1")
    assert elsewhere("ListCollections") == {"collectionSummaries": []}
