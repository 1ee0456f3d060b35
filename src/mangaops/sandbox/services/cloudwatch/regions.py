"""The metric store of a request's region: the world's own, or an empty one elsewhere."""

from __future__ import annotations

from mangaops.sandbox.metrics import MetricStore
from mangaops.sandbox.overlay import Call
from mangaops.sandbox.world import World


class Elsewhere:
    """Stores of the regions that the world is not in; empty until someone writes there."""

    def __init__(self, _world: World) -> None:
        self._stores: dict[str, MetricStore] = {}

    def store(self, region: str) -> MetricStore:
        return self._stores.setdefault(region, MetricStore())


def store_of(world: World, call: Call) -> MetricStore:
    if world.is_home(call.region):
        return world.metrics
    return world.state(Elsewhere).store(call.region)
