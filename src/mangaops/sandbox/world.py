"""The one mutable thing in the sandbox: what the embedded AWS account holds.

moto keeps the state of the services it serves in its own backends, in this process;
everything that our overlay serves lives here. A service's state is a class of its
own, made on first use:

    class EcsState:
        def __init__(self, world: World) -> None: ...

    world.state(EcsState)   # always the same instance for this world
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any, Protocol, TypeVar, cast

from mangaops.model.settings import DEFAULT_REGION
from mangaops.sandbox.faults import Faults
from mangaops.sandbox.metrics import MetricStore

ACCOUNT = "123456789012"

S = TypeVar("S")


class Clock(Protocol):
    def __call__(self) -> datetime: ...


def wall_clock() -> datetime:
    return datetime.now(UTC)


class World:
    """An AWS account with one region, and the state of everything the overlay serves.

    Handlers run under `lock`, which is reentrant. `random` is seeded, so that two
    worlds with the same seed and the same calls are equal. `endpoint_url`, `search_url`
    and `cache_url` are set as soon as the ports are known, before any seeding.
    `before_telemetry` is called, under the lock, before metrics or logs are read.
    """

    def __init__(
        self,
        *,
        clock: Clock = wall_clock,
        account: str = ACCOUNT,
        region: str = DEFAULT_REGION,
        seed: int = 1,
    ) -> None:
        self.clock = clock
        self.account = account
        self.region = region
        self.caller = f"arn:aws:iam::{account}:user/on-call"
        self.random = Random(seed)  # noqa: S311 - telemetry, not secrets
        self.lock = threading.RLock()
        self.metrics = MetricStore()
        self.faults = Faults()
        self.endpoint_url = ""
        self.search_url = ""
        self.cache_url = ""
        self.before_telemetry: list[Callable[[], None]] = []
        self._states: dict[type[Any], object] = {}

    def now(self) -> datetime:
        """The sandbox's time: aware, UTC."""
        return self.clock()

    def state(self, kind: Callable[[World], S]) -> S:
        """The one instance of a service's state class, made on first use."""
        key = cast("type[Any]", kind)
        with self.lock:
            if key not in self._states:
                self._states[key] = kind(self)
            return cast("S", self._states[key])

    def bring_telemetry_up(self) -> None:
        """Let telemetry follow what was changed in the world since it was last read."""
        with self.lock:
            for follow in self.before_telemetry:
                follow()

    def is_home(self, region: str) -> bool:
        """Whether a request's region is the one that this world's resources are in."""
        return region == self.region

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"
