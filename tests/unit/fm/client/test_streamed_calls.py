"""Streams as the caller sees them: numbered pieces, one last event, and what a close does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mangaops import fm
from support.fake_time import FakeClock
from support.fm import (
    Entry,
    Scripted,
    Streamed,
    ask,
    cut,
    desk,
    error,
    said,
    streamed,
    throttled,
    unavailable,
)

POLICY = fm.manga_assist().policy("recommendation")
SONNET, OSAKA, HAIKU = POLICY.route, *POLICY.alternates, *POLICY.backups
SCHEMA = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}


def broken(*pieces: str, timed_out: str | None = None) -> Streamed:
    return Streamed(pieces=pieces, then=cut(text="".join(pieces), timed_out=timed_out))


def test_pieces_come_as_the_model_gives_them_and_then_the_whole() -> None:
    clock = FakeClock()
    here = desk(Scripted(streamed("Try ", "", "Aria", "."), clock=clock, takes=0.2), clock=clock)

    *deltas, last = here.client.stream(ask())

    assert deltas == [
        fm.Delta(seq=0, text="Try "),
        fm.Delta(seq=1, text="Aria"),
        fm.Delta(seq=2, text="."),
    ]
    assert isinstance(last, fm.Done)
    assert (last.answer.text, last.answer.mode, last.answer.attempts) == ("Try Aria.", 1, 1)
    assert last.answer.first_token_s == pytest.approx(0.2)
    (end,) = here.of("stream_end")
    assert (end["status"], end["chunks"], end["characters"]) == ("success", 3, 9)
    assert end["max_gap_ms"] == pytest.approx(400)
    assert not here.transport.sent[0].closed


@pytest.mark.parametrize(
    ("script", "sent", "mode"),
    [
        pytest.param([throttled()], [SONNET] * 2, 1, id="throttled"),
        pytest.param([broken()], [SONNET] * 2, 1, id="cut-before-a-word"),
        pytest.param([broken(timed_out="first token")], [SONNET, HAIKU], 3, id="slow-first-token"),
        pytest.param([unavailable()] * 6, [SONNET] * 3 + [OSAKA] * 3 + [HAIKU], 3, id="backup"),
        pytest.param([streamed()], [SONNET] * 2, 2, id="empty"),
    ],
)
def test_before_the_first_piece_nothing_of_the_ladder_is_seen(
    script: list[Entry], sent: list[fm.Target], mode: int
) -> None:
    here = desk(Scripted(*script, last=streamed("Fi", "ne")))

    *deltas, last = here.client.stream(ask())

    assert [one.target for one in here.transport.sent] == sent
    assert [one.text for one in deltas if isinstance(one, fm.Delta)] == ["Fi", "ne"]
    assert isinstance(last, fm.Done)
    assert (last.answer.mode, last.answer.model_answered) == (mode, sent[-1])


@pytest.mark.parametrize(
    ("then", "status", "told"),
    [
        pytest.param(cut(text="Once"), "interrupted", "no_stop_event", id="no-stop-event"),
        pytest.param(cut(text="Once", timed_out="idle"), "interrupted", "timeout", id="stall"),
        pytest.param(throttled(), "interrupted", "ThrottlingException", id="error-in-stream"),
        pytest.param(said("Once", stop="content_filtered"), "blocked", "blocked", id="blocked"),
        pytest.param(said("Once", stop="strange"), "interrupted", "strange", id="unknown-stop"),
    ],
)
def test_after_a_piece_no_other_text_follows(then: Entry, status: str, told: str) -> None:
    assert not callable(then)
    here = desk(Scripted(Streamed(pieces=("On", "ce"), then=then)))

    *deltas, last = here.client.stream(ask())

    assert isinstance(last, fm.Interrupted)
    assert told in last.reason
    assert (last.answer.text, last.answer.model_answered) == ("Once", SONNET)
    assert [one.seq for one in deltas if isinstance(one, fm.Delta)] == [0, 1]
    assert len(here.transport.sent) == 1
    assert here.call["status"] == status
    assert here.of("stream_end")[0]["reason"] == last.reason


def test_a_stream_without_its_last_event_is_an_interruption() -> None:
    here = desk(Scripted(Streamed(pieces=("Once",), then=said("Once"))))
    transport = here.transport
    stream = transport.stream

    class Ending:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def __iter__(self) -> Iterator[Any]:
            yield next(iter(self.inner))

        def close(self) -> None: ...

    transport.stream = lambda *asked: Ending(stream(*asked))

    *_, last = here.client.stream(ask())

    assert isinstance(last, fm.Interrupted)


def test_a_template_is_one_piece_of_a_stream() -> None:
    here = desk(Scripted(by=lambda *_: error("AccessDeniedException", 403)))

    delta, last = here.client.stream(ask())

    assert isinstance(delta, fm.Delta)
    assert isinstance(last, fm.Done)
    assert (last.answer.mode, last.answer.text) == (4, delta.text)


def test_json_is_streamed_as_it_comes_and_judged_at_its_end() -> None:
    good = desk(Scripted(streamed('{"title": ', '"Aria",}')))
    bad = desk(Scripted(streamed("Aria ", "is nice")))

    *_, done = good.client.stream(ask(schema=SCHEMA))
    *_, last = bad.client.stream(ask(schema=SCHEMA))

    assert isinstance(done, fm.Done)
    assert (done.answer.value, done.answer.mode) == ({"title": "Aria"}, 2)
    assert done.answer.text == '{"title": "Aria",}'
    assert isinstance(last, fm.Interrupted)
    assert len(bad.transport.sent) == 1


def test_who_closes_a_stream_cancels_the_call() -> None:
    here = desk(Scripted(streamed("Try ", "Aria")))
    events = here.client.stream(ask())

    first = next(events)
    events.close()

    assert first == fm.Delta(seq=0, text="Try ")
    assert here.transport.sent[0].closed
    assert (here.call["status"], here.of("stream_end")[0]["status"]) == ("cancelled", "cancelled")
    assert here.of("bedrock_attempt")[0]["status"] == "cancelled"
    assert here.client.breakers.of(SONNET, "converse_stream").snapshot().rates.calls == 0


def test_ctrl_c_within_a_stream_is_raised_on() -> None:
    here = desk(Scripted(Streamed(pieces=("Try ",), then=KeyboardInterrupt())))

    with pytest.raises(KeyboardInterrupt):
        list(here.client.stream(ask()))

    assert here.call["status"] == "cancelled"


def test_a_stream_that_nobody_read_was_never_begun() -> None:
    here = desk(Scripted())

    here.client.stream(ask())

    assert (here.transport.sent, here.records) == ([], [])
