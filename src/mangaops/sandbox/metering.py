"""What the AWS endpoint does around each call, for the OpenSearch data plane.

Its requests are logged and get latency and faults as `aoss-data:GET /index/_settings`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from mangaops.sandbox.application import Dials
from mangaops.sandbox.calls import CallLog, Made
from mangaops.sandbox.listen import Drop
from mangaops.sandbox.overlay import Fault
from mangaops.sandbox.world import World

SERVICE = "aoss-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """`application` with the sandbox's latency, faults and log of calls."""

    application: WSGIApplication
    world: World
    dials: Dials
    calls: CallLog
    sleep: Callable[[float], None]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        operation = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        started = self.world.now().timestamp()
        effects = self.world.faults.strike(SERVICE, operation)
        delay = (self.dials.latency_ms + effects.latency_ms) / 2000
        code = "" if effects.fault is None else effects.fault.code
        try:
            self._wait(delay)
            if effects.drop:
                raise Drop(operation)
            if effects.fault is not None:
                return _refuse(effects.fault, start_response)
            answer = list(self.application(environ, start_response))
            if effects.lost:
                raise Drop(operation)
            self._wait(delay)
        finally:
            made = Made(
                service=SERVICE,
                operation=operation,
                region=self.world.region,
                error=code,
                start=started,
                end=self.world.now().timestamp(),
            )
            self.calls.add(made)
        return answer

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self.sleep(seconds)


def _refuse(fault: Fault, start_response: StartResponse) -> Iterable[bytes]:
    error = {"type": fault.code, "reason": fault.message}
    body = json.dumps({"status": fault.status, "error": error}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(f"{fault.status} -", headers)
    return [body]
