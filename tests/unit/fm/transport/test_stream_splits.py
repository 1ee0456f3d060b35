"""However the bytes of a stream are split, its events are the same; cut, it is interrupted."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from botocore.eventstream import EventStream
from botocore.parsers import EventStreamJSONParser
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops.fm.answer import Usage
from mangaops.fm.requests.request import Operation
from mangaops.fm.transport.clocks import Attempt
from mangaops.fm.transport.events import ConverseReading, InvokeReading
from mangaops.fm.transport.raw import Ended, Limits, RawAnswer, StreamInterrupted, TextPiece
from mangaops.fm.transport.stream import BedrockStream
from support.event_stream import START, STOP, USAGE, frame, text

PATIENT = Limits(first_token=60, idle=60, total=60)
WORDS = st.lists(st.text(st.characters(codec="utf-8"), max_size=6), max_size=6)
CUTS = st.lists(st.integers(min_value=0, max_value=4000), max_size=12)


class Raw:
    """An HTTP body, as urllib3 hands it to botocore."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = chunks
        self.closed = False

    def stream(self) -> Iterator[bytes]:
        yield from self._chunks

    def close(self) -> None:
        self.closed = True


@cache
def _shape(operation: Operation) -> Any:
    model = Session().get_service_model("bedrock-runtime")
    match operation:
        case Operation.CONVERSE:
            return model.operation_model("ConverseStream").output_shape.members["stream"]
        case Operation.INVOKE_MODEL:
            name = "InvokeModelWithResponseStream"
            return model.operation_model(name).output_shape.members["body"]


def stream_of(operation: Operation, chunks: Sequence[bytes]) -> BedrockStream:
    parser = EventStreamJSONParser()
    body = EventStream(Raw(chunks), _shape(operation), parser, operation.value)
    reading = ConverseReading() if operation is Operation.CONVERSE else InvokeReading()
    return BedrockStream(body, reading, Attempt(PATIENT, lambda: 0.0), request_id="r")


def told(operation: Operation, words: Sequence[str]) -> bytes:
    """The bytes of a whole stream that says these words."""
    if operation is Operation.CONVERSE:
        return b"".join((START, *map(text, words), STOP, USAGE))
    return b"".join(map(_chunk, _anthropic(words)))


def _chunk(event: dict[str, Any]) -> bytes:
    data = json.dumps(event, ensure_ascii=False).encode()
    return frame("chunk", {"bytes": b64encode(data).decode()})


def _anthropic(words: Sequence[str]) -> list[dict[str, Any]]:
    first = {"usage": {"input_tokens": 20, "output_tokens": 1}}
    return [
        {"type": "message_start", "message": first},
        {"type": "ping"},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": w}}
            for w in words
        ),
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 7},
        },
        {"type": "message_stop"},
    ]


def split(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@pytest.mark.parametrize("operation", list(Operation))
@settings(max_examples=50, deadline=None)
@given(words=WORDS, cuts=CUTS)
def test_the_events_do_not_depend_on_how_the_bytes_are_split(
    operation: Operation, words: list[str], cuts: list[int]
) -> None:
    *pieces, ended = stream_of(operation, split(told(operation, words), cuts))
    assert pieces == [TextPiece(text=word) for word in words if word]
    assert isinstance(ended, Ended)
    said = "".join(words)
    assert ended.answer == RawAnswer(
        blocks=({"text": said},) if said else (),
        stop_reason="end_turn",
        usage=Usage(input=20, output=7),
        request_id="r",
        http_status=200,
        first_token_s=0.0 if said else None,
        total_s=0.0,
    )


@pytest.mark.parametrize("operation", list(Operation))
@settings(max_examples=50, deadline=None)
@given(words=WORDS, cuts=CUTS, end=st.integers(min_value=1, max_value=4000))
def test_a_stream_that_is_cut_anywhere_is_interrupted_with_what_came(
    operation: Operation, words: list[str], cuts: list[int], end: int
) -> None:
    whole = told(operation, words)
    stream = stream_of(operation, split(whole[: len(whole) - 1 - end % len(whole)], cuts))
    came = []
    with pytest.raises(StreamInterrupted) as raised:
        came.extend(iter(stream))
    said = "".join(event.text for event in came if isinstance(event, TextPiece))
    assert "".join(words).startswith(said)
    assert (raised.value.cause, raised.value.timed_out) == (None, None)
    assert raised.value.partial.blocks == (({"text": said},) if said else ())


def test_one_byte_at_a_time() -> None:
    data = told(Operation.CONVERSE, ["漫画", "😀"])
    *pieces, ended = stream_of(Operation.CONVERSE, [bytes([byte]) for byte in data])
    assert pieces == [TextPiece(text="漫画"), TextPiece(text="😀")]
    assert isinstance(ended, Ended)
