"""What a recovery asks of ECS, search and the router, on a clock that is moved by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from mangaops.sandbox.conditions import _products, holds
from mangaops.sandbox.recovery_format import Condition
from mangaops.sandbox.services import ecs, opensearchserverless
from mangaops.sandbox.services.ecs import EcsState, TaskFailure, past_deployment
from mangaops.sandbox.services.opensearchserverless import SearchState
from mangaops.sandbox.services.opensearchserverless.state import EF_SEARCH
from mangaops.sandbox.world import World
from support.overlay_calls import NOON, Caller, StandingClock

PLACE = {"cluster": "mangaassist-prod", "service": "orchestrator"}


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def world(clock: StandingClock) -> World:
    world = World(clock=clock)
    ecs.seed(world)
    opensearchserverless.seed(world)
    return world


@pytest.fixture
def call(world: World) -> Caller:
    return Caller(world, "ecs", ecs.OPERATIONS)


def met(world: World, **condition: Any) -> bool:
    return holds(world, Condition.model_validate(condition), NOON)


def deploy(call: Caller, **variables: str) -> str:
    """A revision with these variables, and no others; returns `family:revision`."""
    container = {
        "name": "app",
        "image": "app:1",
        "environment": [{"name": name, "value": value} for name, value in variables.items()],
    }
    made = call(
        "RegisterTaskDefinition",
        family="mangaassist-orchestrator",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[container],
    )["taskDefinition"]
    name = f"{made['family']}:{made['revision']}"
    call("UpdateService", **PLACE, taskDefinition=name)
    return name


def test_nothing_holds_in_the_normal_world(world: World) -> None:
    conditions: list[dict[str, Any]] = [
        {"deployed": True},
        {"tasks": 8},
        {"environment": {"CHUNK_BATCH_SIZE": "1"}},
        {"environment": {"HEARTBEAT_INTERVAL_S": {"at_most": 30}}},
        {"group_minimum": 8},
        {"ef_search": "1024"},
        {"searches": 20},
    ]
    assert [each for each in conditions if met(world, **each)] == []


def test_a_deployment_of_the_past_is_none(world: World) -> None:
    state = world.state(EcsState)
    service = state.service("mangaassist-prod", "orchestrator")
    past_deployment(state, service, NOON - timedelta(minutes=40), took=timedelta(minutes=6))
    assert not met(world, deployed=True)


def test_a_restart_counts_when_it_has_completed_within_six_seconds(
    world: World, call: Caller, clock: StandingClock
) -> None:
    clock.move(1)
    call("UpdateService", **PLACE, forceNewDeployment=True)
    clock.move(1)
    assert not met(world, deployed=True)
    assert not met(world, tasks=8)
    clock.move(5)
    assert met(world, deployed=True)


def test_a_deployment_that_was_rolled_back_is_none(
    world: World, call: Caller, clock: StandingClock
) -> None:
    clock.move(1)
    world.state(EcsState).failing["mangaassist-orchestrator:2"] = TaskFailure(exit_code=1)
    deploy(call, CHUNK_BATCH_SIZE="1")
    clock.move(60)
    assert not met(world, deployed=True)
    assert not met(world, environment={"CHUNK_BATCH_SIZE": "1"})


def test_variables_count_when_their_deployment_has_completed(
    world: World, call: Caller, clock: StandingClock
) -> None:
    wanted = {"HEARTBEAT_INTERVAL_S": {"at_most": 30}}
    deploy(call, HEARTBEAT_INTERVAL_S="5")
    assert not met(world, environment=wanted)
    clock.move(6)
    assert met(world, environment=wanted)
    deploy(call, HEARTBEAT_INTERVAL_S="often")
    assert met(world, environment=wanted)
    clock.move(6)
    assert not met(world, environment=wanted)


def test_eight_tasks_are_there_a_few_seconds_after_they_were_wanted(
    world: World, call: Caller, clock: StandingClock
) -> None:
    call("UpdateService", **PLACE, desiredCount=8)
    assert not met(world, tasks=8)
    clock.move(4)
    assert met(world, tasks=8)


def test_a_minimum_counts_when_the_capacity_is_there(world: World, clock: StandingClock) -> None:
    search = Caller(world, "opensearchserverless", opensearchserverless.OPERATIONS)
    (group,) = search("ListCollectionGroups")["collectionGroupSummaries"]
    limits = {**group["capacityLimits"], "minSearchCapacityInOCU": 8.0}
    search("UpdateCollectionGroup", id=group["id"], capacityLimits=limits)
    assert not met(world, group_minimum=8)
    clock.move(3.5)
    assert met(world, group_minimum=8)
    assert not met(world, group_minimum=16)


def test_all_that_a_condition_names_must_hold(world: World) -> None:
    state = world.state(SearchState)
    state.indexes["manga-products"].settings[EF_SEARCH] = "512"
    assert met(world, ef_search="512")
    assert not met(world, ef_search="512", searches=1)
    first = state.next_latency_ms(warms=True)
    assert met(world, ef_search="512", searches=1)
    assert state.next_latency_ms(warms=True) < first


def test_a_condition_without_anything_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one thing"):
        Condition.model_validate({})


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ('{"recommendations": [{"product_id": "a"}, {"title": "b"}, 3]}', ["a"]),
        ('{"recommendations": 3}', []),
        ("[", []),
        ("[1]", []),
        (None, []),
    ],
)
def test_whatever_is_in_the_cache_is_read(text: str | None, listed: list[str]) -> None:
    assert list(_products(text)) == listed


def test_a_cache_that_is_not_there_is_not_fresh(world: World) -> None:
    world.cache_url = "redis://127.0.0.1:1/0"
    assert not met(world, cache="fresh")
