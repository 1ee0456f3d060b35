"""One whole sandbox: the AWS endpoint, the OpenSearch data plane, Redis, and what they hold.

Order of a start: listen (so that a taken port fails at once), start Redis, make the
normal resources, apply the scenario, and only then say that it is ready. Nothing here
prints or knows about processes and state files: that is `control`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from mangaops.sandbox import scenario, services
from mangaops.sandbox.application import Application
from mangaops.sandbox.cache_server import CacheServer
from mangaops.sandbox.capsule_world import apply_capsule, is_capsule, load_capsule
from mangaops.sandbox.dataplane import DataPlane
from mangaops.sandbox.faults import parse
from mangaops.sandbox.listen import Listener, pause
from mangaops.sandbox.metering import Metered
from mangaops.sandbox.seed import seed
from mangaops.sandbox.services.cloudtrail import record
from mangaops.sandbox.services.lambda_ import PACE as MAPPING_PACE
from mangaops.sandbox.services.lambda_ import Mappings
from mangaops.sandbox.stored_runs import StoredRuns
from mangaops.sandbox.traffic import Traffic, read_traffic
from mangaops.sandbox.world import World

ACCESS_KEY = "SANDBOXACCESSKEY0001"
SECRET_KEY = "sandbox-secret-of-no-value"  # noqa: S105 - any key is accepted


class Sandbox:
    """A sandbox in this process. Use `start`, then `stop`; both are called once."""

    def __init__(
        self,
        *,
        sleep: Callable[[float], None],
        port: int = 0,
        latency_ms: float = 0.0,
        faults: Iterable[str] = (),
        seed: int = 1,
        traffic: float = 0.0,
    ) -> None:
        rules = [parse(text) for text in faults]
        self.world = World(seed=seed)
        self._latency_ms = latency_ms
        self._traffic = read_traffic({"per_minute": traffic})
        self._rules = rules
        validate = os.environ.get("MANGAOPS_SANDBOX_VALIDATE", "1") != "0"
        self.application = Application(
            world=self.world,
            services=services.SERVICES,
            sleep=sleep,
            hold=pause,
            validate=validate,
            record=record,
        )
        self._endpoint = Listener(self.application, port)
        plane = Metered(
            application=DataPlane(world=self.world, sleep=sleep),
            world=self.world,
            dials=self.application.dials,
            calls=self.application.calls,
            sleep=sleep,
        )
        self._search = Listener(plane)
        self._cache = CacheServer(sleep)
        self._stopped = threading.Event()
        self._clients: dict[str, Any] = {}
        self.notes: tuple[str, ...] = ()

    @property
    def port(self) -> int:
        return self._endpoint.port

    @property
    def bench_store(self) -> str:
        """The place of the scenario's benchmark runs, "" where it has none."""
        return self.world.state(StoredRuns).place

    def start(self, scenario_name: str | None = None) -> None:
        """Fill the world and serve it. `scenario_name` None leaves it without telemetry; it
        may be the file of a capsule. `notes` then says what of it cannot be served.
        """
        capsule = None
        if scenario_name is not None and is_capsule(scenario_name):
            capsule = load_capsule(scenario_name)
        elif scenario_name is not None:
            scenario.load_scenario(scenario_name)  # a wrong name or file fails at once
        self.world.endpoint_url = self._endpoint.url
        self.world.search_url = self._search.url
        self._endpoint.start()
        self._search.start()
        self._cache.start()
        self.world.cache_url = self._cache.url
        seed(self.world)
        if capsule is not None:
            self.notes = apply_capsule(self.world, capsule, self.client)
        elif scenario_name is not None:
            self._apply(scenario_name)
        self.world.state(Mappings).pace = MAPPING_PACE
        self.world.faults.add(self._rules)
        self.application.dials.latency_ms = self._latency_ms
        self.application.calls.clear()
        self.application.dials.ready = True
        self.world.state(Traffic).set(self._traffic)

    def stop(self) -> None:
        self._stopped.set()
        self.world.state(Traffic).stop()
        self._endpoint.stop()
        self._search.stop()
        self._cache.stop()

    def client(self, service: str) -> Any:
        """A boto3 client of this sandbox's own endpoint."""
        import boto3  # noqa: PLC0415 - only scenarios need it

        if service not in self._clients:
            make: Any = boto3.client  # typed for names that are written out only
            self._clients[service] = make(
                service,
                endpoint_url=self.world.endpoint_url,
                aws_access_key_id=ACCESS_KEY,
                aws_secret_access_key=SECRET_KEY,
                region_name="us-east-1" if service == "health" else self.world.region,
            )
        return self._clients[service]

    def _apply(self, name: str) -> None:
        """Apply a scenario, then let its ticker go on writing telemetry."""
        scenario.apply(self.world, name, self.client)
        arguments = (self.world, self._stopped)
        threading.Thread(target=scenario.ticker, args=arguments, daemon=True, name="ticker").start()
