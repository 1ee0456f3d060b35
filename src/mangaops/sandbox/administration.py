"""The sandbox's own paths, which are no part of AWS.

GET    /_sandbox/health   {"ready": true, "pid": 1, "now": …}
GET    /_sandbox/calls    {"calls": [{"service", "operation", "start", "end", …}]}
DELETE /_sandbox/calls
GET    /_sandbox/faults   {"rules": […]}
PUT    /_sandbox/faults   {"rules": ["ssm:*=throttle", {"service": "logs", "kind": "denied"}]}
POST   /_sandbox/faults   the same, added to those in force
DELETE /_sandbox/faults
PUT    /_sandbox/latency  {"ms": 80}
PUT    /_sandbox/query-time  {"seconds": 2}   how long a log query runs
PUT    /_sandbox/models   {"speed": 0.1, "paces": […], "faults": [{"chaos": "throttled"}]}:
                          as below `models` in a scenario
GET    /_sandbox/models   {"speed": 0.1, "faults": […]}
GET    /_sandbox/models/calls   {"calls": […]}: what reached the models, and what it would cost
DELETE /_sandbox/models/calls
PUT    /_sandbox/traffic  {"per_minute": 60, "intents": {"faq": 3}}: customers of the models
GET    /_sandbox/traffic  {"per_minute", "intents", "asked", "left_out"}
PUT    /_sandbox/pace     {"seconds": 0.1}   how long tasks, OCU and mappings take to change
GET    /_sandbox/state    {"digest", "state"}: all that a remedy can change (POST does the same)
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Protocol
from wsgiref.types import WSGIEnvironment

from mangaops.errors import InputError
from mangaops.sandbox import faults
from mangaops.sandbox.calls import CallLog
from mangaops.sandbox.scenario_models import read_models, set_models
from mangaops.sandbox.services.bedrock_runtime import BedrockRuntimeState
from mangaops.sandbox.services.ecs.state import EcsState, Pace
from mangaops.sandbox.services.lambda_ import Mappings
from mangaops.sandbox.services.log_queries import LogQueries
from mangaops.sandbox.services.opensearchserverless.state import SearchState
from mangaops.sandbox.snapshot import snapshot
from mangaops.sandbox.traffic import Traffic, read_traffic
from mangaops.sandbox.wire.encode import Answer
from mangaops.sandbox.world import World


class Dials(Protocol):
    latency_ms: float
    ready: bool


@dataclass(frozen=True, slots=True)
class Administration:
    world: World
    calls: CallLog
    dials: Dials

    def answer(self, environ: WSGIEnvironment) -> Answer:
        path = environ["PATH_INFO"].removeprefix("/_sandbox/")
        method = environ["REQUEST_METHOD"]
        text = environ["wsgi.input"].read()
        try:
            found = self._find(path, method, json.loads(text or b"{}"))
        except (ValueError, TypeError, KeyError, AttributeError, InputError) as wrong:
            return _json(400, {"error": str(wrong), "hint": getattr(wrong, "hint", "")})
        return _json(404, {"error": f"no {method} {path}"}) if found is None else found

    def _find(self, path: str, method: str, body: Mapping[str, Any]) -> Answer | None:
        match method, path:
            case "GET", "health":
                now = self.world.now().isoformat()
                return _json(200, {"ready": self.dials.ready, "pid": os.getpid(), "now": now})
            case "GET" | "DELETE", "calls":
                if method == "DELETE":
                    self.calls.clear()
                return _json(200, {"calls": self.calls.as_json()})
            case "GET" | "POST", "state":
                return _json(200, snapshot(self.world))
            case "PUT", "latency" | "query-time" | "pace":
                return self._turn(path, body)
            case _, "faults":
                return self._faults(method, body)
            case _:
                return self._models(method, path, body)

    def _models(self, method: str, path: str, body: Mapping[str, Any]) -> Answer | None:
        state = self.world.state(BedrockRuntimeState)
        match method, path:
            case "GET" | "PUT", "models":
                with self.world.lock:
                    set_models(self.world, read_models(body))
                told = [asdict(fault) for fault in state.faults]
                return _json(200, {"speed": state.speed, "faults": told})
            case "GET" | "DELETE", "models/calls":
                if method == "DELETE":
                    state.calls.clear()
                return _json(200, {"calls": state.calls.as_json()})
            case "GET" | "PUT", "traffic":
                traffic = self.world.state(Traffic)
                if method == "PUT":
                    traffic.set(read_traffic(body))
                return _json(200, traffic.as_json())
            case _:
                return None

    def _turn(self, dial: str, body: Mapping[str, Any]) -> Answer:
        match dial:
            case "latency":
                self.dials.latency_ms = float(body["ms"])
            case "pace":
                self._pace(timedelta(seconds=float(body["seconds"])))
            case _:
                self.world.state(LogQueries).seconds = float(body["seconds"])
        return _json(200, body)

    def _pace(self, length: timedelta) -> None:
        self.world.state(EcsState).pace = Pace(start=length, stop=length)
        self.world.state(SearchState).scaling = length
        self.world.state(Mappings).pace = length

    def _faults(self, method: str, body: Mapping[str, Any]) -> Answer | None:
        match method:
            case "GET":
                pass
            case "PUT":
                self.world.faults.replace(read_rules(body["rules"]))
            case "POST":
                self.world.faults.add(read_rules(body["rules"]))
            case "DELETE":
                self.world.faults.replace(())
            case _:
                return None
        rules = [asdict(rule) for rule in self.world.faults.rules()]
        return _json(200, {"rules": rules})


def read_rules(rules: Iterable[str | Mapping[str, Any]]) -> list[faults.Rule]:
    """Rules as text or as mappings; all are read before any is used."""
    return [
        faults.parse(rule) if isinstance(rule, str) else faults.from_mapping(rule) for rule in rules
    ]


def _json(status: int, value: Mapping[str, Any]) -> Answer:
    body = json.dumps(value).encode()
    return Answer(status=status, headers={"Content-Type": "application/json"}, body=body)
