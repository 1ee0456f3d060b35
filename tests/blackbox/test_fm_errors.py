"""fm-errors: when calls fail too often, and the class that most of them fail by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blackbox.cases import Answers, Case, check
from blackbox.model_calls import LOG, call, case, counted
from blackbox.seeding import Log, Sandbox

THROTTLED = "throttling-cascade confirmed"
EXCEPTION = "ThrottlingException"
GOOD = call(95)

TRIGGER = [
    case("exactly 5 % fail", "healthy", [GOOD, call(5, "throttled", EXCEPTION)]),
    case("more than 5 % fail", THROTTLED, [call(94), call(5, "throttled", EXCEPTION)]),
    case(
        "blocked and cancelled calls did not fail",
        "healthy",
        [GOOD, call(20, "blocked"), call(20, "cancelled"), call(5, "throttled", EXCEPTION)],
    ),
    case(
        "repaired answers, and nothing fails",
        "healthy",
        [call(40, repair="repaired"), call(30, response_valid_json=False), call(30)],
    ),
    case(
        "failed three minutes ago",
        "healthy",
        [GOOD, call(90, "throttled", EXCEPTION, ago_s=190)],
    ),
    case(
        "exactly 2 % throttled by Bedrock's count",
        "healthy",
        [GOOD],
        metrics=counted(invocations=98.0, throttles=2.0),
    ),
    case(
        "more than 2 % throttled, and retries hide it",
        THROTTLED,
        [GOOD],
        metrics=counted(invocations=97.9, throttles=2.0),
    ),
    case(
        "throttled until six minutes ago",
        "healthy",
        [GOOD],
        metrics=counted(throttles=lambda age: 0.0 if age < 5 else 30.0),
    ),
    case(
        "no throttles are published, nothing fails",
        "inconclusive",
        [GOOD],
        metrics=counted(throttles=None),
        missing=("throttles",),
        at="trigger",
    ),
    case(
        "no throttles are published, calls fail",
        THROTTLED,
        [call(90), call(10, "throttled", EXCEPTION)],
        metrics=counted(throttles=None),
    ),
    case("no calls at all", "inconclusive", [], missing=("latest_calls",), at="trigger"),
    case(
        "no calls are logged, Bedrock throttles",
        "inconclusive",
        [],
        metrics=counted(throttles=7.0),
        missing=("calls",),
        at="dominant-error",
    ),
    case(
        "events that are not JSON",
        "inconclusive",
        [Log(LOG, 'ERROR {"log_type": "bedrock_call", "status": "error"}', times=60)],
        missing=("latest_calls",),
        at="trigger",
    ),
]


def failing(times: int, status: str, code: str | None, **told: object) -> list[Log]:
    return [call(60), call(20, model="haiku", intent="faq"), call(times, status, code, **told)]


CLASSES = [
    case("throttled, by status alone", THROTTLED, failing(20, "throttled", None)),
    case(
        "throttled, by a stream's spelling of the code",
        THROTTLED,
        failing(20, "retries_exhausted", "throttlingException"),
    ),
    case("429", THROTTLED, failing(20, "error", "TooManyRequestsException")),
    case(
        "not found, and the configured models exist",
        "model-retired likely",
        failing(20, "error", "ResourceNotFoundException"),
    ),
    case(
        "access denied",
        "permission-denied confirmed",
        failing(20, "error", "AccessDeniedException"),
    ),
    case(
        "rejected, input of 200,000 tokens",
        "context-overflow confirmed",
        failing(20, "validation_error", "ValidationException", input_tokens=200_000),
    ),
    case(
        "rejected, input of 199,999 tokens",
        "bad-requests confirmed",
        failing(20, "validation_error", "ValidationException", input_tokens=199_999),
    ),
    case(
        "rejected, and the message says why",
        "context-overflow confirmed",
        failing(
            20, "validation_error", "ValidationException", message="Input is too long for model"
        ),
    ),
    case(
        "rejected, half of them for their length",
        "bad-requests confirmed",
        [
            *failing(10, "validation_error", "ValidationException", input_tokens=210_000),
            call(10, "validation_error", "ValidationException"),
        ],
    ),
    case(
        "sonnet answers with 503, haiku does not",
        "model-outage confirmed",
        failing(20, "error", "ServiceUnavailableException"),
    ),
    case(
        "haiku fails in exactly 5 % of its calls",
        "model-outage confirmed",
        [
            call(20, "error", "InternalServerException"),
            call(1, "error", "InternalServerException", model="haiku"),
            call(19, model="haiku"),
        ],
    ),
    case(
        "haiku fails in more than 5 % of its calls",
        "regional-outage confirmed",
        [
            call(20, "error", "InternalServerException"),
            call(1, "error", "InternalServerException", model="haiku"),
            call(18, model="haiku"),
        ],
    ),
    case(
        "only sonnet is called, and fails",
        "model-outage likely",
        [call(30), call(30, "error", "ServiceUnavailableException")],
    ),
    case(
        "sonnet fails, then the breaker refuses its calls",
        "regional-outage confirmed",
        [
            call(3, "error", "ServiceUnavailableException"),
            call(200, "circuit_open"),
            call(9, "error", "ServiceUnavailableException", model="haiku"),
            call(12, model="haiku"),
        ],
    ),
    case("timed out", "model-slow confirmed", failing(20, "timeout", None)),
    case(
        "timed out, by code",
        "model-slow confirmed",
        failing(20, "error", "ModelTimeoutException"),
    ),
    case("streams cut", "stream-interruption confirmed", failing(20, "interrupted", None)),
    case(
        "streams cut, by code",
        "stream-interruption confirmed",
        failing(20, "error", "modelStreamErrorException"),
    ),
]
MIXED = [
    case(
        "malformed are exactly 10 %",
        THROTTLED,
        [call(82), call(10, repair="repaired"), call(8, "throttled", EXCEPTION)],
    ),
    case(
        "malformed are more than 10 %",
        "output-quality confirmed",
        [call(81), call(11, repair="repaired"), call(8, "throttled", EXCEPTION)],
    ),
    case(
        "invalid JSON, and as failed calls as well",
        "output-quality confirmed",
        [
            call(80),
            call(12, response_valid_json=False),
            call(8, "error", "UnrepairableOutput", response_valid_json=False),
        ],
    ),
    case(
        "failed calls whose records deny valid JSON",
        "model-slow confirmed",
        [
            call(60),
            call(25, "timeout", "ReadTimeoutError", response_valid_json=False),
            call(15, "throttled", EXCEPTION, response_valid_json=False),
        ],
    ),
    case(
        "most fail by an unknown code",
        "inconclusive",
        [call(80), call(17, "error", "NewKindOfException"), call(3, "throttled", EXCEPTION)],
        at="unclassified",
    ),
    case(
        "the breaker refuses, and hides what for",
        "inconclusive",
        [call(10), call(90, "circuit_open")],
        at="unclassified",
    ),
    case(
        "the breaker refuses; what opened it was a quarter of an hour ago",
        "permission-denied confirmed",
        [
            call(10),
            call(90, "circuit_open"),
            call(25, "error", "AccessDeniedException", ago_s=900),
        ],
    ),
    case(
        "the breaker refuses more than have failed",
        "permission-denied confirmed",
        [call(10), call(400, "circuit_open"), call(25, "error", "AccessDeniedException")],
    ),
    case(
        "throttled 25 minutes ago, denied now",
        "permission-denied confirmed",
        [
            call(600, "throttled", EXCEPTION, ago_s=1500),
            call(60),
            call(40, "error", "AccessDeniedException"),
        ],
    ),
    case(
        "two classes, none with most",
        "throttling-cascade likely",
        [
            call(60),
            call(16, "throttled", EXCEPTION),
            call(13, "timeout"),
            call(11, "error", "AccessDeniedException"),
        ],
    ),
]
CASES = [*TRIGGER, *CLASSES, *MIXED]


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> Iterator[Answers]:
    asked = Answers(sandbox, "fm-errors", CASES)
    yield asked
    asked.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_calls_lead_to(case: Case, answers: Answers) -> None:
    check(case, answers.of(case))


def test_one_model_says_nothing_about_the_others(answers: Answers) -> None:
    one = next(case for case in CLASSES if case.name == "only sonnet is called, and fails")
    reasons = answers.of(one).document["reasons"]
    assert reasons == [
        "Only one model was called, so that it is not known whether the others fail too."
    ]


def test_a_model_that_is_gone_from_the_control_plane_is_retired(sandbox: Sandbox) -> None:
    end = sandbox.slot()
    sandbox.put(end, counted(), failing(20, "error", "ResourceNotFoundException"))
    with sandbox.parameter("/mangaassist/models/sonnet", "anthropic.claude-3-opus-gone-v9:0"):
        answer = sandbox.diagnose("fm-errors", end)
    assert answer.verdict == ("diagnosed", "confirmed", "model-retired", 3)
