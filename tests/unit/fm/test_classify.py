"""Every error that a call to a model can meet, in both spellings, and any other."""

from __future__ import annotations

import asyncio
import concurrent.futures
import errno
import http.client
import socket
import ssl
from datetime import UTC, datetime
from typing import Any

import botocore.eventstream as frames
import botocore.exceptions as boto
import botocore.parsers
import pytest
import urllib3.exceptions as url
from botocore.exceptions import ClientError, EventStreamError
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops.fm.classifying import classify
from mangaops.fm.failure import AS_CONFIGURED, RULES, Failure, FailureClass
from mangaops.fm.transport.raw import RawAnswer, StreamInterrupted

SECRET = "the customer's own words"
NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def refused(
    code: str,
    status: int | None = None,
    message: str = SECRET,
    headers: dict[str, str] | None = None,
    *,
    in_stream: bool = False,
) -> ClientError:
    metadata: dict[str, Any] = {"HTTPHeaders": headers or {}, "RequestId": "6f1c-01"}
    if status is not None:
        metadata["HTTPStatusCode"] = status
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    if in_stream:
        del response["ResponseMetadata"]
        return EventStreamError(response, "ConverseStream")
    return ClientError(response, "Converse")


def raw(*texts: str) -> RawAnswer:
    return RawAnswer(
        blocks=tuple({"text": text} for text in texts),
        stop_reason=None,
        usage=None,
        request_id=None,
        http_status=200,
        first_token_s=None,
        total_s=1.0,
    )


C = FailureClass
ROWS = [
    ("ThrottlingException", 429, C.THROTTLE, AS_CONFIGURED),
    ("ModelNotReadyException", 429, C.NOT_READY, AS_CONFIGURED),
    ("ServiceUnavailableException", 503, C.TRANSIENT, AS_CONFIGURED),
    ("InternalServerException", 500, C.TRANSIENT, AS_CONFIGURED),
    ("ModelTimeoutException", 408, C.MODEL_TIMEOUT, 1),
    ("ModelErrorException", 424, C.TRANSIENT, 1),
    ("ModelStreamErrorException", 424, C.STREAM_CUT, AS_CONFIGURED),
    ("ValidationException", 400, C.REQUEST_BAD, 0),
    ("ServiceQuotaExceededException", 400, C.QUOTA, 0),
    ("AccessDeniedException", 403, C.CONFIG, 0),
    ("ResourceNotFoundException", 404, C.CONFIG, 0),
    ("ConflictException", 400, C.REQUEST_BAD, 0),
    ("TooManyRequestsException", 429, C.THROTTLE, AS_CONFIGURED),
    ("TooManyRequestsForThisModel", 429, C.THROTTLE, AS_CONFIGURED),
    ("UnrecognizedClientException", 403, C.CONFIG, 0),
    ("ExpiredTokenException", 403, C.CONFIG, 1),
]


@pytest.mark.parametrize(("code", "status", "expected", "retries"), ROWS)
def test_a_code_is_known_in_a_response_and_in_a_stream(
    code: str, status: int, expected: FailureClass, retries: int
) -> None:
    told = classify(refused(code, status))
    assert (told.failure_class, told.code, told.http_status) == (expected, code, status)
    assert told.max_same_route_retries == retries
    assert told.counts_in_breaker == RULES[expected].counts_in_breaker
    assert told.request_id == "6f1c-01"

    lower_camel = code[0].lower() + code[1:]
    streamed = classify(refused(lower_camel, in_stream=True))
    assert (streamed.failure_class, streamed.code) == (expected, code)
    assert (streamed.http_status, streamed.request_id) == (None, None)
    assert streamed.max_same_route_retries == retries


def test_the_code_decides_before_the_status() -> None:
    """botocore's own table has ModelTimeoutException as a 400, as did the seed."""
    assert classify(refused("ModelTimeoutException", 400)).failure_class is C.MODEL_TIMEOUT
    assert classify(refused("com.amazonaws#throttlingException:", 400)).code == (
        "ThrottlingException"
    )


@pytest.mark.parametrize(
    ("status", "expected", "retries"),
    [
        (429, C.THROTTLE, AS_CONFIGURED),
        (500, C.TRANSIENT, AS_CONFIGURED),
        (502, C.TRANSIENT, AS_CONFIGURED),
        (503, C.TRANSIENT, AS_CONFIGURED),
        (504, C.TRANSIENT, AS_CONFIGURED),
        (529, C.TRANSIENT, AS_CONFIGURED),
        (424, C.TRANSIENT, 1),
        (408, C.MODEL_TIMEOUT, 1),
        (400, C.REQUEST_BAD, 0),
        (413, C.REQUEST_BAD, 0),
        (401, C.CONFIG, 0),
        (403, C.CONFIG, 0),
        (404, C.CONFIG, 0),
        (301, C.CONFIG, 0),
    ],
)
@pytest.mark.parametrize("code", ["", "{status}", "ANewException"])
def test_a_status_is_enough(status: int, expected: FailureClass, retries: int, code: str) -> None:
    """Without a body botocore gives the status as the code."""
    told = classify(refused(code.format(status=status), status, ""))
    assert (told.failure_class, told.max_same_route_retries) == (expected, retries)
    assert told.code == ("ANewException" if code == "ANewException" else f"HTTP {status}")


TRANSPORT: list[tuple[BaseException, FailureClass, str]] = [
    (boto.ReadTimeoutError(endpoint_url=SECRET), C.CLIENT_TIMEOUT, "timeout"),
    (url.ReadTimeoutError(None, SECRET, SECRET), C.CLIENT_TIMEOUT, "timeout"),
    (TimeoutError(SECRET), C.CLIENT_TIMEOUT, "timeout"),
    (boto.ConnectTimeoutError(endpoint_url=SECRET), C.TRANSIENT, "unreachable"),
    (url.ConnectTimeoutError(SECRET), C.TRANSIENT, "unreachable"),
    (boto.EndpointConnectionError(endpoint_url=SECRET), C.TRANSIENT, "unreachable"),
    (boto.ConnectionClosedError(endpoint_url=SECRET), C.TRANSIENT, "connection"),
    (boto.ProxyConnectionError(proxy_url=SECRET), C.TRANSIENT, "unreachable"),
    (boto.SSLError(endpoint_url=SECRET, error=SECRET), C.TRANSIENT, "tls"),
    (boto.HTTPClientError(error=SECRET), C.TRANSIENT, "connection"),
    (ConnectionResetError(errno.ECONNRESET, SECRET), C.TRANSIENT, "connection"),
    (ConnectionRefusedError(SECRET), C.TRANSIENT, "unreachable"),
    (BrokenPipeError(SECRET), C.TRANSIENT, "connection"),
    (http.client.RemoteDisconnected(SECRET), C.TRANSIENT, "connection"),
    (socket.gaierror(8, SECRET), C.TRANSIENT, "unreachable"),
    (OSError(errno.EHOSTUNREACH, SECRET), C.TRANSIENT, "unreachable"),
    (ssl.SSLError(1, SECRET), C.TRANSIENT, "tls"),
    (botocore.parsers.ResponseParserError(SECRET), C.TRANSIENT, "unreadable"),
    (url.ProtocolError(SECRET, ConnectionResetError()), C.STREAM_CUT, "interrupted"),
    (url.IncompleteRead(3, 7), C.STREAM_CUT, "interrupted"),
    (http.client.IncompleteRead(SECRET.encode()), C.STREAM_CUT, "interrupted"),
    (boto.ResponseStreamingError(error=SECRET), C.STREAM_CUT, "interrupted"),
    (boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), C.STREAM_CUT, "interrupted"),
    (frames.ChecksumMismatch(1, 2), C.STREAM_CUT, "damaged"),
    (frames.DuplicateHeader(SECRET), C.STREAM_CUT, "damaged"),
    (frames.InvalidHeadersLength(9), C.STREAM_CUT, "damaged"),
    (frames.InvalidPayloadLength(9), C.STREAM_CUT, "damaged"),
    (frames.NoInitialResponseError(), C.STREAM_CUT, "damaged"),
    (boto.NoCredentialsError(), C.CONFIG, "credentials"),
    (boto.PartialCredentialsError(provider=SECRET, cred_var=SECRET), C.CONFIG, "credentials"),
    (boto.CredentialRetrievalError(provider=SECRET, error_msg=SECRET), C.CONFIG, "credentials"),
    (boto.UnauthorizedSSOTokenError(), C.CONFIG, "credentials"),
    (boto.ProfileNotFound(profile=SECRET), C.CONFIG, "credentials"),
    (boto.NoRegionError(), C.CONFIG, "settings"),
    (boto.InvalidRegionError(region_name=SECRET), C.CONFIG, "settings"),
    (boto.ParamValidationError(report=SECRET), C.REQUEST_BAD, "parameters"),
    (asyncio.CancelledError(SECRET), C.CANCELLED, "cancelled"),
    (concurrent.futures.CancelledError(SECRET), C.CANCELLED, "cancelled"),
    (GeneratorExit(), C.CANCELLED, "cancelled"),
    (KeyboardInterrupt(), C.CANCELLED, "cancelled"),
    (SystemExit(SECRET), C.CANCELLED, "cancelled"),
    (KeyError(SECRET), C.BUG, "bug"),
    (FileNotFoundError(errno.ENOENT, SECRET), C.BUG, "bug"),
    (AttributeError(SECRET), C.BUG, "bug"),
    (boto.StubAssertionError(operation_name=SECRET, reason=SECRET), C.BUG, "bug"),
]


@pytest.mark.parametrize(
    ("error", "expected", "code"), TRANSPORT, ids=[type(row[0]).__name__ for row in TRANSPORT]
)
def test_what_never_reached_a_server_is_told_by_its_family(
    error: BaseException, expected: FailureClass, code: str
) -> None:
    told = classify(error)
    assert (told.failure_class, told.code, told.http_status) == (expected, code, None)
    assert told.max_same_route_retries == RULES[expected].max_same_route_retries
    assert told.detail.startswith(f"{type(error).__name__}: ")
    assert SECRET not in repr(told)


def test_an_unknown_error_within_a_stream_is_a_broken_stream() -> None:
    told = classify(refused("someNewException", in_stream=True))
    assert (told.failure_class, told.code) == (C.STREAM_CUT, "interrupted")


@pytest.mark.parametrize("clock", ["first token", "idle", "total"])
def test_a_stream_that_we_stopped_waiting_for_is_not_asked_again(clock: str) -> None:
    told = classify(StreamInterrupted(url.ProtocolError(SECRET), raw(), timed_out=clock))
    assert (told.failure_class, told.code) == (C.CLIENT_TIMEOUT, "timeout")
    assert told.max_same_route_retries == 0
    assert clock in told.detail


@pytest.mark.parametrize(
    ("cause", "expected", "code"),
    [
        (None, C.STREAM_CUT, "no_stop_event"),
        (url.ProtocolError(SECRET), C.STREAM_CUT, "interrupted"),
        (frames.ChecksumMismatch(1, 2), C.STREAM_CUT, "damaged"),
        (ConnectionResetError(SECRET), C.STREAM_CUT, "interrupted"),
        (UnicodeDecodeError("utf-8", b"\xe3", 0, 1, SECRET), C.STREAM_CUT, "interrupted"),
        (url.ReadTimeoutError(None, SECRET, SECRET), C.CLIENT_TIMEOUT, "timeout"),
        (refused("throttlingException", in_stream=True), C.THROTTLE, "ThrottlingException"),
        (
            refused("internalServerException", in_stream=True),
            C.TRANSIENT,
            "InternalServerException",
        ),
        (KeyError(SECRET), C.BUG, "bug"),
        (GeneratorExit(), C.CANCELLED, "cancelled"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_an_interruption_is_of_its_cause_and_is_repeated_only_before_any_text(
    cause: BaseException | None, expected: FailureClass, code: str
) -> None:
    before = classify(StreamInterrupted(cause, raw()))
    after = classify(StreamInterrupted(cause, raw("Yes, we")))
    assert (before.failure_class, before.code) == (expected, code)
    assert (after.failure_class, after.code) == (expected, code)
    assert after.max_same_route_retries == 0
    if expected is C.STREAM_CUT:
        assert before.max_same_route_retries == AS_CONFIGURED
    assert SECRET not in repr(before)


def test_an_interruption_that_causes_itself_is_one() -> None:
    looped = StreamInterrupted(None, raw("text"))
    looped.cause = looped
    assert classify(looped).failure_class is C.STREAM_CUT
    inner = StreamInterrupted(TimeoutError(), raw())
    assert classify(StreamInterrupted(inner, raw())).failure_class is C.CLIENT_TIMEOUT


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("AccessDeniedException", "x MPAgreementBeingCreated y", "15 minutes"),
        ("ResourceNotFoundException", "FTUFormNotFilled", "use-case form"),
        (
            "ValidationException",
            "Invocation of model ID anthropic.x with on-demand throughput isn't supported.",
            "inference profile",
        ),
        ("ThrottlingException", "Too many tokens, please wait before trying again.", "max_tokens"),
        ("AccessDeniedException", "explicit deny in a service control policy", "control policy"),
    ],
)
def test_what_an_operator_can_do_is_said_in_our_words(code: str, message: str, told: str) -> None:
    failure = classify(refused(code, 400, f"{message} {SECRET}"))
    assert told in failure.detail
    assert SECRET not in repr(failure)


@pytest.mark.parametrize(
    "message",
    [
        "Input is too long for requested model.",
        "prompt is too long: 250000 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 199000 + 4096 > 200000",
    ],
)
def test_a_question_that_is_too_long_may_fit_another_model(message: str) -> None:
    told = classify(refused("ValidationException", 400, message))
    assert (told.failure_class, told.context_overflow) == (C.REQUEST_BAD, True)
    assert told.another_model_may_work
    other = classify(refused("ValidationException", 400))
    assert not other.context_overflow
    assert not other.another_model_may_work


def test_another_model_is_no_help_against_a_missing_permission() -> None:
    assert not classify(refused("AccessDeniedException", 403)).another_model_may_work
    assert not classify(boto.NoCredentialsError()).another_model_may_work
    assert classify(refused("ResourceNotFoundException", 404)).another_model_may_work
    assert classify(refused("ThrottlingException", 429)).another_model_may_work
    assert not Failure.of(C.BLOCKED, "guardrail_intervened").another_model_may_work


def test_the_server_s_hint_comes_along() -> None:
    headers = {"retry-after": "Wed, 01 Jul 2026 12:00:20 GMT"}
    assert classify(refused("ThrottlingException", 429, headers=headers)).retry_after is None
    assert classify(
        refused("ThrottlingException", 429, headers=headers), now=NOW
    ).retry_after == pytest.approx(20)
    headers["Date"] = "Wed, 01 Jul 2026 12:00:13 GMT"
    assert classify(
        refused("ThrottlingException", 429, headers=headers), now=NOW
    ).retry_after == pytest.approx(7)
    soon = refused("ThrottlingException", 429, headers={"X-Amz-Retry-After": "1500"})
    assert classify(soon).retry_after == pytest.approx(1.5)


def test_every_class_has_a_rule_and_a_word_in_the_log() -> None:
    assert set(RULES) == set(FailureClass)
    counting = {kind for kind, rule in RULES.items() if rule.counts_in_breaker}
    assert counting == {
        C.THROTTLE,
        C.NOT_READY,
        C.TRANSIENT,
        C.CLIENT_TIMEOUT,
        C.MODEL_TIMEOUT,
        C.STREAM_CUT,
    }


KEYS = ("Error", "ResponseMetadata", "Code", "Message", "HTTPStatusCode", "HTTPHeaders")
KEYS += ("retry-after", "date", "x-amz-retry-after", "RequestId")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


class Hostile(Exception):
    """Raises whatever is asked of it."""

    @property
    def response(self) -> object:
        raise RuntimeError

    def __str__(self) -> str:
        raise RuntimeError

    def __repr__(self) -> str:
        raise RuntimeError

    def __getattr__(self, name: str) -> object:
        raise RuntimeError


def test_an_exception_that_answers_nothing_is_a_bug_all_the_same() -> None:
    assert classify(Hostile()).failure_class is C.BUG
    assert classify(StreamInterrupted(Hostile(), raw())).failure_class is C.BUG
    assert classify(BaseExceptionGroup("both", [KeyboardInterrupt()])).failure_class is C.BUG


@settings(max_examples=60, deadline=None)
@given(response=JUNK, partial=JUNK, timed_out=JUNK)
def test_any_exception_gives_a_failure(response: Any, partial: Any, timed_out: Any) -> None:
    error = ClientError({}, "Converse")
    error.response = response
    words = StreamInterrupted(error, partial, timed_out=timed_out)
    for one in (error, words, StreamInterrupted(words, raw())):
        told = classify(one, now=NOW)
        assert isinstance(told.failure_class, FailureClass)
        assert told.code
        assert told.retry_after is None or 0 < told.retry_after <= 86_400


@settings(max_examples=60, deadline=None)
@given(name=st.text(max_size=20), message=st.text(min_size=1, max_size=30))
def test_no_word_of_a_message_is_repeated(name: str, message: str) -> None:
    kind: type[Exception] = type(name.replace("\0", "") or "E", (Exception,), {})
    marked = f"<<{message}>>"
    assert marked not in repr(classify(kind(marked)))
    assert marked not in repr(classify(refused("ValidationException", 400, marked)))
    assert marked not in repr(classify(refused(marked, 400, marked)))
