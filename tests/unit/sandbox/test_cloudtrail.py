from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from mangaops.sandbox.overlay import Call, Fault
from mangaops.sandbox.services import cloudtrail
from mangaops.sandbox.services.cloudtrail import CloudTrailState, record
from mangaops.sandbox.world import World
from support.overlay_calls import NOON, Caller, StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def world(clock: StandingClock) -> World:
    return World(clock=clock)


@pytest.fixture
def lookup(world: World) -> Caller:
    return Caller(world, "cloudtrail", cloudtrail.OPERATIONS)


def made(world: World, service: str, operation: str, /, **params: Any) -> Call:
    return Call(
        service=service,
        operation=operation,
        params=params,
        region=world.region,
        account=world.account,
        caller=world.caller,
    )


def by(key: str, value: str) -> list[dict[str, str]]:
    return [{"AttributeKey": key, "AttributeValue": value}]


def test_a_call_is_found_by_its_name(world: World, lookup: Caller) -> None:
    update = made(world, "ecs", "UpdateService", cluster="c", service="orchestrator")
    record(world, update)
    record(world, made(world, "ecs", "DescribeServices", cluster="c", services=["orchestrator"]))
    (event,) = lookup("LookupEvents", LookupAttributes=by("EventName", "UpdateService"))["Events"]
    assert event["EventSource"] == "ecs.amazonaws.com"
    assert event["Username"] == "on-call"
    assert event["ReadOnly"] == "false"
    resources = [(each["ResourceType"], each["ResourceName"]) for each in event["Resources"]]
    assert ("AWS::ECS::Service", "orchestrator") in resources
    document = json.loads(event["CloudTrailEvent"])
    assert document["requestParameters"] == {"cluster": "c", "service": "orchestrator"}


def test_data_events_never_appear(world: World, lookup: Caller) -> None:
    for service, operation in [
        ("dynamodb", "UpdateItem"),
        ("dynamodb", "TransactWriteItems"),
        ("s3", "PutObject"),
        ("cloudwatch", "PutMetricData"),
        ("logs", "PutLogEvents"),
        ("lambda", "Invoke"),
    ]:
        record(world, made(world, service, operation))
    assert lookup("LookupEvents") == {"Events": []}


def test_names_and_sources_are_cloudtrails_own(world: World, lookup: Caller) -> None:
    record(world, made(world, "lambda", "CreateEventSourceMapping"))
    record(world, made(world, "application-autoscaling", "RegisterScalableTarget"))
    record(world, made(world, "opensearchserverless", "UpdateCollectionGroup"))
    events = lookup("LookupEvents")["Events"]
    assert {(each["EventSource"], each["EventName"]) for each in events} == {
        ("lambda.amazonaws.com", "CreateEventSourceMapping20150331"),
        ("autoscaling.amazonaws.com", "RegisterScalableTarget"),
        ("aoss.amazonaws.com", "UpdateCollectionGroup"),
    }


def test_values_are_hidden_and_errors_are_told(world: World, lookup: Caller) -> None:
    call = made(world, "ssm", "PutParameter", Name="/a/b", Value="secret", Overwrite=True)
    record(world, call, Fault("ParameterAlreadyExists", "no"))
    (event,) = lookup("LookupEvents")["Events"]
    assert "secret" not in event["CloudTrailEvent"]
    assert json.loads(event["CloudTrailEvent"])["errorCode"] == "ParameterAlreadyExists"


def test_two_requests_a_second_are_answered(lookup: Caller, clock: StandingClock) -> None:
    lookup("LookupEvents")
    clock.move(0.2)
    lookup("LookupEvents")
    assert lookup.fault("LookupEvents").code == "ThrottlingException"
    clock.move(0.8)
    lookup("LookupEvents")
    assert lookup.fault("LookupEvents").code == "ThrottlingException"


def test_fifty_a_page_newest_first(world: World, lookup: Caller, clock: StandingClock) -> None:
    trail = world.state(CloudTrailState)
    for number in range(60):
        at = NOON - timedelta(minutes=number)
        trail.note("PutParameter", source="ssm.amazonaws.com", at=at)
    first = lookup("LookupEvents")
    assert len(first["Events"]) == 50
    times = [event["EventTime"] for event in first["Events"]]
    assert times == sorted(times, reverse=True)
    clock.move(1)
    rest = lookup("LookupEvents", NextToken=first["NextToken"])
    assert len(rest["Events"]) == 10
    assert "NextToken" not in rest


def test_times_limit_what_is_found(world: World, lookup: Caller) -> None:
    trail = world.state(CloudTrailState)
    for minutes in (5, 60):
        at = NOON - timedelta(minutes=minutes)
        trail.note("UpdateService", source="ecs.amazonaws.com", at=at)
    found = lookup("LookupEvents", StartTime=NOON - timedelta(minutes=30), EndTime=NOON)
    assert [event["EventTime"] for event in found["Events"]] == [NOON - timedelta(minutes=5)]


def test_events_appear_late_where_the_scenario_says_so(
    world: World, lookup: Caller, clock: StandingClock
) -> None:
    world.state(CloudTrailState).delay = timedelta(minutes=5)
    record(world, made(world, "ecs", "UpdateService"))
    assert lookup("LookupEvents")["Events"] == []
    clock.move(300)
    assert len(lookup("LookupEvents")["Events"]) == 1


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (
            {"LookupAttributes": by("EventName", "A") + by("Username", "b")},
            "InvalidLookupAttributesException",
        ),
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        (
            {"StartTime": NOON, "EndTime": NOON - timedelta(hours=1)},
            "InvalidTimeRangeException",
        ),
        ({"NextToken": "bogus"}, "InvalidNextTokenException"),
    ],
)
def test_bad_lookups_are_refused(lookup: Caller, params: dict[str, Any], code: str) -> None:
    assert lookup.fault("LookupEvents", **params).code == code
