"""A streamed answer, timed; whatever goes wrong with it is its answer, and is sent once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.errors import AwsCredentials, AwsDenied, AwsNotFound, AwsRejected, Refused
from mangaops.fm.single import SingleCall, request_of
from mangaops.fm.transport.bedrock import BedrockTransport
from mangaops.fm.transport.bodies import converse_body
from mangaops.model.asking import Reply, Request
from mangaops.model.settings import Environment
from support.command import UNREACHABLE, anybody
from support.event_stream import (
    CUT,
    HANG,
    START,
    STOP,
    USAGE,
    Answer,
    Server,
    frame,
    refusal,
    served,
    text,
)

ASKED = Request(
    model="jp.anthropic.claude-sonnet-4-6",
    system="You recommend manga.",
    message="Something calm?",
    max_output_tokens=50,
    metadata={"prompt_version": "v2.1", "intent": "漫画 & more"},
)
WHOLE = (START, text(""), text("Yo"), text("tsuba"), STOP, USAGE)


def single(aws: Aws, *, timeout_s: float = 0.1) -> SingleCall:
    transport = BedrockTransport(
        lambda _: aws.client("bedrock-runtime", attempts=1), clock=time.monotonic
    )
    return SingleCall(transport, region="", timeout_s=timeout_s, translated=translated)


class Desk:
    """One client for all tests: making it takes longer than they do."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._aws = Aws(Environment(region="ap-northeast-1", endpoint_url=server.address))
        self._patient, self._hasty = single(self._aws, timeout_s=60), single(self._aws)

    def reply(self, answer: Answer) -> tuple[Reply, int]:
        """The reply to one question, and how often it was sent."""
        self._server.answer = answer
        before = self._aws.calls.sent
        found = (self._hasty if HANG in answer else self._patient).ask(ASKED)
        return found, self._aws.calls.sent - before

    def close(self) -> None:
        self._aws.close()


@pytest.fixture(scope="module", autouse=True)
def _credentials() -> Iterator[None]:
    with anybody():
        yield


@pytest.fixture(scope="module")
def desk(_credentials: None) -> Iterator[Desk]:
    with served() as server:
        made = Desk(server)
        yield made
        made.close()


def test_an_answer_is_timed_from_its_first_text_to_its_last_event(desk: Desk) -> None:
    found, sent = desk.reply(WHOLE)
    assert (found.failure, found.fatal, sent) == (None, None, 1)
    assert found.first_token_ms is not None
    assert found.total_ms is not None
    assert 0 < found.first_token_ms <= found.total_ms
    assert (found.input_tokens, found.output_tokens, found.stop_reason) == (20, 7, "end_turn")
    assert found.cached_tokens is None


@pytest.mark.parametrize(
    ("answer", "failure", "began"),
    [
        (WHOLE[:5], "interrupted", True),
        ((*WHOLE[:4], USAGE), "interrupted", True),
        ((), "interrupted", False),
        ((*WHOLE[:3], CUT), "interrupted", True),
        ((*WHOLE[:3], STOP[:20]), "interrupted", True),
        ((*WHOLE[:3], HANG), "timeout", True),
        ((HANG,), "timeout", False),
        ((START, STOP[:-1] + b"?"), "ChecksumMismatch", False),
        (
            (START, frame("throttlingException", {"message": "slow"}, exception=True)),
            "ThrottlingException",
            False,
        ),
        (
            (*WHOLE[:3], frame("modelStreamErrorException", {"message": "x"}, exception=True)),
            "ModelStreamErrorException",
            True,
        ),
        (refusal("429 Too Many", "ThrottlingException"), "ThrottlingException", False),
        (refusal("408 Timeout", "ModelTimeoutException"), "ModelTimeoutException", False),
        (refusal("424 Failed", "ModelErrorException"), "ModelErrorException", False),
        (refusal("503 No", "ServiceUnavailableException"), "ServiceUnavailableException", False),
    ],
    ids=[
        "no-metadata", "no-stop", "nothing", "cut", "half-a-frame", "silence", "no-answer",
        "checksum", "throttled-in-stream", "broken-model", "throttled", "408", "424", "503",
    ],
)  # fmt: skip
def test_what_goes_wrong_is_a_failure_sent_once(
    desk: Desk, answer: Answer, failure: str, began: bool
) -> None:
    found, sent = desk.reply(answer)
    assert (found.failure, found.total_ms, found.fatal, sent) == (failure, None, None, 1)
    assert (found.first_token_ms is not None) is began


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal("403 No", "AccessDeniedException"), AwsDenied),
        (refusal("403 No", "UnrecognizedClientException"), AwsCredentials),
        (refusal("404 No", "ResourceNotFoundException"), AwsNotFound),
        (refusal("400 No", "ValidationException"), AwsRejected),
    ],
    ids=["access", "credentials", "model", "request"],
)
def test_what_every_call_would_meet_is_fatal(
    desk: Desk, answer: bytes, kind: type[Exception]
) -> None:
    found, _ = desk.reply(answer)
    assert isinstance(found.fatal, kind)
    assert found.failure


@pytest.mark.parametrize("read_only", [False, True], ids=["nobody-there", "dry-run"])
def test_nobody_there_is_a_failure_and_a_dry_run_sends_nothing(read_only: bool) -> None:
    environment = Environment(region="ap-northeast-1", endpoint_url=UNREACHABLE)
    aws = Aws(environment, read_only=read_only)
    found = single(aws).ask(ASKED)
    if read_only:
        assert isinstance(found.fatal, Refused)
        assert aws.calls.sent == 0
    else:
        assert (found.failure, found.fatal) == ("EndpointConnectionError", None)
    aws.close()


def test_the_request_names_version_and_intent_and_marks_what_is_cached() -> None:
    body = converse_body(ASKED.model, request_of(ASKED))
    assert body["system"] == [{"text": "You recommend manga."}]
    assert body["inferenceConfig"] == {"maxTokens": 50}
    assert body["requestMetadata"] == {"prompt_version": "v2.1", "intent": "-- - more"}
    cached = converse_body(ASKED.model, request_of(replace(ASKED, cached=True)))
    assert cached["system"][1] == {"cachePoint": {"type": "default"}}
