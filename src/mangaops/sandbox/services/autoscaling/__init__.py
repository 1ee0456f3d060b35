"""Application Auto Scaling of ECS services: ours, since moto does not clamp what it scales.

Registering a target moves the service's desired count into [min, max] at once, and
parameters that are left out keep their values. Known cost: nothing watches metrics, so
policies and schedules are kept but never scale; `scale_in_after` imitates the one effect
that matters to an operator, a bare desired count being taken back.

For scenarios (`state = world.state(AutoScalingState)`):

    state.targets.clear()                        an installation without a scalable target
    state.scale_in_after = timedelta(minutes=1)  above min, back to min after so long
    state.note(Activity(...))                    an earlier scaling activity
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.overlay import Call, Handler
from mangaops.sandbox.services.autoscaling import policies, targets
from mangaops.sandbox.services.autoscaling.state import (
    DIMENSION,
    Activity,
    AutoScalingState,
    Target,
)
from mangaops.sandbox.services.ecs.state import EcsState
from mangaops.sandbox.world import World

__all__ = ["OPERATIONS", "Activity", "AutoScalingState", "Target", "seed"]

OPERATIONS: Mapping[str, Handler] = {**targets.OPERATIONS, **policies.OPERATIONS}

MINIMUM, MAXIMUM = 4, 16
CPU_TARGET = 60.0


def seed(world: World) -> None:
    """The orchestrator's target, 4 to 16 tasks, with a policy that tracks its CPU."""
    resource = f"service/{DEFAULT_RESOURCES['cluster']}/{DEFAULT_RESOURCES['service']}"
    target = {"ServiceNamespace": "ecs", "ResourceId": resource, "ScalableDimension": DIMENSION}
    _ask(world, "RegisterScalableTarget", target | {"MinCapacity": MINIMUM, "MaxCapacity": MAXIMUM})
    tracking = {
        "TargetValue": CPU_TARGET,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
        },
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 60,
    }
    policy = {
        "PolicyName": "orchestrator-cpu",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracking,
    }
    _ask(world, "PutScalingPolicy", target | policy)
    state, ecs = world.state(AutoScalingState), world.state(EcsState)
    ecs.scalers.append(lambda now: targets.scale_in(state, ecs, now))


def _ask(world: World, operation: str, params: dict[str, Any]) -> None:
    call = Call(
        service="application-autoscaling",
        operation=operation,
        params=params,
        region=world.region,
        account=world.account,
        caller=world.caller,
    )
    OPERATIONS[operation](world, call)
