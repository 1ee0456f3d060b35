"""What the sandbox knows of Application Auto Scaling, and the names of its things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from mangaops.sandbox.overlay import Fault
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given
from mangaops.sandbox.world import World

PAGE = 50
DIMENSION = "ecs:service:DesiredCount"
NOT_SUSPENDED: Mapping[str, bool] = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
Key = tuple[str, str, str]
"""Namespace, resource id and dimension: the identity of a target."""


@dataclass(slots=True, kw_only=True)
class Target:
    """A scalable target. `above_since` is when the desired count was last seen above min."""

    key: Key
    arn: str
    minimum: int
    maximum: int
    role: str
    created_at: datetime
    suspended: dict[str, bool] = field(default_factory=lambda: dict(NOT_SUSPENDED))
    above_since: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Activity:
    """One scaling activity; in progress until the service runs `capacity` tasks."""

    id: str
    key: Key
    description: str
    cause: str
    at: datetime
    capacity: int
    ended: datetime | None = None
    not_scaled: tuple[Mapping[str, Any], ...] = ()


class AutoScalingState:
    """Targets, policies, scheduled actions and activities (newest first) of one region."""

    def __init__(self, world: World) -> None:
        del world
        self.random = Random("application-autoscaling")  # noqa: S311 - ids, not secrets
        self.targets: dict[Key, Target] = {}
        self.policies: dict[tuple[Key, str], dict[str, Any]] = {}
        self.schedules: dict[tuple[Key, str], dict[str, Any]] = {}
        self.activities: list[Activity] = []
        self.scale_in_after: timedelta | None = None

    def note(self, activity: Activity) -> None:
        """Add an activity, also one of the past."""
        self.activities.append(activity)
        self.activities.sort(key=lambda each: each.at, reverse=True)

    def uuid(self) -> str:
        digits = f"{self.random.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def key_of(params: Mapping[str, Any]) -> Key:
    namespace, dimension = params["ServiceNamespace"], params["ScalableDimension"]
    if namespace != "ecs" or dimension != DIMENSION:
        message = f"The sandbox scales only {DIMENSION} of ecs, not {dimension} of {namespace}"
        raise Fault("ValidationException", message)
    return (namespace, params["ResourceId"], dimension)


def unknown_target(key: Key) -> Fault:
    return Fault(
        "ObjectNotFoundException",
        f"No scalable target found for service namespace: {key[0]}, resource ID: {key[1]}, "
        f"scalable dimension: {key[2]}",
    )


def named(key: Key) -> dict[str, Any]:
    return {"ServiceNamespace": key[0], "ResourceId": key[1], "ScalableDimension": key[2]}


def selected(key: Key, params: Mapping[str, Any]) -> bool:
    return (
        key[0] == params["ServiceNamespace"]
        and params.get("ResourceId") in {None, key[1]}
        and params.get("ScalableDimension") in {None, key[2]}
    )


def paged(name: str, items: Sequence[Any], params: Mapping[str, Any]) -> dict[str, Any]:
    refusal = Fault("InvalidNextTokenException", "The next token is invalid")
    page, token = page_of(items, params.get("NextToken"), params.get("MaxResults", PAGE), refusal)
    return given({name: page, "NextToken": token})
