"""Application Auto Scaling of an ECS service: its limits, and why it did or did not scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.model.resources import ScalableTarget, ScalingActivity, ScheduledLimits

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_application_autoscaling.type_defs import (
        ScalingActivityTypeDef,
        ScheduledActionTypeDef,
    )

MOST_ACTIVITIES = 50
"""One page, newest first; older ones are not about this incident."""


class AutoScalingGateway:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> ApplicationAutoScalingClient:
        client: ApplicationAutoScalingClient = self._aws.client("application-autoscaling")
        return client

    def prepare(self) -> None:
        """Builds the client, so that the first call need not."""
        _ = self._client

    def target(self, cluster: str, service: str) -> ScalableTarget | None:
        """None when nothing scales this service, which many installations choose."""
        with translated("application-autoscaling:DescribeScalableTargets"):
            answer = self._client.describe_scalable_targets(
                ServiceNamespace="ecs",
                ResourceIds=[resource_id(cluster, service)],
                ScalableDimension="ecs:service:DesiredCount",
            )
        for target in answer["ScalableTargets"]:
            suspended = target.get("SuspendedState", {})
            return ScalableTarget(
                minimum=target["MinCapacity"],
                maximum=target["MaxCapacity"],
                scale_in_suspended=suspended.get("DynamicScalingInSuspended", False),
            )
        return None

    def schedules(self, cluster: str, service: str) -> tuple[ScheduledLimits, ...]:
        """Scheduled actions, which set limits of their own at their times."""
        with translated("application-autoscaling:DescribeScheduledActions"):
            pages = self._client.get_paginator("describe_scheduled_actions").paginate(
                ServiceNamespace="ecs",
                ResourceId=resource_id(cluster, service),
                ScalableDimension="ecs:service:DesiredCount",
            )
            return tuple(_scheduled(item) for page in pages for item in page["ScheduledActions"])

    def set_limits(self, cluster: str, service: str, minimum: int, maximum: int) -> None:
        """Changes the limits of a target, which moves a desired count outside them at once.

        What is suspended, and the role, stay as they are. Sent once.
        """
        client: ApplicationAutoScalingClient = self._aws.writer("application-autoscaling")
        with translated("application-autoscaling:RegisterScalableTarget"):
            client.register_scalable_target(
                ServiceNamespace="ecs",
                ResourceId=resource_id(cluster, service),
                ScalableDimension="ecs:service:DesiredCount",
                MinCapacity=minimum,
                MaxCapacity=maximum,
            )

    def activities(self, cluster: str, service: str) -> tuple[ScalingActivity, ...]:
        """The newest first, decisions not to scale among them."""
        with translated("application-autoscaling:DescribeScalingActivities"):
            answer = self._client.describe_scaling_activities(
                ServiceNamespace="ecs",
                ResourceId=resource_id(cluster, service),
                ScalableDimension="ecs:service:DesiredCount",
                MaxResults=MOST_ACTIVITIES,
                IncludeNotScaledActivities=True,
            )
        found = [_activity(item) for item in answer["ScalingActivities"]]
        return tuple(sorted(found, key=lambda activity: activity.at, reverse=True))


def resource_id(cluster: str, service: str) -> str:
    return f"service/{cluster}/{service}"


def _scheduled(item: ScheduledActionTypeDef) -> ScheduledLimits:
    limits = item.get("ScalableTargetAction", {})
    return ScheduledLimits(
        name=item["ScheduledActionName"],
        schedule=item["Schedule"],
        timezone=item.get("Timezone", "UTC"),
        minimum=limits.get("MinCapacity"),
        maximum=limits.get("MaxCapacity"),
    )


def _activity(item: ScalingActivityTypeDef) -> ScalingActivity:
    reasons = [reason["Code"] for reason in item.get("NotScaledReasons", [])]
    not_scaled = f"not scaled: {', '.join(reasons)}" if reasons else ""
    parts = (item["Cause"], item.get("StatusMessage", ""), not_scaled)
    return ScalingActivity(
        at=item["StartTime"],
        status=item["StatusCode"],
        cause="; ".join(part for part in parts if part),
    )
