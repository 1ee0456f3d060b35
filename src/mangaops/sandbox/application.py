"""The AWS endpoint as a WSGI application: one request is one AWS call.

Order: find the call, inject faults, the overlay's handler, else moto where it is
truthful, else 501 NotServedBySandbox. Every call is logged with its times, and told to
the audit trail.
"""

from __future__ import annotations

import gzip
import io
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from botocore.validate import ParamValidator
from moto.core.request import Request

from mangaops.sandbox import passthrough
from mangaops.sandbox.administration import Administration
from mangaops.sandbox.calls import CallLog, Made
from mangaops.sandbox.faults import Effects, halve
from mangaops.sandbox.listen import Drop
from mangaops.sandbox.overlay import Call, Fault, Handler, Paced, Patient
from mangaops.sandbox.wire.decode import decode
from mangaops.sandbox.wire.encode import Answer, encode, encode_fault
from mangaops.sandbox.wire.route import Target, identify
from mangaops.sandbox.world import World

Recorder = Callable[[World, Call, Fault | None], None]
"""Told of each call that reached a service, with the error it was refused with."""

_TELEMETRY = ("cloudwatch", "logs")
_LOOK_AGAIN_S = 0.05
_RANGES = ("invalid range", "invalid length")


@dataclass(slots=True)
class Dials:
    """What can be changed while calls are served. `latency_ms` is added to each call."""

    latency_ms: float = 0.0
    ready: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Serves `services` over `world`; `validate` checks each overlay answer's shape.

    `hold` is how the time passes that an answer itself takes (a model's); None is `sleep`.
    It may raise Drop: what was asked for has been done by then.
    """

    world: World
    services: Mapping[str, Mapping[str, Handler]]
    sleep: Callable[[float], None]
    hold: Callable[[float], None] | None = None
    validate: bool = True
    record: Recorder = lambda _world, _call, _fault: None
    dials: Dials = field(default_factory=Dials)
    calls: CallLog = field(default_factory=CallLog)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/_sandbox/"):
            answer = Administration(self.world, self.calls, self.dials).answer(environ)
        else:
            answer = self.serve(Request(_unpacked(environ)))
        headers = {**answer.headers}
        if isinstance(answer.body, bytes):
            headers["Content-Length"] = str(len(answer.body))
        start_response(f"{answer.status} -", list(headers.items()))
        return [answer.body] if isinstance(answer.body, bytes) else answer.body

    def serve(self, request: Request) -> Answer:
        """Answer one AWS request; raises Drop where a fault closes the connection."""
        started = self.world.now()
        request.get_data()  # kept by the request, so that both its form and moto can be read
        target = identify(request, self.world.region)
        effects = self.world.faults.strike(target.service, target.operation)
        delay = (self.dials.latency_ms + effects.latency_ms) / 2000
        self._wait(delay)
        code = "connection dropped" if effects.drop or effects.lost else ""
        try:
            answer = self._evaluate(target, request, effects)
            _lose(target, effects)
            refusal = _refusal(answer)
            code = "" if refusal is None else refusal.code
            self._wait(delay)
        except Fault as fault:
            code = fault.code
            answer = encode_fault(target, fault)
            self._wait(delay)
            self._hold(fault.delay_s)
        except Drop as drop:
            self._hold(drop.delay_s)
            raise
        except Exception as bug:  # noqa: BLE001 - a process boundary: one call is one process
            traceback.print_exc()
            code = "InternalFailure"
            answer = encode_fault(target, Fault(code, f"a bug in the sandbox: {bug!r}", 500))
        finally:
            self._log(target, started, code)
        return answer

    def _evaluate(self, target: Target, request: Request, effects: Effects) -> Answer:
        if effects.drop:
            raise Drop(target.operation)
        if effects.fault is not None:
            raise effects.fault
        handler = self.services.get(target.service, {}).get(target.operation)
        by_moto = handler is None and passthrough.serves(target.service, target.operation)
        if target.model is None or (handler is None and not by_moto):
            raise not_served(target)
        call = self._call(target, request)
        try:
            answer = self._served(handler, target, request, effects, call)
        except Fault as fault:
            self._record(call, fault)
            raise
        self._record(call, _refusal(answer))
        return answer

    def _served(
        self,
        handler: Handler | None,
        target: Target,
        request: Request,
        effects: Effects,
        call: Call,
    ) -> Answer:
        if target.service in _TELEMETRY:
            self.world.bring_telemetry_up()
        if handler is not None:
            result = self._ask(handler, target, call, effects)
            return _damaged(encode(target, result), result)
        with self.world.lock:
            return passthrough.forward(target, request, call)

    def _record(self, call: Call, fault: Fault | None) -> None:
        with self.world.lock:
            self.record(self.world, call, fault)

    def _ask(
        self, handler: Handler, target: Target, call: Call, effects: Effects
    ) -> Mapping[str, Any]:
        result = self._patiently(handler, call)
        if isinstance(result, Paced):
            self._hold(result.delay_s)
        if effects.partial:
            result = halve(result)
        if self.validate:
            check_output(target, result)
        return result

    def _patiently(self, handler: Handler, call: Call) -> Mapping[str, Any]:
        waited = 0.0
        while True:
            with self.world.lock:
                result = handler(self.world, call)
            if not isinstance(result, Patient) or waited >= result.wait_s:
                return result
            self._hold(_LOOK_AGAIN_S)
            waited += _LOOK_AGAIN_S

    def _call(self, target: Target, request: Request) -> Call:
        return Call(
            service=target.service,
            operation=target.operation,
            params=decode(target, request),
            region=target.region,
            account=self.world.account,
            caller=self.world.caller,
        )

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self.sleep(seconds)

    def _hold(self, seconds: float) -> None:
        if seconds > 0:
            (self.hold or self.sleep)(seconds)

    def _log(self, target: Target, started: datetime, code: str) -> None:
        self.calls.add(
            Made(
                service=target.service,
                operation=target.operation,
                region=target.region,
                error=code,
                start=started.timestamp(),
                end=self.world.now().timestamp(),
            )
        )


def _damaged(answer: Answer, result: Mapping[str, Any]) -> Answer:
    """The answer with its body as it arrives, and the length that it should have had."""
    if not isinstance(result, Paced) or result.damage is None or not isinstance(answer.body, bytes):
        return answer
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    return replace(answer, headers=headers, body=result.damage(iter((answer.body,))))


def _lose(target: Target, effects: Effects) -> None:
    """The faults of a call that was carried out: its caller does not learn of it."""
    if effects.lost:
        raise Drop(target.operation)
    if effects.landed_fault is not None:
        raise effects.landed_fault


def not_served(target: Target) -> Fault:
    """The error for a call that neither we nor moto answer truthfully."""
    name = f"{target.service}:{target.operation}"
    return Fault("NotServedBySandbox", f"the sandbox does not serve {name}", 501)


def _refusal(answer: Answer) -> Fault | None:
    """The error in an answer of moto's, which is already written out."""
    if answer.status < 400:
        return None
    lowered = {name.lower(): value for name, value in answer.headers.items()}
    code = lowered.get("x-amzn-errortype", "ClientError").rpartition("#")[2]
    return Fault(code, "", answer.status)


def check_output(target: Target, result: Mapping[str, Any]) -> None:
    """Refuse an overlay answer that does not fit botocore's shape of the operation."""
    shape = None if target.model is None else target.model.output_shape
    if shape is None:
        return
    streamed = getattr(shape, "event_stream_name", None)
    checked = dict(result) if streamed is None else {**result, streamed: {}}
    report = ParamValidator().validate(checked, shape)
    # A model's minimum and maximum are for requests: AWS itself answers below them.
    report._errors = [error for error in report._errors if error[0] not in _RANGES]  # noqa: SLF001
    if report.has_errors():
        detail = report.generate_report()
        raise Fault("InternalFailure", f"{target.operation}'s answer is malformed: {detail}", 500)


def _unpacked(environ: WSGIEnvironment) -> WSGIEnvironment:
    """The request without its gzip: SDKs compress large PutMetricData calls."""
    if "gzip" not in environ.get("HTTP_CONTENT_ENCODING", ""):
        return environ
    body = gzip.decompress(environ["wsgi.input"].read())
    plain = {key: value for key, value in environ.items() if key != "HTTP_CONTENT_ENCODING"}
    return {**plain, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
