from __future__ import annotations

import json
from typing import Any

import pytest

from mangaops.sandbox.listen import Drop
from mangaops.sandbox.overlay import Fault, Paced
from mangaops.sandbox.services import bedrock_runtime
from mangaops.sandbox.services.bedrock import HAIKU, SONNET, BedrockState
from mangaops.sandbox.services.bedrock_runtime import BedrockRuntimeState, ModelFault, Where
from mangaops.sandbox.world import World
from support.overlay_calls import NOON, Caller, StandingClock

JP_SONNET, JP_HAIKU = f"jp.{SONNET}", f"jp.{HAIKU}"
ASKED = [{"role": "user", "content": [{"text": "What should I read next?"}]}]


@pytest.fixture
def world() -> World:
    return World(clock=StandingClock())


@pytest.fixture
def slept(world: World) -> list[float]:
    """What was slept; the clock of the models goes on by just that."""
    times: list[float] = []
    world.state(BedrockRuntimeState).sleep = times.append
    world.state(BedrockRuntimeState).monotonic = lambda: sum(times)
    return times


@pytest.fixture
def call(world: World, slept: list[float]) -> Caller:
    assert slept == []
    return Caller(world, "bedrock-runtime", bedrock_runtime.OPERATIONS)


def body(**changes: Any) -> bytes:
    asked = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 200,
        "messages": [{"role": "user", "content": "What should I read next?"}],
    }
    return json.dumps({key: value for key, value in {**asked, **changes}.items() if value}).encode()


def fail(world: World, **fault: Any) -> None:
    world.state(BedrockRuntimeState).faults.append(ModelFault(**fault))


def metric(world: World, name: str) -> float:
    total = 0.0
    for model in (JP_SONNET, JP_HAIKU):
        series = world.metrics.series("AWS/Bedrock", name, {"ModelId": model})
        points = [] if series is None else series.between(0, NOON.timestamp() + 60, None)
        total += sum(sum(point.values) for _, point in points)
    return total


def test_converse_answers_with_usage_and_takes_its_time(call: Caller) -> None:
    answer = call("Converse", modelId=JP_SONNET, messages=ASKED)
    text = answer["output"]["message"]["content"][0]["text"]
    assert "Hunter x Hunter" in text
    assert answer["stopReason"] == "end_turn"
    assert answer["usage"]["outputTokens"] > 20
    assert isinstance(answer, Paced)
    assert round(answer.delay_s * 1000) == answer["metrics"]["latencyMs"]
    assert 0.3 < answer.delay_s < 3


def test_the_output_ends_at_the_limit(call: Caller) -> None:
    limit = {"maxTokens": 5}
    answer = call("Converse", modelId=JP_SONNET, messages=ASKED, inferenceConfig=limit)
    assert (answer["stopReason"], answer["usage"]["outputTokens"]) == ("max_tokens", 5)


def test_invoke_model_speaks_anthropics_format(call: Caller) -> None:
    answer = call("InvokeModel", modelId=JP_HAIKU, body=body())
    message = json.loads(answer["body"])
    assert message["content"][0]["type"] == "text"
    assert message["stop_reason"] == "end_turn"


def test_a_stream_is_told_apart_from_a_whole_one_by_its_metadata(
    call: Caller, slept: list[float]
) -> None:
    events = list(call("ConverseStream", modelId=JP_SONNET, messages=ASKED)["stream"])
    kinds = [next(iter(event)) for event in events]
    assert kinds[0] == "messageStart"
    assert kinds[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    text = "".join(
        event["contentBlockDelta"]["delta"]["text"]
        for event in events
        if "contentBlockDelta" in event
    )
    assert text.startswith("If you liked Fullmetal Alchemist")
    assert max(slept) == slept[0]


def test_the_last_chunk_of_an_invoke_stream_has_the_figures(call: Caller) -> None:
    answer = call("InvokeModelWithResponseStream", modelId=JP_HAIKU, body=body())
    chunks = [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]
    assert chunks[0]["type"] == "message_start"
    assert chunks[-1]["type"] == "message_stop"
    figures = chunks[-1]["amazon-bedrock-invocationMetrics"]
    assert figures["firstByteLatency"] < figures["invocationLatency"]


def test_a_bare_id_needs_a_profile(call: Caller) -> None:
    fault = call.fault("Converse", modelId=SONNET, messages=ASKED)
    assert fault.code == "ValidationException"
    assert "on-demand throughput isn't supported" in fault.message
    assert call("CountTokens", modelId=SONNET, input={"converse": {"messages": ASKED}})


@pytest.mark.parametrize(
    "model", ["jp.anthropic.claude-nothing", "anthropic.claude-3-haiku-20240307-v1:0", "us.x"]
)
def test_unknown_and_retired_ids_are_404(call: Caller, model: str) -> None:
    fault = call.fault("Converse", modelId=model, messages=ASKED)
    assert (fault.code, fault.status) == ("ResourceNotFoundException", 404)


def test_a_scenario_retires_a_model(call: Caller, world: World) -> None:
    world.state(BedrockState).retire(JP_SONNET, at=NOON)
    assert call.fault("Converse", modelId=JP_SONNET, messages=ASKED).status == 404
    assert call("Converse", modelId=JP_HAIKU, messages=ASKED)


@pytest.mark.parametrize(
    ("code", "status", "counted"),
    [
        ("ThrottlingException", 429, "InvocationThrottles"),
        ("ServiceUnavailableException", 503, "InvocationServerErrors"),
        ("InternalServerException", 500, "InvocationServerErrors"),
        ("ModelTimeoutException", 408, "InvocationServerErrors"),
        ("ModelErrorException", 424, "InvocationServerErrors"),
        ("ValidationException", 400, "InvocationClientErrors"),
        ("AccessDeniedException", 403, "InvocationClientErrors"),
    ],
)
def test_faults_have_their_status_and_are_counted(
    call: Caller, world: World, code: str, status: int, counted: str
) -> None:
    fail(world, model="*sonnet*", code=code)
    fault = call.fault("Converse", modelId=JP_SONNET, messages=ASKED)
    assert (fault.code, fault.status) == (code, status)
    assert metric(world, counted) == 1
    call("Converse", modelId=JP_HAIKU, messages=ASKED)
    assert metric(world, "Invocations") == 1


def test_a_fault_can_hold_for_the_first_calls_only(call: Caller, world: World) -> None:
    fail(world, times=2)
    faults = [call.fault("Converse", modelId=JP_HAIKU, messages=ASKED).code for _ in range(2)]
    assert faults == ["ThrottlingException"] * 2
    assert call("Converse", modelId=JP_HAIKU, messages=ASKED)


def test_a_timeout_takes_its_time(call: Caller, world: World) -> None:
    fail(world, code="ModelTimeoutException", delay_s=3.0)
    assert call.fault("Converse", modelId=JP_HAIKU, messages=ASKED).delay_s == 3.0


def test_a_fault_in_the_stream_comes_after_some_text(call: Caller, world: World) -> None:
    fail(world, code="ModelStreamErrorException", where=Where.STREAM, after=2)
    stream = iter(call("ConverseStream", modelId=JP_HAIKU, messages=ASKED)["stream"])
    assert [next(iter(next(stream))) for _ in range(3)] == [
        "messageStart",
        "contentBlockDelta",
        "contentBlockDelta",
    ]
    with pytest.raises(Fault) as raised:
        next(stream)
    assert raised.value.code == "ModelStreamErrorException"
    assert raised.value.fields["originalStatusCode"] == 500
    assert metric(world, "Invocations") == 0


def test_a_cut_stream_drops_the_connection(call: Caller, world: World) -> None:
    fail(world, where=Where.CUT, after=1)
    stream = call("ConverseStream", modelId=JP_HAIKU, messages=ASKED)["stream"]
    with pytest.raises(Drop):
        list(stream)
    with pytest.raises(Drop):
        call("Converse", modelId=JP_HAIKU, messages=ASKED)


def test_a_truncated_stream_lacks_its_last_events(call: Caller, world: World) -> None:
    fail(world, where=Where.TRUNCATED, after=2)
    events = list(call("ConverseStream", modelId=JP_HAIKU, messages=ASKED)["stream"])
    kinds = [next(iter(event)) for event in events]
    assert kinds == ["messageStart", "contentBlockDelta", "contentBlockDelta"]


def test_a_scenario_chooses_the_words(call: Caller, world: World) -> None:
    fail(world, where=Where.OUTPUT, text="{broken", times=1)
    answers = [call("Converse", modelId=JP_HAIKU, messages=ASKED) for _ in range(2)]
    texts = [each["output"]["message"]["content"][0]["text"] for each in answers]
    assert texts[0] == "{broken"
    assert texts[1] != "{broken"


@pytest.mark.parametrize(
    "changed",
    [
        {"max_tokens": None},
        {"max_tokens": 100_000},
        {"anthropic_version": "1"},
        {"messages": [{"role": "assistant", "content": "I"}]},
        {"temperature": 0.5, "top_p": 0.9},
    ],
)
def test_bad_bodies_are_validation_errors(call: Caller, changed: dict[str, Any]) -> None:
    fault = call.fault("InvokeModel", modelId=JP_HAIKU, body=body(**changed))
    assert fault.code == "ValidationException"


def test_a_body_that_is_no_json_is_a_validation_error(call: Caller) -> None:
    assert call.fault("InvokeModel", modelId=JP_HAIKU, body=b"{").code == "ValidationException"


def test_an_input_that_is_too_long_is_a_validation_error(call: Caller) -> None:
    long = [{"role": "user", "content": [{"text": "漫" * 200_001}]}]
    fault = call.fault("Converse", modelId=JP_HAIKU, messages=long)
    assert fault.message == "Input is too long for requested model."


def test_japanese_is_about_a_token_a_character(call: Caller) -> None:
    asked = [{"role": "user", "content": [{"text": "鋼の錬金術師のような漫画"}]}]
    answer = call("CountTokens", modelId=HAIKU, input={"converse": {"messages": asked}})
    assert answer == {"inputTokens": 12}


def test_without_speed_nothing_waits(call: Caller, world: World, slept: list[float]) -> None:
    world.state(BedrockRuntimeState).speed = 0
    list(call("ConverseStream", modelId=JP_HAIKU, messages=ASKED)["stream"])
    assert slept == []
