from __future__ import annotations

from datetime import timedelta

import pytest

from mangaops.sandbox.services import health
from mangaops.sandbox.services.health import HealthState
from mangaops.sandbox.world import World
from support.overlay_calls import NOON, Caller, StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def world(clock: StandingClock) -> World:
    return World(clock=clock)


@pytest.fixture
def call(world: World) -> Caller:
    return Caller(world, "health", health.OPERATIONS, region="us-east-1")


def test_normally_there_is_a_plan_and_no_event(call: Caller) -> None:
    assert call("DescribeEvents") == {"events": []}


def test_an_open_issue_is_found_by_service_region_and_status(call: Caller, world: World) -> None:
    state = world.state(HealthState)
    event = state.open_issue("BEDROCK", started_at=NOON, description="Increased latencies.")
    asked = {
        "services": ["BEDROCK"],
        "regions": ["ap-northeast-1", "global"],
        "eventStatusCodes": ["open", "upcoming"],
    }
    (found,) = call("DescribeEvents", filter=asked)["events"]
    assert (found["arn"], found["statusCode"]) == (event.arn, "open")
    assert call("DescribeEvents", filter={**asked, "services": ["ECS"]})["events"] == []
    assert call("DescribeEvents", filter={**asked, "regions": ["eu-west-1"]})["events"] == []
    details = call("DescribeEventDetails", eventArns=[event.arn])
    (success,) = details["successfulSet"]
    assert success["eventDescription"] == {"latestDescription": "Increased latencies."}


def test_status_follows_the_clock(call: Caller, world: World, clock: StandingClock) -> None:
    world.state(HealthState).open_issue(
        "BEDROCK",
        started_at=NOON + timedelta(minutes=5),
        ended_at=NOON + timedelta(minutes=10),
        description="",
    )
    seen = []
    for _ in range(3):
        seen.append(call("DescribeEvents")["events"][0]["statusCode"])
        clock.move(5 * 60)
    assert seen == ["upcoming", "open", "closed"]


def test_without_a_plan_every_call_is_refused(call: Caller, world: World) -> None:
    world.state(HealthState).subscribed = False
    assert call.fault("DescribeEvents").code == "SubscriptionRequiredException"
    arns = ["arn:aws:health:ap-northeast-1::event/A/B/C"]
    refused = call.fault("DescribeEventDetails", eventArns=arns)
    assert refused.code == "SubscriptionRequiredException"


def test_an_unknown_event_is_in_the_failed_set(call: Caller) -> None:
    arn = "arn:aws:health:ap-northeast-1::event/A/B/C"
    answer = call("DescribeEventDetails", eventArns=[arn])
    assert [each["eventArn"] for each in answer["failedSet"]] == [arn]


def test_events_come_in_pages(call: Caller, world: World) -> None:
    for number in range(12):
        at = NOON - timedelta(minutes=number)
        world.state(HealthState).open_issue("BEDROCK", started_at=at, description="")
    first = call("DescribeEvents")
    rest = call("DescribeEvents", nextToken=first["nextToken"])
    assert (len(first["events"]), len(rest["events"])) == (10, 2)
    assert call.fault("DescribeEvents", nextToken="!!!!").code == "InvalidPaginationToken"
