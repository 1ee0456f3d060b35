"""State by region: the world's own region holds its resources, every other one starts empty.

A mistyped `--region` must look as it does on AWS: no error, just nothing there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from mangaops.sandbox.overlay import Call
from mangaops.sandbox.world import World

S = TypeVar("S")


class Elsewhere:
    """The states of all regions but the world's own, made when they are first asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._states: dict[tuple[str, object], object] = {}

    def state(self, kind: Callable[[World], S], region: str) -> S:
        """The region's own instance of a state class, unseeded at first."""
        key = (region, kind)
        if key not in self._states:
            self._states[key] = kind(self._world)
        return cast("S", self._states[key])


def regional(world: World, call: Call, kind: Callable[[World], S]) -> S:
    """The state that a call sees: the world's in its own region, else that region's."""
    if world.is_home(call.region):
        return world.state(kind)
    return world.state(Elsewhere).state(kind, call.region)


def regional_arn(call: Call, service: str, resource: str) -> str:
    """An ARN in the region and account that the call was made to."""
    return f"arn:aws:{service}:{call.region}:{call.account}:{resource}"


def given(params: dict[str, Any]) -> dict[str, Any]:
    """The members that are there: an output shape has no nulls, absent is absent."""
    return {name: value for name, value in params.items() if value is not None}
