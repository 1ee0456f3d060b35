"""Scalable targets and what was scaled: registering moves the service into [min, max] at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.autoscaling.state import (
    Activity,
    AutoScalingState,
    Key,
    Target,
    key_of,
    named,
    paged,
    selected,
    unknown_target,
)
from mangaops.sandbox.services.ecs import EcsState, Service, set_desired
from mangaops.sandbox.services.ecs.rollout import advance
from mangaops.sandbox.services.regional import given, regional, regional_arn
from mangaops.sandbox.world import World


def register(world: World, call: Call) -> Mapping[str, Any]:
    state, params = current(world, call), call.params
    key = key_of(params)
    service = _service(world, call, key)
    target = state.targets.get(key)
    minimum = params.get("MinCapacity", None if target is None else target.minimum)
    maximum = params.get("MaxCapacity", None if target is None else target.maximum)
    _check_limits(minimum, maximum)
    if target is None:
        arn = regional_arn(call, "application-autoscaling", f"scalable-target/{state.uuid()}")
        target = state.targets[key] = Target(
            key=key,
            arn=arn,
            minimum=minimum,
            maximum=maximum,
            role=_role(call),
            created_at=world.now(),
        )
    target.minimum, target.maximum = minimum, maximum
    target.role = params.get("RoleARN", target.role)
    target.suspended |= params.get("SuspendedState", {})
    _clamp(state, target, service, world.now())
    return {"ScalableTargetARN": target.arn}


def deregister(world: World, call: Call) -> Mapping[str, Any]:
    state = current(world, call)
    key = key_of(call.params)
    if state.targets.pop(key, None) is None:
        raise unknown_target(key)
    for kept in (state.policies, state.schedules):
        for name in [name for name in kept if name[0] == key]:
            del kept[name]
    return {}


def describe_targets(world: World, call: Call) -> Mapping[str, Any]:
    state, params = current(world, call), call.params
    wanted = params.get("ResourceIds")
    targets = [
        _target_answer(target)
        for key, target in sorted(state.targets.items())
        if key[0] == params["ServiceNamespace"]
        and (not wanted or key[1] in wanted)
        and params.get("ScalableDimension") in {None, key[2]}
    ]
    return paged("ScalableTargets", targets, params)


def describe_activities(world: World, call: Call) -> Mapping[str, Any]:
    state, params = current(world, call), call.params
    activities = [
        _activity_answer(activity)
        for activity in state.activities
        if selected(activity.key, params)
        and (not activity.not_scaled or params.get("IncludeNotScaledActivities", False))
    ]
    return paged("ScalingActivities", activities, params)


def current(world: World, call: Call) -> AutoScalingState:
    """The region's targets, after what was due to be scaled in has been."""
    state = regional(world, call, AutoScalingState)
    ecs = regional(world, call, EcsState)
    ecs.region = call.region
    advance(ecs, world.now())
    scale_in(state, ecs, world.now())
    for activity in state.activities:
        _end(ecs, activity, world.now())
    return state


def scale_in(state: AutoScalingState, ecs: EcsState, now: datetime) -> None:
    """Take back, where it is due, what is above a target's minimum."""
    for target in state.targets.values():
        _scale_in(state, ecs, target, now)


def _end(ecs: EcsState, activity: Activity, now: datetime) -> None:
    """An activity has ended when the service runs what it asked for, or was scaled again."""
    service = _find(ecs, activity.key)
    if activity.ended is not None or activity.not_scaled:
        return
    if service is None or service.steady or service.desired != activity.capacity:
        events = [] if service is None else service.events
        activity.ended = events[0].at if events and events[0].at > activity.at else now


def _scale_in(state: AutoScalingState, ecs: EcsState, target: Target, now: datetime) -> None:
    service = _find(ecs, target.key)
    if service is None or service.desired <= target.minimum:
        target.above_since = None
        return
    target.above_since = target.above_since or now
    suspended = target.suspended["DynamicScalingInSuspended"]
    if state.scale_in_after is None or suspended or len(service.deployments) > 1:
        return
    if now - target.above_since >= state.scale_in_after:
        _set(state, target, service, target.minimum, now, "monitor alarm in state ALARM triggered")


def _clamp(state: AutoScalingState, target: Target, service: Service, now: datetime) -> None:
    if service.desired < target.minimum:
        cause = f"minimum capacity was set to {target.minimum}"
        _set(state, target, service, target.minimum, now, cause)
    elif service.desired > target.maximum:
        cause = f"maximum capacity was set to {target.maximum}"
        _set(state, target, service, target.maximum, now, cause)


def _set(
    state: AutoScalingState,
    target: Target,
    service: Service,
    count: int,
    now: datetime,
    cause: str,
) -> None:
    set_desired(service, count, now)
    target.above_since = None
    state.note(
        Activity(
            id=state.uuid(),
            key=target.key,
            description=f"Setting desired count to {count}.",
            cause=cause,
            at=now,
            capacity=count,
        )
    )


def _find(ecs: EcsState, key: Key) -> Service | None:
    parts = key[1].split("/")
    if len(parts) != 3 or parts[0] != "service" or parts[1] not in ecs.clusters:
        return None
    service = ecs.clusters[parts[1]].services.get(parts[2])
    return service if service is not None and service.status == "ACTIVE" else None


def _service(world: World, call: Call, key: Key) -> Service:
    if not key[1].startswith("service/") or key[1].count("/") != 2:
        message = "Unsupported service namespace, resource type or scalable dimension"
        raise Fault("ValidationException", message)
    service = _find(regional(world, call, EcsState), key)
    if service is None:
        raise Fault("ValidationException", f"ECS service doesn't exist: {key[1]}")
    return service


def _check_limits(minimum: int | None, maximum: int | None) -> None:
    if minimum is None or maximum is None:
        message = "MinCapacity and MaxCapacity are required to register a new scalable target"
        raise Fault("ValidationException", message)
    if minimum < 0 or maximum < 0:
        raise Fault("ValidationException", "Capacity cannot be less than zero")
    if minimum > maximum:
        message = "Maximum capacity cannot be less than minimum capacity"
        raise Fault("ValidationException", message)


def _role(call: Call) -> str:
    return (
        f"arn:aws:iam::{call.account}:role/aws-service-role/"
        "ecs.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_ECSService"
    )


def _target_answer(target: Target) -> dict[str, Any]:
    return {
        **named(target.key),
        "MinCapacity": target.minimum,
        "MaxCapacity": target.maximum,
        "RoleARN": target.role,
        "CreationTime": target.created_at,
        "SuspendedState": dict(target.suspended),
        "ScalableTargetARN": target.arn,
    }


def _activity_answer(activity: Activity) -> dict[str, Any]:
    capacity = activity.capacity
    if activity.not_scaled:
        status, message = "Unfulfilled", activity.description
    elif activity.ended is None:
        status, message = "InProgress", f"Setting desired count to {capacity}."
    else:
        status = "Successful"
        message = (
            f"Successfully set desired count to {capacity}. Change successfully fulfilled by ecs."
        )
    return given(
        {
            **named(activity.key),
            "ActivityId": activity.id,
            "Description": activity.description,
            "Cause": activity.cause,
            "StartTime": activity.at,
            "EndTime": activity.ended,
            "StatusCode": status,
            "StatusMessage": message,
            "NotScaledReasons": list(activity.not_scaled) or None,
        }
    )


OPERATIONS: Mapping[str, Handler] = {
    "RegisterScalableTarget": register,
    "DeregisterScalableTarget": deregister,
    "DescribeScalableTargets": describe_targets,
    "DescribeScalingActivities": describe_activities,
}
