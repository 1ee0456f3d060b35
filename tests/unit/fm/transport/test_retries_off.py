"""Each call is sent once, whatever the environment or the one who made the client wanted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from mangaops.fm.requests.request import Operation, Request, user
from mangaops.fm.target import Target
from mangaops.fm.transport.bedrock import BedrockTransport, clients_of
from mangaops.fm.transport.clients import refuse_retries
from mangaops.fm.transport.connections import hold
from mangaops.fm.transport.raw import Limits
from support.command import anybody
from support.model_wire import Line, Wire, say, whole, wired

TARGET = Target(model_id="jp.anthropic.claude-sonnet-4-6", region="ap-northeast-1")
ASKED = Request(intent="faq", messages=(user("Hours?"),), max_tokens=50)
PATIENT = Limits(first_token=60, idle=60, total=60)
ENVIRONMENTS = [
    {},
    {"AWS_RETRY_MODE": "legacy", "AWS_MAX_ATTEMPTS": "5"},
    {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "4"},
    {"AWS_RETRY_MODE": "adaptive", "AWS_MAX_ATTEMPTS": "3", "AWS_NEW_RETRIES_2026": "true"},
]


@pytest.fixture(scope="module", autouse=True)
def _credentials() -> Iterator[None]:
    with anybody():
        yield


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with wired() as made:
        yield made


def hang_up(line: Line) -> None:
    raise OSError(line)


def client_with(retries: Any) -> Any:
    config = Config(retries=retries)
    return boto3.client("bedrock-runtime", region_name=TARGET.region, config=config)


@pytest.mark.parametrize(
    "environment", ENVIRONMENTS, ids=["nothing-set", "legacy", "standard", "adaptive"]
)
def test_a_refused_call_reaches_the_model_once(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    transport = BedrockTransport(clients_of(endpoint_url=wire.address), clock=time.monotonic)
    for status, code in [
        ("503 No", "ServiceUnavailableException"),
        ("429 No", "ThrottlingException"),
    ]:
        wire.script = say(whole(b'{"message": "no"}', status, f"x-amzn-errortype: {code}"))
        for send in (transport.call, transport.stream):
            before = wire.requests
            with pytest.raises(ClientError) as raised:
                send(TARGET, ASKED, PATIENT)
            assert raised.value.response["Error"]["Code"] == code
            assert wire.requests - before == 1
    wire.script = hang_up
    before = wire.requests
    with pytest.raises(ConnectionClosedError):
        transport.call(TARGET, replace(ASKED, operation=Operation.INVOKE_MODEL), PATIENT)
    assert wire.requests - before == 1
    transport.close()


@pytest.mark.parametrize(
    "retries",
    [None, {"mode": "standard"}, {"max_attempts": 1}, {"total_max_attempts": 2}],
    ids=["default", "standard", "one-more", "two"],
)
def test_a_client_that_retries_is_refused(retries: Any) -> None:
    client = client_with(retries)
    transport = BedrockTransport(lambda _: client, clock=time.monotonic)
    with pytest.raises(ValueError, match="total_max_attempts"):
        transport.call(TARGET, ASKED, PATIENT)


@pytest.mark.parametrize(
    "retries",
    [{"max_attempts": 0, "mode": "legacy"}, {"total_max_attempts": 1, "mode": "adaptive"}],
    ids=["legacy", "adaptive"],
)
def test_a_client_that_sends_once_is_taken_in_any_mode(retries: Any) -> None:
    refuse_retries(client_with(retries))


def test_a_region_has_one_client_however_many_ask_for_it_at_once() -> None:
    made: list[str] = []
    clients_by_region = clients_of(endpoint_url="http://127.0.0.1:9")

    def counted(region: str) -> Any:
        made.append(region)
        return clients_by_region(region)

    transport = BedrockTransport(counted, clock=time.monotonic)
    assert made == []
    together = Barrier(6)

    def prepare(number: int) -> None:
        together.wait(20)
        transport.prepare(("ap-northeast-1", "us-west-2")[number % 2])

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(prepare, range(6)))
    assert sorted(made) == ["ap-northeast-1", "us-west-2"]
    transport.close()


def test_what_keeps_its_connections_elsewhere_is_refused() -> None:
    with pytest.raises(TypeError, match="install one of these"):
        hold(object())


def test_holding_a_client_again_keeps_its_connections() -> None:
    client = clients_of(endpoint_url="http://127.0.0.1:9")("ap-northeast-1")
    hold(client)
    pools = client._endpoint.http_session._manager.pools
    pools["kept"] = "a pool"
    hold(client)
    assert "kept" in pools
    pools.clear()
    client.close()
