"""Which events make an answer, kind by kind, for both interfaces."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.eventstream import ParserError
from botocore.exceptions import EventStreamError

from mangaops.fm.answer import Usage
from mangaops.fm.transport.clocks import Attempt
from mangaops.fm.transport.events import ConverseReading, InvokeReading, Piece, Reading
from mangaops.fm.transport.raw import Ended, Limits, RawAnswer, StreamInterrupted
from mangaops.fm.transport.stream import BedrockStream

STOP = {"messageStop": {"stopReason": "tool_use"}}
METADATA = {"metadata": {"usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5}}}


class Body:
    def __init__(self, *events: Mapping[str, Any], error: Exception | None = None) -> None:
        self._events = events
        self._error = error
        self.closed = False

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        yield from self._events
        if self._error:
            raise self._error

    def close(self) -> None:
        self.closed = True


def delta(index: int, **part: Any) -> dict[str, Any]:
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": part}}


def chunk(kind: str, **members: Any) -> dict[str, Any]:
    return {"chunk": {"bytes": json.dumps({"type": kind, **members}).encode()}}


def stream(reading: Reading, body: Body) -> BedrockStream:
    patient = Limits(first_token=9, idle=9, total=9)
    return BedrockStream(body, reading, Attempt(patient, lambda: 0.0), request_id="r")


def answer(reading: Reading, *events: Mapping[str, Any]) -> RawAnswer:
    body = Body(*events)
    *_, ended = stream(reading, body)
    assert isinstance(ended, Ended)
    assert body.closed
    return ended.answer


THOUGHT = {"reasoningContent": {"reasoningText": {"text": "Hm, so", "signature": "s1"}}}
ASKED = {"toolUse": {"toolUseId": "t1", "name": "look", "input": {"title": "Yotsuba"}}}
SAID = {"text": "I look."}


def test_converse_keeps_thoughts_text_and_tools_apart() -> None:
    found = answer(
        ConverseReading(),
        {"messageStart": {"role": "assistant"}},
        delta(0, reasoningContent={"text": "Hm, "}),
        delta(0, reasoningContent={"text": "so"}),
        delta(0, reasoningContent={"signature": "s1"}),
        delta(1, text="I "),
        delta(1, text="look."),
        {
            "contentBlockStart": {
                "start": {"toolUse": {"toolUseId": "t1", "name": "look"}},
                "contentBlockIndex": 2,
            }
        },
        delta(2, toolUse={"input": '{"title": '}),
        delta(2, toolUse={"input": '"Yotsuba"}'}),
        delta(3, reasoningContent={"redactedContent": b"xyz"}),
        STOP,
        METADATA,
    )
    hidden = {"reasoningContent": {"redactedContent": b"xyz"}}
    assert found.blocks == (THOUGHT, SAID, ASKED, hidden)
    assert (found.stop_reason, found.usage) == ("tool_use", Usage(input=3, output=2))


def test_anthropic_events_give_the_blocks_of_converse() -> None:
    found = answer(
        InvokeReading(),
        chunk(
            "message_start", message={"usage": {"input_tokens": 3, "cache_read_input_tokens": 9}}
        ),
        chunk("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}),
        chunk(
            "content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "Hm, so"}
        ),
        chunk("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "s1"}),
        chunk("content_block_delta", index=1, delta={"type": "text_delta", "text": "I look."}),
        chunk(
            "content_block_start",
            index=2,
            content_block={"type": "tool_use", "id": "t1", "name": "look"},
        ),
        chunk(
            "content_block_delta",
            index=2,
            delta={"type": "input_json_delta", "partial_json": '{"title": "Yotsuba"}'},
        ),
        chunk(
            "content_block_start",
            index=3,
            content_block={"type": "redacted_thinking", "data": "xyz"},
        ),
        chunk("content_block_delta", index=4, delta={"type": "citations_delta", "citation": {}}),
        chunk("message_delta", delta={"stop_reason": "tool_use"}, usage={"output_tokens": 2}),
        chunk("message_stop"),
    )
    hidden = {"reasoningContent": {"redactedContent": b"xyz"}}
    assert found.blocks == (THOUGHT, SAID, ASKED, hidden)
    assert found.stop_reason == "tool_use"
    assert found.usage == Usage(input=3, output=2, cache_read=9)


@pytest.mark.parametrize(
    "event",
    [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockStop": {"contentBlockIndex": 0}},
        delta(0, text=""),
        delta(0, toolUse={"input": ""}),
        delta(0, citation={"title": "x"}),
        {"SDK_UNKNOWN_MEMBER": {"name": "ping"}},
        {"contentBlockStart": {"contentBlockIndex": 0, "start": {}}},
    ],
    ids=["start", "stop", "no-text", "no-input", "citation", "unknown", "a-block"],
)
def test_what_holds_nothing_is_no_content(event: Mapping[str, Any]) -> None:
    assert ConverseReading().take(event) == Piece(is_content=False)


def test_a_tool_that_begins_again_and_again_is_no_content() -> None:
    reading = ConverseReading()
    begun = {"contentBlockStart": {"start": {"toolUse": {"toolUseId": "t1", "name": "look"}}}}
    assert [reading.take(begun).is_content for _ in range(3)] == [True, False, False]


def test_a_tool_without_parameters_has_none_and_a_cut_input_stays_text() -> None:
    reading = ConverseReading()
    reading.gathered.begin_tool(0, "t1", "look")
    reading.gathered.tool_input(1, '{"title": "Yo')
    none, cut = reading.gathered.blocks()
    assert none["toolUse"]["input"] == {}
    assert cut["toolUse"]["input"] == '{"title": "Yo'


@pytest.mark.parametrize(
    "events",
    [(STOP,), (METADATA,), (delta(0, text="Yo"),), ()],
    ids=["no-metadata", "no-stop", "text-only", "nothing"],
)
def test_converse_needs_its_stop_and_its_metadata(events: tuple[Mapping[str, Any], ...]) -> None:
    body = Body(*events)
    with pytest.raises(StreamInterrupted, match="no stop event") as raised:
        list(stream(ConverseReading(), body))
    assert raised.value.partial.stop_reason == ("tool_use" if STOP in events else None)
    assert body.closed


def test_metadata_without_a_usage_is_an_end_without_a_usage() -> None:
    assert (
        answer(ConverseReading(), STOP, {"metadata": {"metrics": {"latencyMs": 1}}}).usage is None
    )


@pytest.mark.parametrize(
    "events",
    [
        (chunk("message_delta", delta={"stop_reason": "end_turn"}),),
        (chunk("message_stop"),),
        (chunk("message_delta", delta={"stop_reason": None}), chunk("message_stop")),
    ],
    ids=["no-message-stop", "no-reason", "null-reason"],
)
def test_anthropic_needs_a_reason_and_its_last_event(events: tuple[Mapping[str, Any], ...]) -> None:
    with pytest.raises(StreamInterrupted, match="no stop event"):
        list(stream(InvokeReading(), Body(*events)))


def test_the_metrics_of_bedrock_stand_in_for_a_usage() -> None:
    metrics = {"inputTokenCount": 3, "outputTokenCount": 2}
    reason = chunk("message_delta", delta={"stop_reason": "end_turn"})
    last = chunk("message_stop", **{"amazon-bedrock-invocationMetrics": metrics})
    assert answer(InvokeReading(), reason, last).usage == Usage(input=3, output=2)
    assert answer(InvokeReading(), reason, chunk("message_stop")).usage is None


def test_a_count_of_an_unfinished_answer_is_no_usage() -> None:
    begun = chunk("message_start", message={"usage": {"input_tokens": 3, "output_tokens": 1}})
    with pytest.raises(StreamInterrupted) as raised:
        list(stream(InvokeReading(), Body(begun)))
    assert raised.value.partial.usage is None


def test_a_guardrail_of_invoke_model_is_told_as_converse_tells_it() -> None:
    reason = chunk("message_delta", delta={"stop_reason": "end_turn"})
    last = chunk("message_stop", **{"amazon-bedrock-guardrailAction": "INTERVENED"})
    assert answer(InvokeReading(), reason, last).stop_reason == "guardrail_intervened"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("overloaded_error", "serviceUnavailableException"),
        ("rate_limit_error", "throttlingException"),
        ("brand_new_error", "modelStreamErrorException"),
    ],
)
def test_an_error_among_anthropics_events_is_one_of_bedrock(kind: str, code: str) -> None:
    error = chunk("error", error={"type": kind, "message": "a secret"})
    with pytest.raises(StreamInterrupted) as raised:
        list(stream(InvokeReading(), Body(error)))
    cause = raised.value.cause
    assert isinstance(cause, EventStreamError)
    assert cause.response["Error"]["Code"] == code
    assert "secret" not in str(cause)


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b"\xff", b"[" * 100_000], ids=["cut", "list", "bytes", "deep"]
)
def test_a_chunk_that_is_no_json_object_is_damage(data: bytes) -> None:
    with pytest.raises(ParserError):
        InvokeReading().take({"chunk": {"bytes": data}})


def test_what_comes_after_a_whole_answer_does_not_spoil_it() -> None:
    late = EventStreamError({"Error": {"Code": "throttlingException"}}, "ConverseStream")
    body = Body(STOP, METADATA, error=late)
    assert isinstance(list(stream(ConverseReading(), body))[-1], Ended)


def test_an_error_in_the_stream_is_its_cause() -> None:
    error = EventStreamError({"Error": {"Code": "throttlingException"}}, "ConverseStream")
    with pytest.raises(StreamInterrupted) as raised:
        list(stream(ConverseReading(), Body(delta(0, text="Yo"), error=error)))
    assert raised.value.cause is error
    assert raised.value.partial.blocks == ({"text": "Yo"},)
