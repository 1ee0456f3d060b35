"""A status 200 whose body is not Bedrock's, or only the beginning of it, is a failed attempt."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mangaops import fm
from mangaops.fm.requests.request import Operation, Request, user
from mangaops.fm.target import Target
from mangaops.fm.transport.bedrock import BedrockTransport, clients_of
from mangaops.fm.transport.raw import Limits
from support.command import anybody
from support.model_wire import END, Line, Script, Wire, chunk, say, whole, wired

TARGET = Target(model_id="anthropic.claude-sonnet-4-6", region="ap-northeast-1")
ASKED = Request(intent="faq", messages=(user("Hours?"),), max_tokens=50)
PATIENT = Limits(first_token=60, idle=60, total=60)
ANSWER = {"output": {"message": {"role": "assistant", "content": [{"text": "At ten, " * 20}]}}}
BODY = json.dumps({**ANSWER, "stopReason": "end_turn"}).encode()
PAGE = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\n\r\n<html>hi</html>"
UNENDED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with anybody(), wired() as made:
        yield made


@pytest.fixture(scope="module")
def transport(wire: Wire) -> Iterator[BedrockTransport]:
    made = BedrockTransport(clients_of(endpoint_url=wire.address), clock=time.monotonic)
    yield made
    made.close()


def then_closed(data: bytes) -> Script:
    def script(line: Line) -> None:
        line.send(data)
        raise OSError("closed")

    return script


SCRIPTS = {
    "page": say(PAGE),
    "empty": say(whole(b"")),
    "empty-object": say(whole(b"{}")),
    "list": say(whole(b"[]")),
    "null": say(whole(b"null")),
    "other-shape": say(whole(b'{"output": "x", "content": "x", "inputTokens": null}')),
    "cut": then_closed(whole(BODY)[:-50]),
    "cut-without-a-length": then_closed(UNENDED + BODY[:-50]),
    "whole-chunk-of-half": say(
        UNENDED.replace(b"connection: close", b"transfer-encoding: chunked")
        + chunk(BODY[:-50])
        + END
    ),
}
ROUTE = {fm.FailureClass.TRANSIENT, fm.FailureClass.STREAM_CUT}


@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize("body", SCRIPTS)
def test_what_is_no_answer_of_bedrock_is_the_routes_failure(
    wire: Wire, transport: BedrockTransport, body: str, operation: Operation
) -> None:
    asked = replace(ASKED, operation=operation)
    wire.script = SCRIPTS[body]

    for send in (
        lambda: transport.call(TARGET, asked, PATIENT),
        lambda: list(transport.stream(TARGET, asked, PATIENT)),
        lambda: transport.count_tokens(TARGET, asked),
    ):
        with pytest.raises(Exception) as raised:  # noqa: PT011 - of many families
            send()
        failure = fm.classify(raised.value)
        assert failure.failure_class in ROUTE
        assert failure.counts_in_breaker
        assert failure.max_same_route_retries


@pytest.mark.parametrize(
    ("body", "code"), [("page", "unreadable"), ("whole-chunk-of-half", "interrupted")]
)
def test_a_page_is_unreadable_and_half_an_answer_was_cut(
    wire: Wire, transport: BedrockTransport, body: str, code: str
) -> None:
    wire.script = SCRIPTS[body]

    with pytest.raises(Exception) as raised:  # noqa: PT011 - of two families
        transport.call(TARGET, ASKED, PATIENT)

    assert fm.classify(raised.value).code == code
