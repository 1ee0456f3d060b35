"""The transport of the model client against the sandbox's Bedrock Runtime."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EventStreamError

from mangaops.fm.answer import Usage
from mangaops.fm.requests.request import Operation, Request, user
from mangaops.fm.target import Target
from mangaops.fm.transport.bedrock import BedrockTransport, clients_of
from mangaops.fm.transport.raw import Ended, Limits, StreamInterrupted, TextPiece
from mangaops.sandbox.application import Application
from mangaops.sandbox.listen import Listener
from mangaops.sandbox.services import SERVICES
from mangaops.sandbox.services.bedrock import HAIKU, SONNET
from mangaops.sandbox.services.bedrock_runtime import BedrockRuntimeState, ModelFault, Where
from mangaops.sandbox.world import World

TARGET = Target(model_id=f"jp.{SONNET}", region="ap-northeast-1")
ASKED = Request(intent="faq", messages=(user("What should I read next?"),), max_tokens=500)
PATIENT = Limits(first_token=60, idle=60, total=60)
OPERATIONS = pytest.mark.parametrize("operation", list(Operation))


@pytest.fixture(scope="module")
def world() -> World:
    made = World()
    made.state(BedrockRuntimeState).speed = 0
    return made


@pytest.fixture(scope="module")
def transport(world: World) -> Iterator[BedrockTransport]:
    listener = Listener(Application(world=world, services=SERVICES, sleep=time.sleep))
    listener.start()
    session = boto3.Session(aws_access_key_id="SANDBOXACCESSKEY0001", aws_secret_access_key="any")
    made = BedrockTransport(
        clients_of(endpoint_url=listener.url, session=session), clock=time.monotonic
    )
    yield made
    made.close()
    listener.stop()


@pytest.fixture(autouse=True)
def _sound(world: World) -> Iterator[None]:
    yield
    world.state(BedrockRuntimeState).faults.clear()


def fail(world: World, **fault: Any) -> None:
    world.state(BedrockRuntimeState).faults.append(ModelFault(**fault))


@OPERATIONS
def test_a_stream_and_a_call_say_the_same(
    transport: BedrockTransport, operation: Operation
) -> None:
    asked = replace(ASKED, operation=operation)
    called = transport.call(TARGET, asked, PATIENT)
    *pieces, ended = transport.stream(TARGET, asked, PATIENT)
    assert isinstance(ended, Ended)
    said = "".join(piece.text for piece in pieces if isinstance(piece, TextPiece))
    assert len(pieces) > 5
    assert called.blocks == ended.answer.blocks == ({"text": said},)
    assert called.stop_reason == ended.answer.stop_reason == "end_turn"
    assert isinstance(called.usage, Usage)
    assert called.usage == ended.answer.usage
    assert called.request_id != ended.answer.request_id
    assert (called.http_status, called.first_token_s) == (200, None)
    assert 0 < (ended.answer.first_token_s or 0) <= ended.answer.total_s


def test_tokens_are_counted_as_the_model_counts_them(transport: BedrockTransport) -> None:
    base = replace(TARGET, model_id=HAIKU)
    counted = transport.count_tokens(base, replace(ASKED, system="Be brief."))
    assert counted > transport.count_tokens(base, ASKED) > 0


@OPERATIONS
def test_a_refusal_is_raised_before_there_is_a_stream(
    world: World, transport: BedrockTransport, operation: Operation
) -> None:
    fail(world, code="ModelTimeoutException")
    with pytest.raises(ClientError) as raised:
        transport.stream(TARGET, replace(ASKED, operation=operation), PATIENT)
    assert raised.value.response["Error"]["Code"] == "ModelTimeoutException"


@OPERATIONS
def test_an_error_within_a_stream_is_an_interruption(
    world: World, transport: BedrockTransport, operation: Operation
) -> None:
    fail(world, code="ThrottlingException", where=Where.STREAM, after=2)
    stream = transport.stream(TARGET, replace(ASKED, operation=operation), PATIENT)
    with pytest.raises(StreamInterrupted) as raised:
        list(stream)
    assert isinstance(raised.value.cause, EventStreamError)
    assert raised.value.partial.request_id == stream.request_id
    assert raised.value.partial.blocks[0]["text"]


@OPERATIONS
@pytest.mark.parametrize("where", [Where.CUT, Where.TRUNCATED])
def test_a_stream_without_its_end_is_an_interruption(
    world: World, transport: BedrockTransport, operation: Operation, where: Where
) -> None:
    fail(world, where=where, after=2)
    with pytest.raises(StreamInterrupted) as raised:
        list(transport.stream(TARGET, replace(ASKED, operation=operation), PATIENT))
    assert (raised.value.cause is None) is (where is Where.TRUNCATED)
    assert raised.value.timed_out is None


def test_a_cut_call_is_a_closed_connection(world: World, transport: BedrockTransport) -> None:
    fail(world, where=Where.CUT)
    with pytest.raises(ConnectionClosedError):
        transport.call(TARGET, ASKED, PATIENT)
