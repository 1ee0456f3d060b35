"""Whatever a caller gives or does: an answer and one record, or an error before anything."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from mangaops import fm
from mangaops.fm.requests.request import Request
from mangaops.fm.target import Target
from mangaops.fm.transport.raw import Limits, RawEvent, TextPiece
from support.fake_time import FakeClock
from support.fm import Scripted, Streamed, ask, cut, desk, error, streamed

DENIED = error("AccessDeniedException", 403)


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": (fm.user(word) for word in ("Hours?",))},
        {"messages": 7},
        {"intent": ["x"]},
        {"stop_sequences": None},
        {"tools": None},
        {"free_text": None},
        {"operation": "bogus"},
        {"max_tokens": "what the user wrote"},
        {"schema": 5},
        {"metadata": None},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_request_of_wrong_types_is_not_valid_and_is_told_once(wrong: dict[str, Any]) -> None:
    here = desk(Scripted())

    answer = here.client.complete(replace(ask(), **wrong))

    assert (answer.mode, answer.attempts, here.call["status"]) == (5, 0, "validation_error")
    assert here.transport.sent == []
    assert "user wrote" not in str(here.records)


def test_names_may_be_of_any_type() -> None:
    named: dict[str, Any] = {"session": 17, "prompt_version": 2.1, "correlation_id": UUID(int=5)}
    here = desk(Scripted())

    answer = here.client.complete(replace(ask(), **named))
    here.client.complete(ask(session="17"))

    first, second = here.of("bedrock_call")
    assert answer.mode is fm.Mode.PRIMARY
    assert (first["prompt_version"], first["correlation_id"]) == ("2.1", str(UUID(int=5)))
    assert first["session_hash"] == second["session_hash"]


@pytest.mark.parametrize(
    ("deadline", "kind"), [("5", TypeError), (True, TypeError), (float("nan"), ValueError)]
)
def test_what_no_call_can_be_begun_with_is_raised_before_anything(
    deadline: Any, kind: type[Exception]
) -> None:
    here = desk(Scripted())
    begin: list[Any] = [here.client.complete, here.client.stream]

    for call in begin:
        with pytest.raises(kind, match="deadline"):
            call(ask(), deadline=deadline)
        with pytest.raises(TypeError, match="request"):
            call({"intent": "faq"})

    assert (here.transport.sent, here.records) == ([], [])


def test_a_record_that_cannot_be_made_is_lost_and_the_answer_is_not() -> None:
    class Unmeasurable(fm.Metrics):
        def document(self, record: object) -> dict[str, Any]:
            raise ZeroDivisionError(str(record))

    client = fm.Client(
        transport=Scripted(), metrics=Unmeasurable(), clock=FakeClock(), log_sink=print
    )

    assert client.complete(ask()).mode is fm.Mode.PRIMARY
    assert client.log_failures == 2


def test_a_wall_clock_that_fails_is_replaced() -> None:
    def broken() -> datetime:
        raise OSError

    records: list[Any] = []
    client = fm.Client(
        transport=Scripted(DENIED), clock=FakeClock(), wall=broken, log_sink=records.append
    )

    assert client.complete(ask()).mode is fm.Mode.TEMPLATE
    assert [one["log_type"] for one in records][-1] == "bedrock_call"
    assert client.log_failures == 0


def test_a_broken_configuration_is_no_cancellation_and_still_an_answer() -> None:
    config = replace(fm.manga_assist(), apology=None)  # type: ignore[arg-type]
    here = desk(Scripted(), config=config)

    answer = here.client.complete(ask(text=""))

    assert (answer.mode, bool(answer.text)) == (5, True)
    assert (here.call["status"], here.call["error_code"]) == ("error", "internal_error")


def test_a_template_is_no_first_token() -> None:
    here = desk(Scripted(by=lambda *_: DENIED))

    *_, last = here.client.stream(ask())

    assert isinstance(last, fm.Done)
    assert (last.answer.mode, last.answer.first_token_s) == (4, None)
    assert not any("TimeToFirstToken" in one for one in here.records)
    assert not any("time_to_first_token_ms" in one for one in here.records)


def test_a_reader_who_takes_their_time_slows_nobody() -> None:
    clock = FakeClock()
    whole = streamed("Try ", "Aria", ".")
    here = desk(Scripted(last=whole, clock=clock, takes=0.1), clock=clock)

    for _ in range(25):
        for _event in here.client.stream(ask()):
            clock.now += 10

    assert here.of("breaker_transition") == []
    assert {one["latency_ms"] for one in here.of("bedrock_attempt")} == {300}
    assert {one["latency_ms"] for one in here.of("bedrock_call")} == {300}
    assert {one["max_gap_ms"] for one in here.of("stream_end")} == {100}


def test_what_was_spent_is_left_out_where_nobody_told_it() -> None:
    here = desk(Scripted(Streamed(pieces=("Once",), then=cut(text="Once"))))

    list(here.client.stream(ask()))

    assert "spent_input_tokens" not in here.call
    assert here.call["input_tokens_estimated"]


def test_what_is_learnt_is_kept_by_the_entries_of_the_configuration() -> None:
    here = desk(Scripted())
    for number in range(50):
        here.client.complete(ask(f"made up {number}"))

    parts = here.client._parts
    assert len(parts.rate._watched) == len(parts.quality._seen) == 1


def test_forked_processes_name_their_calls_apart() -> None:
    client = fm.Client(transport=Scripted(), log_sink=lambda _: None)
    read, write = os.pipe()
    for _ in range(2):
        child = os.fork()
        if child == 0:
            os.write(write, client.complete(ask()).correlation_id.encode())
            os._exit(0)
        os.waitpid(child, 0)

    told = os.read(read, 64)
    os.close(read)
    os.close(write)

    assert len(told) == 64
    assert told[:32] != told[32:]


class _Waiting:
    """A stream that says one word, and then nothing until it is cut."""

    request_id = None

    def __init__(self, limits: Limits, words: int) -> None:
        self.waits, self.cut = threading.Event(), threading.Event()
        self._words = words
        assert limits.hang_up is not None
        limits.hang_up.reaches(self.cut.set)

    def __iter__(self) -> Iterator[RawEvent]:
        for _ in range(self._words):
            yield TextPiece(text="Try ")
        self.waits.set()
        assert self.cut.wait(20)
        raise ConnectionResetError

    def close(self) -> None: ...


@pytest.mark.parametrize("words", [0, 1])
def test_a_stream_can_be_closed_while_another_thread_waits_for_it(words: int) -> None:
    here = desk(Scripted())
    made: list[_Waiting] = []
    begun = threading.Event()

    def stream(_: Target, __: Request, limits: Limits) -> Any:
        made.append(_Waiting(limits, words))
        begun.set()
        return made[-1]

    here.transport.stream = stream  # type: ignore[method-assign]
    events = here.client.stream(ask())
    with ThreadPoolExecutor(1) as other:
        reading = other.submit(list, events)
        assert begun.wait(20)
        assert made[0].waits.wait(20)
        events.close()
        deltas = reading.result(timeout=20)

    assert deltas == [fm.Delta(seq=0, text="Try ")] * words
    assert list(events) == []
    assert [one["status"] for one in here.records] == ["cancelled"] * 3
    assert len(made) == 1


def test_a_stream_is_closed_at_the_end_of_its_block() -> None:
    here = desk(Scripted(streamed("Try ", "Aria")))

    with here.client.stream(ask()) as events:
        next(events)

    assert here.call["status"] == "cancelled"
    assert here.transport.sent[0].closed
