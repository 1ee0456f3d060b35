"""The records of a call: their fields, and that the sandbox writes the same ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from random import Random
from typing import Any

import pytest

from mangaops.fm import Failure, FailureClass, Mode, Usage
from mangaops.fm.answers.repaired import Repaired, RepairState
from mangaops.fm.records.attempt import AttemptRecord
from mangaops.fm.records.call import CallRecord
from mangaops.fm.records.fields import FIELDS
from mangaops.fm.records.metrics import Metrics, Record
from mangaops.fm.records.sink import JsonLines
from mangaops.fm.records.status import Status, status_of
from mangaops.fm.records.stream import StreamEndRecord
from mangaops.fm.records.transition import TransitionRecord
from mangaops.sandbox.telemetry.log_calls import breakers_of, calls_of
from mangaops.sandbox.telemetry.log_mix import CallErrors, Calls, LogMix

AT = datetime(2026, 11, 21, 20, 15, 30, 123456, tzinfo=UTC)
WHO = {
    "at": AT,
    "correlation_id": "c-1",
    "session_hash": "0123456789abcdef",
    "intent": "comparison",
    "model": "sonnet",
    "model_id": "jp.anthropic.claude-sonnet-4-6",
    "region": "ap-northeast-1",
}
USAGE = Usage(input=100, output=40, cache_read=900, cache_write=10)

CALL_FIELDS = {
    "log_type",
    "correlation_id",
    "session_hash",
    "intent",
    "model",
    "model_id",
    "status",
    "error_code",
    "latency_ms",
    "time_to_first_token_ms",
    "input_tokens",
    "output_tokens",
    "max_output_tokens",
    "retry_count",
    "attempts",
    "stop_reason",
    "mode",
    "prompt_version",
    "response_valid_json",
    "repair",
}
ATTEMPT_FIELDS = {
    "log_type",
    "correlation_id",
    "attempt",
    "status",
    "error_code",
    "http_status",
    "latency_ms",
    "aws_request_id",
}
TRANSITION_FIELDS = {"log_type", "from", "to", "reason", "model_id"}
BY_TYPE = {
    "bedrock_call": CALL_FIELDS,
    "bedrock_attempt": ATTEMPT_FIELDS,
    "breaker_transition": TRANSITION_FIELDS,
}
"""What runbooks and saved queries read."""


def call(**more: Any) -> CallRecord:
    fields: dict[str, Any] = {
        **WHO,
        "status": Status.SUCCESS,
        "latency_s": 1.23456,
        "attempts": 2,
        "retry_count": 1,
        "mode": Mode.REPAIRED,
        "model_requested": "jp.anthropic.claude-sonnet-4-6",
        "first_token_s": 0.5,
        "usage": USAGE,
        "spent": Usage(input=1100, output=60),
        "max_output_tokens": 900,
        "retry_wait_s": 0.25,
        "deadline_left_s": 3.0,
        "stop_reason": "end_turn",
        "descended_because": ("it was throttled",),
        "prompt_version": "v2.0",
        "repair": Repaired(
            state=RepairState.REPAIRED, repairs=("trailing comma at /a",), dropped=("/b", "/c")
        ),
        "breaker": "closed",
        "streamed": True,
        "messages_dropped": 2,
        "issues": ("unsupported_parameter",),
    }
    return CallRecord(**{**fields, **more})


def attempt(**more: Any) -> AttemptRecord:
    return AttemptRecord(**{**WHO, "attempt": 1, "latency_s": 0.06, **more})


FAILURE = Failure(
    failure_class=FailureClass.THROTTLE,
    code="ThrottlingException",
    http_status=429,
    retry_after=2.0,
    detail="too many tokens a minute",
)
TRANSITION = TransitionRecord(
    at=AT,
    before="closed",
    after="open",
    reason="failure rate",
    model="sonnet",
    model_id="jp.anthropic.claude-sonnet-4-6",
    region="ap-northeast-1",
    operation="converse",
    calls=40,
    failure_rate=0.512345,
    throttle_rate=0.0,
    slow_rate=None,
    open_for_s=30.4,
)
STREAM = StreamEndRecord(
    **WHO,
    status=Status.INTERRUPTED,
    latency_s=3.5,
    chunks=12,
    characters=340,
    mode=Mode.PRIMARY,
    first_token_s=0.4,
    longest_gap_s=2.0,
    reason="idle",
)
ALL: tuple[Record, ...] = (
    call(),
    call(status=Status.THROTTLED, error_code="ThrottlingException", usage=None, input_estimate=90),
    attempt(),
    attempt(failure=FAILURE),
    TRANSITION,
    STREAM,
)


def test_a_call_that_was_retried_and_repaired() -> None:
    assert call().document() == {
        "log_type": "bedrock_call",
        "timestamp": "2026-11-21T20:15:30.123Z",
        "correlation_id": "c-1",
        "session_hash": "0123456789abcdef",
        "intent": "comparison",
        "model": "sonnet",
        "model_id": "jp.anthropic.claude-sonnet-4-6",
        "model_requested": "jp.anthropic.claude-sonnet-4-6",
        "region": "ap-northeast-1",
        "status": "success",
        "latency_ms": 1234.6,
        "time_to_first_token_ms": 500.0,
        "input_tokens": 1010,
        "output_tokens": 40,
        "cache_read_tokens": 900,
        "cache_write_tokens": 10,
        "max_output_tokens": 900,
        "spent_input_tokens": 1100,
        "spent_output_tokens": 60,
        "retry_count": 1,
        "attempts": 2,
        "retry_wait_ms": 250.0,
        "deadline_left_ms": 3000.0,
        "stop_reason": "end_turn",
        "mode": 2,
        "descended_because": ["it was throttled"],
        "prompt_version": "v2.0",
        "breaker": "closed",
        "streamed": True,
        "messages_dropped": 2,
        "issues": ["unsupported_parameter"],
        "response_valid_json": True,
        "repair": "repaired",
        "repair_operations": 1,
        "repair_dropped": 2,
    }


def test_what_is_not_known_is_left_out() -> None:
    bare = CallRecord(
        at=AT,
        correlation_id="c-1",
        intent="faq",
        model="haiku",
        model_id="m",
        status=Status.CIRCUIT_OPEN,
        latency_s=0.0,
        attempts=0,
        retry_count=0,
        mode=Mode.TEMPLATE,
    )
    assert bare.document().keys() == {
        "log_type",
        "timestamp",
        "correlation_id",
        "intent",
        "model",
        "model_id",
        "status",
        "latency_ms",
        "retry_count",
        "attempts",
        "mode",
    }
    assert bare.document()["retry_count"] == 0


def test_an_estimate_of_tokens_says_that_it_is_one() -> None:
    document = call(usage=None, input_estimate=812).document()
    assert (document["input_tokens"], document["input_tokens_estimated"]) == (812, True)
    assert "output_tokens" not in document


@pytest.mark.parametrize(
    ("state", "valid"),
    [
        (RepairState.VALID, True),
        (RepairState.REPAIRED, True),
        (RepairState.TRUNCATED, False),
        (RepairState.UNREPAIRABLE, False),
    ],
)
def test_valid_json_is_what_may_be_acted_on(state: RepairState, valid: bool) -> None:
    document = call(repair=Repaired(state=state)).document()
    assert (document["response_valid_json"], document["repair"]) == (valid, state.value)
    assert "repair" not in call(repair=None).document()


def test_an_attempt_that_failed_says_what_it_reserved_and_was_told() -> None:
    document = attempt(
        failure=FAILURE, max_output_tokens=900, input_estimate=600, attempt=2
    ).document()
    assert document["status"] == "throttled"
    assert document["error_code"] == "ThrottlingException"
    assert document["failure_class"] == "throttle"
    assert (document["http_status"], document["retry_after_ms"]) == (429, 2000.0)
    assert (document["attempt"], document["max_output_tokens"]) == (2, 900)
    assert (document["input_tokens"], document["reserved_tokens"]) == (600, 1500)


def test_what_was_read_from_the_cache_is_not_reserved() -> None:
    document = attempt(usage=USAGE, max_output_tokens=900).document()
    assert (document["input_tokens"], document["reserved_tokens"]) == (1010, 1010)
    assert "reserved_tokens" not in attempt(usage=USAGE).document()


def test_a_transition_says_why_and_for_how_long() -> None:
    document = TRANSITION.document()
    assert (document["from"], document["to"]) == ("closed", "open")
    assert (document["failure_rate"], document["open_for_ms"]) == (0.5123, 30_400.0)
    assert document["throttle_rate"] == 0
    assert "slow_rate" not in document


def test_a_stream_says_how_it_ended() -> None:
    document = STREAM.document()
    assert (document["status"], document["reason"]) == ("interrupted", "idle")
    assert (document["chunks"], document["max_gap_ms"]) == (12, 2000.0)


def test_no_infinite_time_gets_into_a_record() -> None:
    endless = call(deadline_left_s=float("inf")).document()
    assert "deadline_left_ms" not in endless


def test_an_instant_is_utc_wherever_the_clock_is() -> None:
    tokyo = AT.astimezone(timezone(timedelta(hours=9)))
    assert call(at=tokyo).document()["timestamp"] == "2026-11-21T20:15:30.123Z"


@pytest.mark.parametrize("failure_class", FailureClass)
def test_each_class_of_failure_has_a_word_of_the_log(failure_class: FailureClass) -> None:
    expected = {
        FailureClass.THROTTLE: "throttled",
        FailureClass.CLIENT_TIMEOUT: "timeout",
        FailureClass.MODEL_TIMEOUT: "timeout",
        FailureClass.STREAM_CUT: "interrupted",
        FailureClass.REQUEST_BAD: "validation_error",
        FailureClass.BLOCKED: "blocked",
        FailureClass.CANCELLED: "cancelled",
    }
    assert status_of(failure_class).value == expected.get(failure_class, "error")


def test_the_log_keeps_that_an_attempt_was_not_sent() -> None:
    stream = StringIO()
    JsonLines(stream)(Metrics().document(attempt(failure=FAILURE, sent=False)))
    assert json.loads(stream.getvalue())["sent"] is False


@pytest.mark.parametrize("record", ALL, ids=lambda one: type(one).__name__)
def test_each_record_is_json_and_has_only_its_fields(record: Record) -> None:
    document = Metrics().document(record)
    assert document.keys() <= FIELDS[document["log_type"]]
    assert json.loads(json.dumps(document, allow_nan=False)) == document


@pytest.mark.parametrize("log_type", BY_TYPE)
def test_the_client_and_the_sandbox_both_write_what_is_read(log_type: str) -> None:
    records = [*ALL, call(error_code="X", status=Status.ERROR)]
    of_client: set[str] = set()
    for document in (one.document() for one in records):
        of_client |= document.keys() if document["log_type"] == log_type else set()
    of_sandbox: set[str] = set()
    for document in _sandboxes():
        of_sandbox |= document.keys() if document["log_type"] == log_type else set()

    assert of_client >= BY_TYPE[log_type] - {"aws_request_id"}
    assert of_sandbox >= BY_TYPE[log_type]
    assert of_sandbox <= FIELDS[log_type]


@pytest.mark.parametrize("log_type", BY_TYPE)
def test_a_field_has_one_type_whoever_writes_it(log_type: str) -> None:
    def types(documents: list[dict[str, Any]]) -> dict[str, type]:
        return {
            name: float if type(value) is int else type(value)
            for document in documents
            if document["log_type"] == log_type
            for name, value in document.items()
        }

    client, sandbox = types([one.document() for one in ALL]), types(_sandboxes())
    both = client.keys() & sandbox.keys()
    assert {name: client[name] for name in both} == {name: sandbox[name] for name in both}


def test_the_sandboxes_parallel_tasks_may_be_written_as_well() -> None:
    documents = _sandboxes()
    assert {"bedrock_call", "parallel_task"} <= {document["log_type"] for document in documents}
    for document in documents:
        assert document.keys() <= FIELDS[document["log_type"]]


def _sandboxes() -> list[dict[str, Any]]:
    errors = (
        CallErrors(share=0.2, status="throttled", code="ThrottlingException", message="slow down"),
        CallErrors(share=0.1, status="error", code="InternalServerException"),
    )
    calls = Calls(errors=errors, repaired=0.3, invalid=0.1, retried=0.2, breaker=("sonnet",))
    mix, random = LogMix(calls=calls), Random(7)  # noqa: S311 - not for secrets
    found = [dict(one) for _ in range(8) for _, _, one in calls_of(mix, random)]
    return found + [dict(one) for since in (1, 6) for _, _, one in breakers_of(mix, since)]
