"""The three clocks hold against whatever a server does; nothing is asserted about how long."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from urllib3.util import connection

from mangaops.fm.requests.request import Operation, Request, user
from mangaops.fm.target import Target
from mangaops.fm.transport.bedrock import BedrockTransport, clients_of
from mangaops.fm.transport.hanging_up import HangUp
from mangaops.fm.transport.raw import Ended, Limits, StreamInterrupted, TextPiece
from support.command import anybody
from support.event_stream import START, STOP, USAGE, frame, text
from support.model_wire import HEAD, Line, Script, Wire, chunk, say, streamed, whole, wired
from support.tls import server_context

TARGET = Target(model_id="jp.anthropic.claude-sonnet-4-6", region="ap-northeast-1")
ASKED = Request(intent="faq", messages=(user("Hours?"),), max_tokens=50)
PATIENT = Limits(first_token=60, idle=60, total=60)
SOON = 0.04
WHOLE = streamed(START, text("Yo"), text("tsuba"), STOP, USAGE)
PING = chunk(frame("ping", {}))
WORD = HEAD + chunk(text("Yo"))


@pytest.fixture(scope="module", autouse=True)
def _credentials() -> Iterator[None]:
    with anybody():
        yield


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with wired() as made:
        yield made


class Clock:
    """The real one, which can be put forward: what comes before that is in no hurry."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.asked_before: int | None = None

    def __call__(self) -> float:
        now = time.monotonic() + self.ahead
        if self.asked_before is not None:
            self.asked_before -= 1
            if self.asked_before == 0:
                self.leave_soon()
        return now

    def leave_soon(self) -> None:
        self.ahead += 60 - SOON

    def leave_soon_once_read_again(self) -> None:
        """What passes until then is the reader's time."""
        self.asked_before = 1


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def transport(wire: Wire, clock: Clock, _credentials: None) -> Iterator[BedrockTransport]:
    made = BedrockTransport(clients_of(endpoint_url=wire.address), clock=clock)
    yield made
    made.close()


def connect(wire: Wire, transport: BedrockTransport) -> None:
    """Connecting has a timeout of its own, which is not tested here."""
    wire.script = say(WHOLE)
    list(transport.stream(TARGET, ASKED, PATIENT))


def after(start: bytes, then: Script) -> Script:
    def script(line: Line) -> None:
        line.send(start)
        then(line)

    return script


def pings(line: Line) -> None:
    line.drip(PING)


def words(line: Line) -> None:
    line.drip(chunk(text("Yo")))


def half_frames(line: Line) -> None:
    line.drip_bytes(chunk(text("Yo" * 5000)))


def silence(line: Line) -> None:
    line.silence()


@pytest.mark.parametrize(
    ("script", "late"),
    [
        (after(HEAD, silence), "first token"),
        (after(HEAD, pings), "first token"),
        (after(HEAD, half_frames), "first token"),
        (after(WORD, silence), "idle"),
        (after(WORD, pings), "idle"),
        (after(WORD, half_frames), "idle"),
        (after(WORD, silence), "total"),
        (after(WORD, pings), "total"),
        (after(WORD, words), "total"),
    ],
    ids=[
        "nothing", "only-pings", "half-a-frame", "then-silent", "then-pings",
        "then-half-a-frame", "silent-in-all", "pings-in-all", "words-for-ever",
    ],
)  # fmt: skip
def test_a_stream_that_is_late_is_interrupted_by_its_clock(
    wire: Wire, transport: BedrockTransport, clock: Clock, script: Script, late: str
) -> None:
    wire.script = script
    limits = replace(PATIENT, idle=SOON) if late == "idle" else replace(PATIENT, idle=3600)
    limits = replace(limits, total=3600) if late == "first token" else limits
    stream = transport.stream(TARGET, ASKED, limits)
    if late == "first token":
        clock.leave_soon()
    if late == "total":
        next(iter(stream))
        clock.leave_soon_once_read_again()
    with pytest.raises(StreamInterrupted) as raised:
        list(stream)
    assert raised.value.timed_out == late
    partial = raised.value.partial
    assert (partial.stop_reason, partial.usage, partial.request_id) == (None, None, "r")
    began = late != "first token"
    assert bool(partial.blocks) is began
    assert (partial.first_token_s is not None) is began


@pytest.mark.parametrize(
    "script",
    [silence, lambda line: (line.send(HEAD[:30]), line.drip(b"x"))],
    ids=["no-status", "headers-for-ever"],
)
@pytest.mark.parametrize("late", ["first_token", "total"])
def test_headers_that_do_not_come_are_a_read_timeout(
    wire: Wire, transport: BedrockTransport, script: Script, late: str
) -> None:
    limits = replace(
        PATIENT,
        first_token=SOON if late == "first_token" else 60,
        total=SOON if late == "total" else 60,
    )
    for send in (transport.stream, transport.call):
        connect(wire, transport)
        wire.script = script
        with pytest.raises(ReadTimeoutError):
            send(TARGET, ASKED, limits)


@pytest.mark.parametrize("operation", list(Operation))
def test_a_body_that_drips_is_a_read_timeout(
    wire: Wire, transport: BedrockTransport, operation: Operation
) -> None:
    connect(wire, transport)
    wire.script = after(whole(b"{" + b" " * 9000)[:-9000], lambda line: line.drip(b" "))
    with pytest.raises(ReadTimeoutError):
        transport.call(TARGET, replace(ASKED, operation=operation), replace(PATIENT, total=SOON))


def test_counting_tokens_has_a_limit_of_its_own(
    wire: Wire, transport: BedrockTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangaops.fm.transport.bedrock.COUNT_S", SOON)
    connect(wire, transport)
    wire.script = silence
    with pytest.raises(ReadTimeoutError):
        transport.count_tokens(TARGET, ASKED)


def test_a_reader_who_takes_their_time_is_not_an_idle_model(
    wire: Wire, transport: BedrockTransport
) -> None:
    seconds = 0.0
    slow = BedrockTransport(lambda _: transport._client(""), clock=lambda: seconds)
    wire.script = say(WHOLE)
    ended = None
    for event in slow.stream(TARGET, ASKED, Limits(first_token=9, idle=9, total=9)):
        seconds += 10
        ended = event
    assert isinstance(ended, Ended)
    assert ended.answer.total_s == 0


def test_the_addresses_of_a_name_share_the_time_for_connecting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """None of them answers; each has what is left by those before it."""
    seconds, shares = 0.0, []
    known = socket.getaddrinfo
    many = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"10.9.9.{n}", 1)) for n in range(6)]

    def nobody(address: tuple[str, int], timeout: float, **_: Any) -> None:
        nonlocal seconds
        shares.append((address[0], round(timeout, 6)))
        seconds += timeout
        raise TimeoutError

    def names(host: str, *asked: Any, **more: Any) -> Any:
        return many if host == "many.test" else known(host, *asked, **more)

    monkeypatch.setattr(socket, "getaddrinfo", names)
    monkeypatch.setattr(connection, "create_connection", nobody)
    made = BedrockTransport(clients_of(endpoint_url="http://many.test:1"), clock=lambda: seconds)
    for total, share in ((1.2, 0.2), (60.0, 0.5)):
        shares.clear()
        with pytest.raises(ConnectTimeoutError):
            made.call(TARGET, ASKED, replace(PATIENT, total=total))
        assert shares == [(f"10.9.9.{n}", share) for n in range(6)]


def test_connections_of_finished_streams_serve_again_and_of_broken_ones_do_not(
    wire: Wire, transport: BedrockTransport
) -> None:
    wire.script = say(WHOLE)
    list(transport.stream(TARGET, ASKED, PATIENT))
    before = wire.connections
    for _ in range(3):
        assert isinstance(list(transport.stream(TARGET, ASKED, PATIENT))[-1], Ended)
    wire.script = say(whole(b'{"output": {"message": {"content": []}}}'))
    transport.call(TARGET, ASKED, PATIENT)
    assert wire.connections == before
    wire.script = after(HEAD, silence)
    with pytest.raises((StreamInterrupted, ReadTimeoutError)):
        list(transport.stream(TARGET, ASKED, replace(PATIENT, first_token=SOON)))
    wire.script = say(WHOLE)
    list(transport.stream(TARGET, ASKED, PATIENT))
    assert wire.connections == before + 1


def test_a_whole_answer_does_not_wait_for_the_end_of_the_connection(
    wire: Wire, transport: BedrockTransport
) -> None:
    wire.script = after(WHOLE.removesuffix(b"0\r\n\r\n"), silence)
    assert isinstance(list(transport.stream(TARGET, ASKED, PATIENT))[-1], Ended)


def test_a_stream_that_is_closed_is_closed_at_the_model(
    wire: Wire, transport: BedrockTransport
) -> None:
    wire.script = after(WORD, words)
    wire.closed.clear()
    stream = transport.stream(TARGET, ASKED, PATIENT)
    assert next(iter(stream)) == TextPiece(text="Yo")
    stream.close()
    assert wire.closed.wait(20)
    stream.close()
    assert list(stream) == []


def test_a_stream_nobody_read_is_closed_at_the_model(
    wire: Wire, transport: BedrockTransport
) -> None:
    wire.script = after(WORD, words)
    wire.closed.clear()
    transport.stream(TARGET, ASKED, PATIENT).close()
    assert wire.closed.wait(20)


def cancelled_from_elsewhere(wire: Wire, transport: BedrockTransport) -> None:
    wire.script = after(WORD, silence)
    stream = transport.stream(TARGET, ASKED, PATIENT)
    assert next(iter(stream)) == TextPiece(text="Yo")
    with ThreadPoolExecutor(1) as other:
        reading = other.submit(list, stream)
        while not stream._running.gi_running:
            pass
        stream.close()
        error = reading.exception(timeout=20)
    assert isinstance(error, StreamInterrupted)
    assert isinstance(error.cause, CancelledError)
    assert error.partial.blocks == ({"text": "Yo"},)


def test_a_stream_can_be_closed_under_the_thread_that_reads_it(
    wire: Wire, transport: BedrockTransport
) -> None:
    cancelled_from_elsewhere(wire, transport)


@pytest.mark.parametrize("start", [b"", HEAD], ids=["no-status", "no-event"])
def test_a_call_can_be_hung_up_before_anything_came(
    wire: Wire, transport: BedrockTransport, start: bytes
) -> None:
    asked, hang_up = Event(), HangUp()

    def script(line: Line) -> None:
        line.send(start)
        asked.set()
        line.silence()

    wire.script = script
    with ThreadPoolExecutor(1) as other:
        limits = replace(PATIENT, hang_up=hang_up)
        reading = other.submit(lambda: list(transport.stream(TARGET, ASKED, limits)))
        assert asked.wait(20)
        hang_up.now()
        assert reading.exception(timeout=20) is not None


def test_all_of_it_holds_with_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, certificate = server_context(tmp_path)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with wired(context) as wire:
        transport = BedrockTransport(clients_of(endpoint_url=wire.address), clock=time.monotonic)
        wire.script = say(WHOLE)
        for _ in range(2):
            assert isinstance(list(transport.stream(TARGET, ASKED, PATIENT))[-1], Ended)
        assert wire.connections == 1
        wire.script = after(WORD, half_frames)
        with pytest.raises(StreamInterrupted, match="idle"):
            list(transport.stream(TARGET, ASKED, replace(PATIENT, idle=SOON)))
        connect(wire, transport)
        wire.script = after(HEAD[:30], lambda line: line.drip(b"x"))
        with pytest.raises(ReadTimeoutError):
            transport.call(TARGET, ASKED, replace(PATIENT, total=SOON))
        cancelled_from_elsewhere(wire, transport)
        transport.close()
