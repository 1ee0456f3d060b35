"""Bedrock Runtime in a server of this process, so that faults can be set."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EventStreamError
from urllib3.exceptions import ProtocolError

from mangaops.sandbox.application import Application
from mangaops.sandbox.listen import Listener
from mangaops.sandbox.services import SERVICES
from mangaops.sandbox.services.bedrock import HAIKU, SONNET
from mangaops.sandbox.services.bedrock_runtime import BedrockRuntimeState, ModelFault, Where
from mangaops.sandbox.world import World

JP_SONNET, JP_HAIKU = f"jp.{SONNET}", f"jp.{HAIKU}"
ASKED = [{"role": "user", "content": [{"text": "What should I read next?"}]}]


@pytest.fixture
def world() -> World:
    world = World()
    world.state(BedrockRuntimeState).speed = 0.05
    return world


@pytest.fixture
def runtime(world: World) -> Iterator[Any]:
    listener = Listener(Application(world=world, services=SERVICES, sleep=time.sleep))
    listener.start()
    client = boto3.client(
        "bedrock-runtime",
        endpoint_url=listener.url,
        aws_access_key_id="SANDBOXACCESSKEY0001",
        aws_secret_access_key="any",
        region_name="ap-northeast-1",
        config=Config(retries={"total_max_attempts": 1}),
    )
    yield client
    client.close()
    listener.stop()


@pytest.fixture
def fail(world: World) -> Callable[..., None]:
    def add(**fault: Any) -> None:
        world.state(BedrockRuntimeState).faults.append(ModelFault(**fault))

    return add


def test_converse_and_invoke_answer(runtime: Any) -> None:
    answer = runtime.converse(modelId=JP_SONNET, messages=ASKED)
    assert answer["output"]["message"]["role"] == "assistant"
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "Hello"}],
    }
    invoked = runtime.invoke_model(modelId=JP_HAIKU, body=json.dumps(body))
    assert json.loads(invoked["body"].read())["type"] == "message"
    counted = runtime.count_tokens(modelId=HAIKU, input={"converse": {"messages": ASKED}})
    assert counted["inputTokens"] > 4


def test_a_stream_arrives_event_by_event(runtime: Any) -> None:
    stream = runtime.converse_stream(modelId=JP_SONNET, messages=ASKED)["stream"]
    kinds = [next(iter(event)) for event in stream]
    assert (kinds[0], kinds[-1]) == ("messageStart", "metadata")
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "Hello"}],
    }
    invoked = runtime.invoke_model_with_response_stream(modelId=JP_HAIKU, body=json.dumps(body))
    chunks = [json.loads(event["chunk"]["bytes"])["type"] for event in invoked["body"]]
    assert (chunks[0], chunks[-1]) == ("message_start", "message_stop")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 429),
        ("ModelTimeoutException", 408),
        ("ModelErrorException", 424),
        ("ServiceUnavailableException", 503),
    ],
)
def test_faults_reach_the_client_with_their_status(
    runtime: Any, fail: Callable[..., None], code: str, status: int
) -> None:
    fail(code=code, delay_s=0.2)
    started = time.monotonic()
    with pytest.raises(ClientError) as raised:
        runtime.converse(modelId=JP_SONNET, messages=ASKED)
    assert time.monotonic() - started >= 0.2
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_fault_in_the_stream_is_an_event_stream_error(
    runtime: Any, fail: Callable[..., None]
) -> None:
    fail(code="ModelStreamErrorException", where=Where.STREAM, after=2)
    with closing(runtime.converse_stream(modelId=JP_SONNET, messages=ASKED)["stream"]) as stream:
        events = iter(stream)
        kinds = [next(iter(next(events))) for _ in range(3)]
        with pytest.raises(EventStreamError) as raised:
            next(events)
    assert kinds == ["messageStart", "contentBlockDelta", "contentBlockDelta"]
    assert raised.value.response["Error"]["Code"] == "modelStreamErrorException"


def test_a_cut_stream_is_a_broken_connection(runtime: Any, fail: Callable[..., None]) -> None:
    fail(where=Where.CUT, after=2)
    cut = closing(runtime.converse_stream(modelId=JP_SONNET, messages=ASKED)["stream"])
    with pytest.raises((ProtocolError, ConnectionError)), cut as stream:
        list(stream)
    with pytest.raises(ConnectionClosedError):
        runtime.converse(modelId=JP_SONNET, messages=ASKED)


def test_a_truncated_stream_just_ends(runtime: Any, fail: Callable[..., None]) -> None:
    fail(where=Where.TRUNCATED, after=2)
    stream = runtime.converse_stream(modelId=JP_SONNET, messages=ASKED)["stream"]
    assert len(list(stream)) == 3


def test_a_slow_model_blocks_nobody_else(runtime: Any, world: World) -> None:
    world.state(BedrockRuntimeState).speed = 1.0
    runtime.converse(modelId=JP_SONNET, messages=ASKED)
    assert world.lock.acquire(timeout=0)
    world.lock.release()
