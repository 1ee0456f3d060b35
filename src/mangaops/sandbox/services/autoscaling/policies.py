"""Scaling policies and scheduled actions: kept and given back, never carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.autoscaling.state import (
    AutoScalingState,
    Key,
    key_of,
    named,
    paged,
    selected,
    unknown_target,
)
from mangaops.sandbox.services.autoscaling.targets import current
from mangaops.sandbox.services.regional import given, regional_arn
from mangaops.sandbox.world import World

CONFIGURATIONS = (
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScalingPolicyConfiguration",
)
SCHEDULED = ("Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")


def put_policy(world: World, call: Call) -> Mapping[str, Any]:
    state, params = current(world, call), call.params
    key, name = _target_key(state, params), params["PolicyName"]
    before = state.policies.get((key, name))
    resource = f"scalingPolicy:{state.uuid()}:resource/ecs/{key[1]}:policyName/{name}"
    policy = {
        **named(key),
        "PolicyName": name,
        "PolicyARN": before["PolicyARN"]
        if before is not None
        else regional_arn(call, "autoscaling", resource),
        "PolicyType": params.get("PolicyType", "StepScaling"),
        "CreationTime": before["CreationTime"] if before is not None else world.now(),
        "Alarms": _alarms(call, key, params),
        **{each: params[each] for each in CONFIGURATIONS if each in params},
    }
    state.policies[key, name] = policy
    return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}


def describe_policies(world: World, call: Call) -> Mapping[str, Any]:
    state, params = current(world, call), call.params
    names = params.get("PolicyNames")
    policies = [
        policy
        for (key, name), policy in sorted(state.policies.items())
        if selected(key, params) and (not names or name in names)
    ]
    return paged("ScalingPolicies", policies, params)


def delete_policy(world: World, call: Call) -> Mapping[str, Any]:
    state, params = current(world, call), call.params
    if state.policies.pop((key_of(params), params["PolicyName"]), None) is None:
        message = f"No scaling policy found: {params['PolicyName']}"
        raise Fault("ObjectNotFoundException", message)
    return {}


def put_schedule(world: World, call: Call) -> Mapping[str, Any]:
    state, params = current(world, call), call.params
    key, name = _target_key(state, params), params["ScheduledActionName"]
    before = state.schedules.get((key, name))
    if before is None and "Schedule" not in params:
        raise Fault("ValidationException", "Schedule is required for a new scheduled action")
    resource = f"scheduledAction:{state.uuid()}:resource/ecs/{key[1]}:scheduledActionName/{name}"
    new = {
        **named(key),
        "ScheduledActionName": name,
        "ScheduledActionARN": regional_arn(call, "autoscaling", resource),
        "CreationTime": world.now(),
    }
    changed = {each: params[each] for each in SCHEDULED if each in params}
    state.schedules[key, name] = {**new, **(before or {}), **changed}
    return {}


def describe_schedules(world: World, call: Call) -> Mapping[str, Any]:
    state, params = current(world, call), call.params
    names = params.get("ScheduledActionNames")
    actions = [
        action
        for (key, name), action in sorted(state.schedules.items())
        if selected(key, params) and (not names or name in names)
    ]
    return paged("ScheduledActions", actions, params)


def delete_schedule(world: World, call: Call) -> Mapping[str, Any]:
    state, params = current(world, call), call.params
    if state.schedules.pop((key_of(params), params["ScheduledActionName"]), None) is None:
        message = f"No scheduled action found: {params['ScheduledActionName']}"
        raise Fault("ObjectNotFoundException", message)
    return {}


def _target_key(state: AutoScalingState, params: Mapping[str, Any]) -> Key:
    key = key_of(params)
    if key not in state.targets:
        raise unknown_target(key)
    return key


def _alarms(call: Call, key: Key, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Target tracking makes its own two alarms; the sandbox only names them."""
    if params.get("PolicyType") != "TargetTrackingScaling":
        return []
    names = [
        f"TargetTracking-{key[1]}-Alarm{side}-{params['PolicyName']}" for side in ("High", "Low")
    ]
    return [
        given({"AlarmName": name, "AlarmARN": regional_arn(call, "cloudwatch", f"alarm:{name}")})
        for name in names
    ]


OPERATIONS: Mapping[str, Handler] = {
    "PutScalingPolicy": put_policy,
    "DescribeScalingPolicies": describe_policies,
    "DeleteScalingPolicy": delete_policy,
    "PutScheduledAction": put_schedule,
    "DescribeScheduledActions": describe_schedules,
    "DeleteScheduledAction": delete_schedule,
}
