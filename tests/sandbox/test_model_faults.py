"""Every way in which the embedded models fail, as plain boto3 and as the provider see it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    EventStreamError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from urllib3.exceptions import ProtocolError
from urllib3.exceptions import ReadTimeoutError as StreamTimeout

from mangaops.sandbox.model_chaos import CHAOS, Reach
from mangaops.sandbox.model_faults import STATUS, Block, BlockKind, Hint, ModelFault, Where
from mangaops.sandbox.ports import refusing, unanswering
from mangaops.sandbox.services.bedrock import HAIKU
from support.served_models import (
    ASKED,
    JP_HAIKU,
    JP_SONNET,
    OSAKA,
    TOKYO,
    ServedModels,
    served_models,
)

BODY = json.dumps(
    {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 200,
        "messages": [{"role": "user", "content": "Hello"}],
    }
)
BROKEN = (ProtocolError, ConnectionError, ResponseStreamingError)


@pytest.fixture(scope="module")
def served() -> Iterator[ServedModels]:
    with served_models() as models:
        yield models


@pytest.fixture
def models(served: ServedModels) -> ServedModels:
    served.renew()
    return served


def converse(client: Any, model: str = JP_SONNET) -> Any:
    return client.converse(modelId=model, messages=ASKED)


def invoke(client: Any, model: str = JP_SONNET) -> Any:
    return json.loads(client.invoke_model(modelId=model, body=BODY)["body"].read())


def converse_stream(client: Any, model: str = JP_SONNET) -> list[Any]:
    with closing(client.converse_stream(modelId=model, messages=ASKED)["stream"]) as stream:
        return list(stream)


def invoke_stream(client: Any, model: str = JP_SONNET) -> list[Any]:
    answer = client.invoke_model_with_response_stream(modelId=model, body=BODY)
    with closing(answer["body"]) as stream:
        return [json.loads(event["chunk"]["bytes"]) for event in stream]


OPERATIONS = (converse, invoke, converse_stream, invoke_stream)
STREAMS = (converse_stream, invoke_stream)
Ask = Callable[..., Any]


def kinds(events: list[Any]) -> list[str]:
    return [event.get("type") or next(iter(event)) for event in events]


@pytest.mark.parametrize("ask", OPERATIONS, ids=lambda ask: ask.__name__)
def test_every_error_has_its_status_and_a_request_id(models: ServedModels, ask: Ask) -> None:
    seen = {}
    for code in STATUS:
        models.state.set_faults([ModelFault(code=code)])
        with pytest.raises(ClientError) as raised:
            ask(models.client())
        told = raised.value.response
        seen[told["Error"]["Code"]] = told["ResponseMetadata"]["HTTPStatusCode"]
        assert told["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    assert seen == STATUS
    calls = models.calls()
    assert {call.error: call.status for call in calls} == STATUS
    assert sum(call.input_tokens + call.output_tokens for call in calls) == 0


@pytest.mark.parametrize(
    ("hint", "header", "value"),
    [
        (Hint.SECONDS, "retry-after", "2.5"),
        (Hint.MILLISECONDS, "retry-after-ms", "2500"),
        (Hint.AMAZON, "x-amz-retry-after", "2500"),
    ],
)
def test_an_error_says_when_to_come_back(
    models: ServedModels, hint: Hint, header: str, value: str
) -> None:
    models.fail(retry_after_s=2.5, hint=hint)
    assert _headers(models)[header] == value


def test_an_error_can_say_so_as_a_date(models: ServedModels) -> None:
    models.fail(retry_after_s=3600, hint=Hint.DATE)
    at = parsedate_to_datetime(_headers(models)["retry-after"])
    assert 3000 < (at - datetime.now(UTC)).total_seconds() <= 3600


def _headers(models: ServedModels) -> dict[str, str]:
    with pytest.raises(ClientError) as raised:
        converse(models.client())
    found: dict[str, str] = raised.value.response["ResponseMetadata"]["HTTPHeaders"]
    return found


def test_a_script_is_one_fault_after_the_other(models: ServedModels) -> None:
    models.fail(times=1)
    models.fail(where=Where.NOTHING, times=1)
    models.fail(times=1)
    models.fail(code="InternalServerException", times=1)
    outcomes = []
    for _ in range(5):
        with suppress(ClientError):
            converse(models.client())
        outcomes.append(models.calls()[-1].error)
    assert outcomes == [
        "ThrottlingException",
        None,
        "ThrottlingException",
        "InternalServerException",
        None,
    ]


def test_a_fault_is_of_models_regions_and_operations(models: ServedModels) -> None:
    models.fail(model="*sonnet*", region=TOKYO, operation="Converse")
    with pytest.raises(ClientError):
        converse(models.client())
    assert converse(models.client(), JP_HAIKU)
    assert converse(models.client(OSAKA))
    assert invoke(models.client())
    seen = [(call.model, call.region, call.operation, call.fault) for call in models.calls()]
    assert seen == [
        (JP_SONNET, TOKYO, "Converse", "call:ThrottlingException"),
        (JP_HAIKU, TOKYO, "Converse", None),
        (JP_SONNET, OSAKA, "Converse", None),
        (JP_SONNET, TOKYO, "InvokeModel", None),
    ]


def test_an_outage_has_a_beginning_and_a_recovery(models: ServedModels) -> None:
    now = [100.0]
    models.state.monotonic = lambda: now[0]
    outage = ModelFault(code="ServiceUnavailableException", from_s=10, for_s=60)
    models.state.set_faults([outage])

    def strikes(at: float) -> bool:
        now[0] = 100 + at
        return models.state.strike(JP_SONNET, TOKYO, "Converse") is not None

    assert [strikes(at) for at in (0, 9.9, 10, 69.9, 70, 900)] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_share_of_the_calls_is_the_same_share_each_time(models: ServedModels) -> None:
    def struck(seed: int) -> list[bool]:
        models.state.set_faults([ModelFault(share=0.4)], seed)
        calls = (models.state.strike(JP_SONNET, TOKYO, "Converse") for _ in range(200))
        return [call is not None for call in calls]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 60 < sum(struck(1)) < 100


def test_tokens_are_counted_unless_a_fault_names_that(models: ServedModels) -> None:
    def count() -> int:
        asked = {"converse": {"messages": ASKED}}
        return int(models.client().count_tokens(modelId=HAIKU, input=asked)["inputTokens"])

    models.fail()
    assert count() == 7
    models.fail(operation="CountTokens", times=1)
    with pytest.raises(ClientError):
        count()
    assert [call.operation for call in models.calls()] == ["CountTokens"] * 2


@pytest.mark.parametrize("ask", OPERATIONS, ids=lambda ask: ask.__name__)
def test_a_reset_comes_before_any_answer(models: ServedModels, ask: Ask) -> None:
    models.fail(where=Where.RESET)
    with pytest.raises(ConnectionClosedError):
        ask(models.client())
    (call,) = models.calls()
    assert (call.status, call.closed_early, call.output_tokens) == (None, False, 0)


@pytest.mark.parametrize("ask", OPERATIONS, ids=lambda ask: ask.__name__)
def test_who_stops_waiting_for_a_silent_model_is_seen_and_billed(
    models: ServedModels, ask: Ask
) -> None:
    models.fail(where=Where.SILENCE, delay_s=30)
    with pytest.raises(ReadTimeoutError):
        ask(models.client(read_timeout=0.1))
    (call,) = models.calls()
    assert call.closed_early
    assert call.output_tokens == 48


@pytest.mark.parametrize("ask", OPERATIONS, ids=lambda ask: ask.__name__)
def test_a_slow_first_token_holds_an_answer_up(models: ServedModels, ask: Ask) -> None:
    models.fail(where=Where.SLOW, delay_s=30)
    with pytest.raises((ReadTimeoutError, StreamTimeout)):
        ask(models.client(read_timeout=0.1))
    (call,) = models.calls()
    assert call.closed_early
    assert call.output_tokens == (0 if ask in STREAMS else 48)


@pytest.mark.parametrize("ask", STREAMS, ids=lambda ask: ask.__name__)
def test_a_stall_is_a_silence_within_the_stream(models: ServedModels, ask: Ask) -> None:
    models.fail(where=Where.STALL, delay_s=30)
    with pytest.raises((ReadTimeoutError, StreamTimeout)):
        ask(models.client(read_timeout=0.1))
    (call,) = models.calls()
    assert (call.closed_early, call.output_tokens) == (True, 3)


@pytest.mark.parametrize("ask", STREAMS, ids=lambda ask: ask.__name__)
def test_pings_are_events_without_content(models: ServedModels, ask: Ask) -> None:
    models.fail(where=Where.PINGS, delay_s=0.05, every_s=0.01)
    events = ask(models.client())
    if ask is invoke_stream:
        assert kinds(events)[5:10] == ["ping"] * 5
    else:
        texts = [event["contentBlockDelta"]["delta"]["text"] for event in events[1:-3]]
        assert texts[3:8] == [""] * 5
    assert models.calls()[0].output_tokens == 48


@pytest.mark.parametrize("ask", STREAMS, ids=lambda ask: ask.__name__)
def test_an_error_in_a_stream_comes_first_or_after_some_text(
    models: ServedModels, ask: Ask
) -> None:
    for after in (0, 2):
        models.state.set_faults([ModelFault(where=Where.STREAM, after=after)])
        with pytest.raises(EventStreamError) as raised:
            ask(models.client())
        assert raised.value.response["Error"]["Code"] == "throttlingException"
    seen = [(call.status, call.error, call.output_tokens) for call in models.calls()]
    assert seen == [(200, "ThrottlingException", 0), (200, "ThrottlingException", 2)]


def test_the_first_event_can_be_the_error(models: ServedModels) -> None:
    models.fail(where=Where.STREAM, after=0)
    answer = models.client().converse_stream(modelId=JP_SONNET, messages=ASKED)
    with closing(answer["stream"]) as stream, pytest.raises(EventStreamError):
        next(iter(stream))


@pytest.mark.parametrize("ask", STREAMS, ids=lambda ask: ask.__name__)
@pytest.mark.parametrize("where", [Where.BAD_PRELUDE, Where.BAD_MESSAGE])
def test_a_wrong_checksum_is_found(models: ServedModels, ask: Ask, where: Where) -> None:
    models.fail(where=where)
    with pytest.raises(ChecksumMismatch):
        ask(models.client())


@pytest.mark.parametrize("ask", STREAMS, ids=lambda ask: ask.__name__)
@pytest.mark.parametrize("where", [Where.HALF_FRAME, Where.TRUNCATED])
def test_a_stream_that_ends_too_early_says_nothing(
    models: ServedModels, ask: Ask, where: Where
) -> None:
    models.fail(where=where)
    lead = 2 if ask is invoke_stream else 1
    events = ask(models.client())
    assert len(events) == lead + 3
    models.state.set_faults(())
    assert ask(models.client()), "the connection can be used again"


@pytest.mark.parametrize("ask", OPERATIONS[1:], ids=lambda ask: ask.__name__)
def test_a_body_is_cut_at_a_byte(models: ServedModels, ask: Ask) -> None:
    models.fail(where=Where.CUT_BYTE, byte=100)
    with pytest.raises((*BROKEN, ConnectionClosedError)):
        ask(models.client())


def test_botocore_takes_a_cut_answer_of_converse_for_an_empty_one(models: ServedModels) -> None:
    models.fail(where=Where.CUT_BYTE, byte=100)
    answer = converse(models.client())
    assert set(answer) == {"ResponseMetadata"}


@pytest.mark.parametrize("ask", OPERATIONS, ids=lambda ask: ask.__name__)
def test_a_body_can_drip(models: ServedModels, ask: Ask) -> None:
    models.state.reply = lambda _prompt: "Yes."
    whole = ask(models.client())
    models.fail(where=Where.DRIP, byte=50, every_s=1e-6)
    dripped = ask(models.client())
    for answer in (whole, dripped):
        if isinstance(answer, dict):
            answer.pop("ResponseMetadata", None)
    assert json.dumps(dripped) == json.dumps(whole)


def test_a_stop_or_usage_event_can_be_missing(models: ServedModels) -> None:
    models.fail(where=Where.NO_STOP)
    assert kinds(converse_stream(models.client()))[-2:] == ["contentBlockStop", "metadata"]
    assert kinds(invoke_stream(models.client()))[-1] == "message_delta"
    models.state.set_faults([ModelFault(where=Where.NO_USAGE)])
    assert kinds(converse_stream(models.client()))[-1] == "messageStop"
    *_, delta, stop = invoke_stream(models.client())
    assert (delta["delta"]["stop_reason"], stop) == ("end_turn", {"type": "message_stop"})
    assert "usage" not in delta


@pytest.mark.parametrize(
    ("told", "by_converse", "by_anthropic"),
    [
        ("max_tokens", "max_tokens", "max_tokens"),
        ("content_filtered", "content_filtered", "refusal"),
        ("guardrail_intervened", "guardrail_intervened", "end_turn"),
        ("refusal", "content_filtered", "refusal"),
        (None, "end_turn", "end_turn"),
    ],
)
def test_a_stop_reason_is_said_as_each_interface_does(
    models: ServedModels, told: str | None, by_converse: str, by_anthropic: str
) -> None:
    models.fail(where=Where.OUTPUT, text="So", stop_reason=told)
    client = models.client()
    assert converse(client)["stopReason"] == by_converse
    assert converse_stream(client)[-2]["messageStop"]["stopReason"] == by_converse
    message = invoke(client)
    assert message["stop_reason"] == by_anthropic
    assert invoke_stream(client)[-2]["delta"]["stop_reason"] == by_anthropic
    intervened = message.get("amazon-bedrock-guardrailAction") == "INTERVENED"
    assert intervened == (told == "guardrail_intervened")


def test_an_answer_has_blocks_of_every_kind(models: ServedModels) -> None:
    blocks = (
        Block(kind=BlockKind.THINKING, text="Which one?"),
        Block(text='{"a": '),
        Block(text="1}"),
        Block(kind=BlockKind.TOOL_USE, text='{"query": "manga"}', name="find"),
    )
    models.fail(where=Where.OUTPUT, blocks=blocks, stop_reason="tool_use")
    client = models.client()
    content = converse(client)["output"]["message"]["content"]
    assert [next(iter(block)) for block in content] == [
        "reasoningContent",
        "text",
        "text",
        "toolUse",
    ]
    assert content[1]["text"] + content[2]["text"] == '{"a": 1}'
    assert content[3]["toolUse"]["input"] == {"query": "manga"}
    types = [block["type"] for block in invoke(client)["content"]]
    assert types == ["thinking", "text", "text", "tool_use"]
    events = converse_stream(client)
    assert kinds(events).count("contentBlockStop") == 4
    assert kinds(events).count("contentBlockStart") == 1
    chunks = invoke_stream(client)
    assert kinds(chunks).count("content_block_start") == 4
    cut = [one["delta"].get("partial_json", "") for one in chunks if "delta" in one]
    assert "".join(cut) == '{"query": "manga"}'


def test_an_empty_answer_has_no_blocks(models: ServedModels) -> None:
    models.fail(where=Where.OUTPUT, text="")
    client = models.client()
    assert converse(client)["output"]["message"]["content"] == []
    assert invoke(client)["content"] == []
    assert kinds(converse_stream(client)) == ["messageStart", "messageStop", "metadata"]
    assert kinds(invoke_stream(client)) == ["message_start", "message_delta", "message_stop"]


def test_who_leaves_a_stream_pays_for_what_was_spoken(models: ServedModels) -> None:
    models.fail(where=Where.PINGS, delay_s=30, every_s=0.01)
    stream = models.client().converse_stream(modelId=JP_SONNET, messages=ASKED)["stream"]
    events = iter(stream)
    for _ in range(6):
        next(events)
    stream.close()
    (call,) = models.calls()
    assert (call.closed_early, call.output_tokens, call.input_tokens) == (True, 3, 7)


def test_ports_at_which_nobody_answers(models: ServedModels) -> None:
    with refusing() as url, pytest.raises(EndpointConnectionError):
        converse(models.client(url=url))
    with unanswering() as url, pytest.raises(ConnectTimeoutError):
        converse(models.client(url=url))
    assert models.calls() == []


def test_faults_are_set_and_calls_are_read_by_path(models: ServedModels) -> None:
    faults = [{"chaos": "throttled", "model": "*sonnet*"}, {"where": "cut", "after": 1}]
    status, told = models.administer("PUT", "models", {"faults": faults})
    assert status == 200
    assert [(each["model"], each["where"]) for each in told["faults"]] == [
        ("*sonnet*", "call"),
        ("*", "cut"),
    ]
    with pytest.raises(ClientError):
        converse(models.client())
    models.calls()
    (call,) = models.administer("GET", "models/calls")[1]["calls"]
    assert (call["model"], call["error"], call["ended"]) == (
        JP_SONNET,
        "ThrottlingException",
        True,
    )
    assert models.administer("DELETE", "models/calls")[1] == {"calls": []}
    assert models.administer("PUT", "models", {"speed": 0})[1]["faults"] == told["faults"]
    assert models.administer("PUT", "models", {"faults": []})[1]["faults"] == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"chaos": "throtled"}, 'did you mean "throttled"?'),
        ({"chaos": "connect-refused"}, "connect to another port"),
        ({"chaos": "throttled", "code": "ValidationException"}, "leave out code"),
        ({"code": "Throttled"}, "no error of Bedrock Runtime"),
        ({"where": "stall"}, "needs delay_s"),
        ({"operation": "Ask*"}, "is none of Converse"),
        ({"share": 2}, "less than or equal to 1"),
        ({"shares": 1}, "not permitted"),
        ({"where": "output", "blocks": [{"kind": "tool_use", "text": "{"}]}, "input as JSON"),
    ],
)
def test_a_wrong_fault_changes_nothing(
    models: ServedModels, fault: dict[str, Any], told: str
) -> None:
    models.fail(share=0.0)
    status, answer = models.administer("PUT", "models", {"faults": [fault]})
    assert status == 400
    assert told in answer["error"]
    assert "faults.0" in answer["error"]
    assert models.state.faults == [ModelFault(share=0.0)]


@pytest.mark.parametrize("name", CHAOS)
def test_each_named_fault_strikes_what_it_says(models: ServedModels, name: str) -> None:
    chaos = CHAOS[name]
    assert chaos.against("*haiku*") == () or chaos.against("*haiku*")[0].model == "*haiku*"
    if chaos.reach is not Reach.SERVED:
        return
    models.administer("PUT", "models", {"faults": [{"chaos": name, "model": "*sonnet*"}]})
    assert tuple(models.state.faults) == chaos.against("*sonnet*")
    asked = [models.state.strike(JP_SONNET, TOKYO, one) for one in ("ConverseStream", "Converse")]
    if chaos.faults[0].share == 1 and chaos.faults[0].times is None:
        assert [fault is not None for fault in asked] == [True, not chaos.streams]
    assert models.state.strike(JP_HAIKU, TOKYO, "ConverseStream") is None
