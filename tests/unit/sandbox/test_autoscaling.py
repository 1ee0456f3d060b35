from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mangaops.sandbox.services import autoscaling, ecs
from mangaops.sandbox.services.autoscaling import AutoScalingState
from mangaops.sandbox.world import World
from support.overlay_calls import Caller, StandingClock

TARGET = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/mangaassist-prod/orchestrator",
    "ScalableDimension": "ecs:service:DesiredCount",
}


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def world(clock: StandingClock) -> World:
    world = World(clock=clock)
    ecs.seed(world)
    autoscaling.seed(world)
    return world


@pytest.fixture
def call(world: World) -> Caller:
    return Caller(world, "application-autoscaling", autoscaling.OPERATIONS)


@pytest.fixture
def to_ecs(world: World) -> Caller:
    return Caller(world, "ecs", ecs.OPERATIONS)


def counts(to_ecs: Caller) -> tuple[int, int]:
    answer = to_ecs("DescribeServices", cluster="mangaassist-prod", services=["orchestrator"])
    service = answer["services"][0]
    return service["desiredCount"], service["runningCount"]


def limits(call: Caller) -> list[tuple[int, int]]:
    answer = call("DescribeScalableTargets", ServiceNamespace="ecs")
    return [(each["MinCapacity"], each["MaxCapacity"]) for each in answer["ScalableTargets"]]


def test_the_normal_target_has_four_to_sixteen_tasks(call: Caller) -> None:
    assert limits(call) == [(4, 16)]
    assert call("DescribeScalingActivities", ServiceNamespace="ecs")["ScalingActivities"] == []


def test_raising_the_minimum_scales_at_once_and_keeps_the_maximum(
    call: Caller, to_ecs: Caller, clock: StandingClock
) -> None:
    call("RegisterScalableTarget", **TARGET, MinCapacity=8)
    assert limits(call) == [(8, 16)]
    assert counts(to_ecs) == (8, 4)
    activities = call("DescribeScalingActivities", ServiceNamespace="ecs")["ScalingActivities"]
    found = [(each["StatusCode"], each["Cause"]) for each in activities]
    assert found == [("InProgress", "minimum capacity was set to 8")]
    clock.move(5)
    assert counts(to_ecs) == (8, 8)
    later = call("DescribeScalingActivities", ServiceNamespace="ecs")["ScalingActivities"]
    assert later[0]["StatusCode"] == "Successful"
    assert later[0]["EndTime"] < clock.now


def test_lowering_the_maximum_scales_in_at_once(
    call: Caller, to_ecs: Caller, clock: StandingClock
) -> None:
    call("RegisterScalableTarget", **TARGET, MinCapacity=1, MaxCapacity=2)
    clock.move(5)
    assert counts(to_ecs) == (2, 2)


def test_suspension_is_kept_when_it_is_left_out(call: Caller) -> None:
    call("RegisterScalableTarget", **TARGET, SuspendedState={"DynamicScalingInSuspended": True})
    call("RegisterScalableTarget", **TARGET, MinCapacity=5)
    target = call("DescribeScalableTargets", ServiceNamespace="ecs")["ScalableTargets"][0]
    assert target["SuspendedState"] == {
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False,
    }


def test_a_bare_desired_count_is_taken_back_where_the_scenario_says_so(
    call: Caller, to_ecs: Caller, clock: StandingClock, world: World
) -> None:
    world.state(AutoScalingState).scale_in_after = timedelta(minutes=1)
    to_ecs("UpdateService", cluster="mangaassist-prod", service="orchestrator", desiredCount=8)
    assert limits(call) == [(4, 16)]
    clock.move(61)
    assert limits(call) == [(4, 16)]
    clock.move(5)
    assert counts(to_ecs) == (4, 4)


def test_it_is_taken_back_also_when_only_ecs_is_looked_at(
    to_ecs: Caller, clock: StandingClock, world: World
) -> None:
    world.state(AutoScalingState).scale_in_after = timedelta(seconds=30)
    to_ecs("UpdateService", cluster="mangaassist-prod", service="orchestrator", desiredCount=8)
    clock.move(4)
    assert counts(to_ecs) == (8, 8)
    clock.move(35)
    assert counts(to_ecs)[0] == 4


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"MinCapacity": 20}, "ValidationException"),
        ({"MinCapacity": -1}, "ValidationException"),
        ({"ResourceId": "service/mangaassist-prod/nothing"}, "ValidationException"),
        ({"ResourceId": "orchestrator"}, "ValidationException"),
    ],
)
def test_what_aws_would_refuse_is_refused(call: Caller, params: dict[str, Any], code: str) -> None:
    assert call.fault("RegisterScalableTarget", **{**TARGET, **params}).code == code


def test_a_target_can_be_removed_and_made_again_only_with_both_limits(call: Caller) -> None:
    call("DeregisterScalableTarget", **TARGET)
    assert limits(call) == []
    assert call.fault("DeregisterScalableTarget", **TARGET).code == "ObjectNotFoundException"
    assert call.fault("RegisterScalableTarget", **TARGET, MinCapacity=4).code == (
        "ValidationException"
    )
    call("RegisterScalableTarget", **TARGET, MinCapacity=4, MaxCapacity=16)
    assert limits(call) == [(4, 16)]


def test_policies_and_schedules_are_given_back(call: Caller) -> None:
    policies = call("DescribeScalingPolicies", ServiceNamespace="ecs")["ScalingPolicies"]
    assert [each["PolicyName"] for each in policies] == ["orchestrator-cpu"]
    action = {"MinCapacity": 8, "MaxCapacity": 16}
    call(
        "PutScheduledAction",
        **TARGET,
        ScheduledActionName="evening",
        Schedule="cron(30 18 * * ? *)",
        Timezone="Asia/Tokyo",
        ScalableTargetAction=action,
    )
    actions = call("DescribeScheduledActions", ServiceNamespace="ecs")["ScheduledActions"]
    assert [(each["ScheduledActionName"], each["ScalableTargetAction"]) for each in actions] == [
        ("evening", action)
    ]
