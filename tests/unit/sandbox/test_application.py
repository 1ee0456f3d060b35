"""One request to the application: what each way of failing looks like to a client."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest

from mangaops.sandbox.application import Application
from mangaops.sandbox.faults import parse
from mangaops.sandbox.listen import Drop
from mangaops.sandbox.overlay import Call, Fault, Handler, Paced
from mangaops.sandbox.world import World
from support.overlay_calls import StandingClock


class Endpoint:
    """An application with one handler, for logs:DescribeQueries, and what it waited for."""

    def __init__(self, handler: Handler) -> None:
        self.waited: list[float] = []
        self.recorded: list[tuple[str, str]] = []
        self.world = World(clock=StandingClock())
        self.application = Application(
            world=self.world,
            services={"logs": {"DescribeQueries": handler}},
            sleep=self.waited.append,
            record=self._record,
        )

    def _record(self, _world: World, call: Call, fault: Fault | None) -> None:
        self.recorded.append((call.operation, "" if fault is None else fault.code))

    def post(self, body: bytes = b"{}", operation: str = "DescribeQueries") -> tuple[int, Any]:
        answered: list[str] = []
        scope = "KEY/20261121/ap-northeast-1/logs/aws4_request"
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/x-amz-json-1.1",
            "HTTP_X_AMZ_TARGET": f"Logs_20140328.{operation}",
            "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host",
        }
        chunks = self.application(environ, lambda status, *_: answered.append(status))  # type: ignore[arg-type, return-value, func-returns-value]
        return int(answered[0].split()[0]), json.loads(b"".join(chunks))

    def logged(self) -> list[str]:
        return [made["error"] for made in self.application.calls.as_json()]


def _empty(_world: World, _call: Call) -> Mapping[str, Any]:
    return {"queries": []}


def _broken(_world: World, _call: Call) -> Mapping[str, Any]:
    raise KeyError("nothing")


def _malformed(_world: World, _call: Call) -> Mapping[str, Any]:
    return {"queries": "none", "extra": 1}


def test_an_answer_is_logged_and_recorded() -> None:
    endpoint = Endpoint(_empty)
    assert endpoint.post() == (200, {"queries": []})
    assert endpoint.recorded == [("DescribeQueries", "")]
    assert endpoint.logged() == [""]


def test_a_handler_that_breaks_is_an_internal_failure(capsys: pytest.CaptureFixture[str]) -> None:
    endpoint = Endpoint(_broken)
    status, body = endpoint.post()
    assert (status, body["__type"]) == (500, "InternalFailure")
    assert "KeyError('nothing')" in body["message"]
    assert "Traceback" in capsys.readouterr().err
    assert endpoint.logged() == ["InternalFailure"]


def test_an_answer_that_does_not_fit_the_shape_is_never_sent() -> None:
    status, body = Endpoint(_malformed).post()
    assert (status, body["__type"]) == (500, "InternalFailure")
    assert "DescribeQueries's answer is malformed" in body["message"]


def test_a_slow_answer_is_waited_for_after_the_handler() -> None:
    endpoint = Endpoint(lambda _world, _call: Paced({"queries": []}, 1.5))
    endpoint.application.dials.latency_ms = 80
    endpoint.world.faults.add([parse("logs=latency:20")])
    assert endpoint.post() == (200, {"queries": []})
    assert endpoint.waited == [0.05, 1.5, 0.05]


def test_a_call_that_is_not_served_is_named() -> None:
    status, body = Endpoint(_empty).post(operation="StartLiveTail")
    assert (status, body["__type"]) == (501, "NotServedBySandbox")
    assert body["message"] == "the sandbox does not serve logs:StartLiveTail"


def test_an_injected_error_reaches_no_handler() -> None:
    endpoint = Endpoint(_broken)
    endpoint.world.faults.add([parse("logs:Describe*=denied")])
    status, body = endpoint.post()
    assert (status, body["__type"]) == (400, "AccessDeniedException")
    assert "logs:DescribeQueries" in body["message"]


def test_a_drop_is_no_answer_and_logged() -> None:
    endpoint = Endpoint(_empty)
    endpoint.world.faults.add([parse("logs=drop")])
    with pytest.raises(Drop):
        endpoint.post()
    assert endpoint.logged() == ["connection dropped"]


def test_a_call_whose_answer_is_lost_was_carried_out() -> None:
    endpoint = Endpoint(_empty)
    endpoint.world.faults.add([parse("logs=lost")])
    with pytest.raises(Drop):
        endpoint.post()
    assert endpoint.recorded == [("DescribeQueries", "")]
    assert endpoint.logged() == ["connection dropped"]


def test_a_call_that_ends_in_an_error_after_it_landed_was_carried_out() -> None:
    endpoint = Endpoint(_empty)
    endpoint.world.faults.add([parse("logs=landed-error")])
    status, body = endpoint.post()
    assert (status, body["__type"]) == (500, "ServiceUnavailableException")
    assert endpoint.recorded == [("DescribeQueries", "")]


def test_a_body_that_cannot_be_read_is_refused() -> None:
    status, body = Endpoint(_empty).post(b'{"maxResults": ')
    assert (status, body["__type"]) == (400, "SerializationException")
