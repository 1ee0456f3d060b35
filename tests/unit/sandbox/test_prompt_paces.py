"""Bedrock Runtime by version of the prompt: distributions, and which version is asked."""

from __future__ import annotations

import json
from statistics import fmean, quantiles
from typing import Any

import pytest
from moto.moto_api._internal.models import moto_api_backend

from mangaops.sandbox import passthrough
from mangaops.sandbox.overlay import Call
from mangaops.sandbox.services import bedrock_runtime
from mangaops.sandbox.services.bedrock import SONNET
from mangaops.sandbox.services.bedrock_runtime import BedrockRuntimeState, ModelFault, Pace, Where
from mangaops.sandbox.services.bedrock_runtime.pace import USUAL, draw
from mangaops.sandbox.world import World
from support.overlay_calls import Caller, StandingClock

JP_SONNET = f"jp.{SONNET}"
ASKED = [{"role": "user", "content": [{"text": "What should I read next?"}]}]
BRIEF, LONG = ("recommendation", "*"), ("recommendation", "v2.1")


def figures(values: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    cut = quantiles(values, n=20)
    return cut[9], cut[18]


@pytest.mark.parametrize(
    ("version", "tokens", "total", "first", "length"),
    [
        (BRIEF, 200, (1180, 2410), 1050, 285),
        (LONG, 540, (1620, 3210), 1380, 410),
    ],
    ids=["v2.0", "v2.1"],
)
def test_recommendations_are_as_slow_as_the_incident_tells(
    version: tuple[str, str], tokens: int, total: tuple[int, int], first: int, length: int
) -> None:
    drawn = [draw(USUAL[version], version, number, tokens) for number in range(4000)]
    totals = [1000 * (one.first_token_s + one.token_s * one.tokens) for one in drawn]
    assert figures(totals) == pytest.approx(total, rel=0.05)
    assert figures([1000 * one.first_token_s for one in drawn])[1] == pytest.approx(first, rel=0.05)
    assert fmean(one.tokens for one in drawn) == pytest.approx(length, rel=0.01)


def test_a_share_of_the_calls_is_slow_and_a_share_fails() -> None:
    pace = Pace(
        first_token_ms=100,
        first_token_spread=0,
        tokens_per_s=100,
        output_tokens=10,
        slow_share=0.08,
        failure_share=0.2,
    )
    drawn = [draw(pace, ("faq", "v1"), number, 0) for number in range(2000)]
    assert {round(one.first_token_s, 6) for one in drawn} == {0.1, 0.3}
    slow = sum(one.token_s > 0.02 for one in drawn) / len(drawn)
    failed = sum(one.failure == "ThrottlingException" for one in drawn) / len(drawn)
    assert slow == pytest.approx(0.08, abs=0.02)
    assert failed == pytest.approx(0.2, abs=0.03)


@pytest.fixture
def world() -> World:
    world = World(clock=StandingClock())
    state = world.state(BedrockRuntimeState)
    slept: list[float] = []
    state.sleep, state.monotonic = slept.append, lambda: sum(slept)
    state.paces = {("faq", f"v{n}"): Pace(**_steady(n)) for n in (1, 2)}
    return world


def _steady(n: int) -> dict[str, Any]:
    return {"first_token_ms": 100 * n, "first_token_spread": 0, **_LENGTH}


_LENGTH = {"tokens_per_s": 100, "output_tokens": 50}


@pytest.fixture
def call(world: World) -> Caller:
    return Caller(world, "bedrock-runtime", bedrock_runtime.OPERATIONS)


def row(world: World, version: str, template: str, *, active: bool = False) -> None:
    item = {
        "intent": {"S": "faq"},
        "version": {"S": version},
        "template": {"S": template},
        "active": {"BOOL": active},
    }
    _dynamodb(world, "PutItem", TableName="manga-prompt-templates", Item=item)


def _dynamodb(world: World, operation: str, **params: Any) -> None:
    passthrough.ask(
        Call(
            service="dynamodb",
            operation=operation,
            params=params,
            region=world.region,
            account=world.account,
            caller=world.caller,
        )
    )


@pytest.fixture
def table(world: World) -> World:
    """A prompt table without items; moto has one account for all tests of a process."""
    moto_api_backend.reset()
    keys = [("intent", "HASH"), ("version", "RANGE")]
    _dynamodb(
        world,
        "CreateTable",
        TableName="manga-prompt-templates",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
    )
    return world


def first_ms(call: Caller, system: str = "", **metadata: str) -> float:
    """The time to the first token that the answer's own figures tell."""
    given = {"system": [{"text": system}]} if system else {}
    answer = call("Converse", modelId=JP_SONNET, messages=ASKED, requestMetadata=metadata, **given)
    return float(answer["metrics"]["latencyMs"] - 490)


def test_the_text_of_a_template_is_known_again(call: Caller, table: World) -> None:
    row(table, "v1", "Be brief.", active=True)
    row(table, "v2", "Be long.\n")
    assert [first_ms(call, text) for text in ("Be brief.", " Be long.")] == [100, 200]
    row(table, "v2", "Be longer.")
    named = {"intent": "faq", "prompt_version": "v1"}
    assert first_ms(call, "Be longer.", **named) == 200
    assert first_ms(call, "Be long.", **named) == 100


def test_a_body_of_anthropics_is_known_by_its_system_prompt(call: Caller, table: World) -> None:
    row(table, "v2", "Be long.")
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 200,
        "system": "Be long.",
        "messages": [{"role": "user", "content": "Hello"}],
    }
    answer = call("InvokeModel", modelId=JP_SONNET, body=json.dumps(body))
    assert json.loads(answer["body"])["usage"]["output_tokens"] == 50


def test_of_versions_with_one_text_the_caller_names_his_or_has_the_active_one(
    call: Caller, table: World
) -> None:
    row(table, "v1", "Be brief.")
    row(table, "v2", "Be brief.", active=True)
    assert first_ms(call, "Be brief.") == 200
    assert first_ms(call, "Be brief.", intent="faq", prompt_version="v1") == 100


def test_other_requests_have_the_models_own_pace(call: Caller) -> None:
    answer = call("Converse", modelId=JP_SONNET, messages=ASKED)
    assert answer["usage"]["outputTokens"] < 50
    half = {"prompt_version": "v1"}
    answer = call("Converse", modelId=JP_SONNET, messages=ASKED, requestMetadata=half)
    assert answer["usage"]["outputTokens"] < 50


def asked(call: Caller, **more: Any) -> list[dict[str, Any]]:
    metadata = {"intent": "faq", "prompt_version": "v1"}
    given = {"modelId": JP_SONNET, "messages": ASKED, "requestMetadata": metadata, **more}
    return list(call("ConverseStream", **given)["stream"])


def test_tokens_that_come_at_once_are_one_event(call: Caller, world: World) -> None:
    world.state(BedrockRuntimeState).speed = 0.05
    events = asked(call)
    texts = [one["contentBlockDelta"]["delta"]["text"] for one in events[1:-3]]
    assert 5 <= len(texts) <= 7
    assert events[-1]["metadata"]["usage"]["outputTokens"] == 50
    assert "".join(texts).count("Fullmetal Alchemist") >= 1


def test_a_stream_takes_the_time_that_its_figures_tell(call: Caller, world: World) -> None:
    state = world.state(BedrockRuntimeState)
    (*_, last) = asked(call)
    assert state.monotonic() == pytest.approx(0.1 + 49 / 100)
    assert last["metadata"]["metrics"]["latencyMs"] == 590


def test_what_aws_publishes_is_what_the_call_took(call: Caller, world: World) -> None:
    world.state(BedrockRuntimeState).speed = 0.5
    asked(call)
    published = {
        name: world.metrics.series("AWS/Bedrock", name, {"ModelId": JP_SONNET})
        for name in ("TimeToFirstToken", "InvocationLatency", "OutputTokenCount")
    }
    values = {
        name: [value for _, point in series.between(0, 4e9, None) for value in point.values]
        for name, series in published.items()
        if series is not None
    }
    assert values == {
        "TimeToFirstToken": [50],
        "InvocationLatency": [295],
        "OutputTokenCount": [50],
    }


def test_the_limit_of_output_and_faults_hold_at_any_pace(call: Caller, world: World) -> None:
    (*_, last) = asked(call, inferenceConfig={"maxTokens": 20})
    assert last["metadata"]["usage"]["outputTokens"] == 20
    world.state(BedrockRuntimeState).faults.append(ModelFault(where=Where.TRUNCATED, after=7))
    events = asked(call)
    assert [next(iter(one)) for one in events] == ["messageStart", *["contentBlockDelta"] * 7]


def test_a_pace_can_fail(call: Caller, world: World) -> None:
    pace = Pace(**_steady(1), failure_share=1.0, failure="ModelErrorException")
    world.state(BedrockRuntimeState).paces["faq", "v1"] = pace
    metadata = {"intent": "faq", "prompt_version": "v1"}
    fault = call.fault("Converse", modelId=JP_SONNET, messages=ASKED, requestMetadata=metadata)
    assert (fault.code, fault.status) == ("ModelErrorException", 424)
