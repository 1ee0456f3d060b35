"""A transport of tests: answers, breaks and streams as it is told, and keeps what was asked.

    told = Scripted(throttled(), said("hello"))          # one entry for each attempt, in order
    told = Scripted(by=lambda n, target: ...)            # or by a function

An entry is a RawAnswer, an exception, a `Streamed`, or a function of nothing that gives one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from mangaops import fm
from mangaops.fm.requests.request import Request
from mangaops.fm.target import Target
from mangaops.fm.transport.raw import (
    Ended,
    Limits,
    RawAnswer,
    RawEvent,
    StreamInterrupted,
    TextPiece,
)
from support.fake_time import FakeClock

USAGE = fm.Usage(input=20, output=5)


def said(
    text: str = "Hello.", *, stop: str = "end_turn", usage: fm.Usage | None = USAGE
) -> RawAnswer:
    """A whole answer of one text block; none for an empty text."""
    return RawAnswer(
        blocks=({"text": text},) if text else (),
        stop_reason=stop,
        usage=usage,
        request_id="11111111-2222-3333-4444-555555555555",
        http_status=200,
        first_token_s=0.1,
        total_s=0.5,
    )


def error(code: str, status: int, message: str = "no", **headers: str) -> ClientError:
    """What boto3 raises. Headers are written with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": named, "RequestId": "r-1"},
    }
    return ClientError(response, "Converse")


def throttled(**headers: str) -> ClientError:
    return error("ThrottlingException", 429, **headers)


def unavailable() -> ClientError:
    return error("ServiceUnavailableException", 503)


def cut(*, timed_out: str | None = None, text: str = "") -> StreamInterrupted:
    return StreamInterrupted(None, said(text, stop="", usage=None), timed_out=timed_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """Pieces of text, then an end or an exception."""

    pieces: tuple[str, ...] = ()
    then: RawAnswer | BaseException


def streamed(*pieces: str, stop: str = "end_turn") -> Streamed:
    return Streamed(pieces=pieces, then=said("".join(pieces), stop=stop))


Entry = RawAnswer | BaseException | Streamed | Callable[[], Any]


@dataclass(slots=True)
class Sent:
    """One attempt, as the provider sees it."""

    target: Target
    request: Request
    limits: Limits
    streaming: bool
    closed: bool = False
    """The stream was closed before its end."""


class _Stream:
    def __init__(self, entry: Streamed, sent: Sent, wait: Callable[[], None]) -> None:
        self._entry, self._sent, self._wait = entry, sent, wait
        self._over = False

    @property
    def request_id(self) -> str | None:
        return "r-stream"

    def __iter__(self) -> Iterator[RawEvent]:
        for piece in self._entry.pieces:
            self._wait()
            yield TextPiece(text=piece)
        self._over = True
        if isinstance(self._entry.then, BaseException):
            raise self._entry.then
        yield Ended(answer=self._entry.then)

    def close(self) -> None:
        self._sent.closed = self._sent.closed or not self._over


class Scripted:
    """After its last entry it answers what `last` says. `takes` seconds pass in each attempt."""

    def __init__(
        self,
        *script: Entry,
        by: Callable[[int, Target], Entry] | None = None,
        last: Entry | None = None,
        clock: FakeClock | None = None,
        takes: float = 0.0,
    ) -> None:
        self._script, self._by = script, by
        self._last = said() if last is None else last
        self._clock, self._takes = clock, takes
        self.sent: list[Sent] = []

    @property
    def targets(self) -> list[str]:
        return [str(one.target) for one in self.sent]

    def call(self, target: Target, request: Request, limits: Limits) -> RawAnswer:
        entry = self._next(Sent(target, request, limits, streaming=False))
        self._wait()
        match entry:
            case BaseException():
                raise entry
            case Streamed(then=BaseException() as broke):
                raise broke
            case Streamed(then=RawAnswer() as whole):
                return whole
            case _:
                assert isinstance(entry, RawAnswer)
                return entry

    def stream(self, target: Target, request: Request, limits: Limits) -> _Stream:
        sent = Sent(target, request, limits, streaming=True)
        entry = self._next(sent)
        match entry:
            case BaseException():
                self._wait()
                raise entry
            case RawAnswer():
                text = "".join(block.get("text", "") for block in entry.blocks)
                entry = Streamed(pieces=(text,) if text else (), then=entry)
            case _:
                assert isinstance(entry, Streamed)
        return _Stream(entry, sent, self._wait)

    def count_tokens(self, target: Target, request: Request) -> int:  # noqa: ARG002 - the shape
        raise error("AccessDeniedException", 403)

    def _wait(self) -> None:
        if self._clock is not None:
            self._clock.now += self._takes

    def _next(self, sent: Sent) -> Entry:
        number = len(self.sent)
        self.sent.append(sent)
        if self._by is not None:
            entry = self._by(number, sent.target)
        else:
            entry = self._script[number] if number < len(self._script) else self._last
        return entry() if callable(entry) and not isinstance(entry, type) else entry


@dataclass(slots=True)
class Desk:
    """A client on a clock that only moves when it waits, with all that it logged."""

    client: fm.Client
    transport: Scripted
    clock: FakeClock
    records: list[Mapping[str, Any]]
    waits: list[float] = field(default_factory=list)

    def of(self, log_type: str) -> list[Mapping[str, Any]]:
        return [one for one in self.records if one["log_type"] == log_type]

    @property
    def call(self) -> Mapping[str, Any]:
        """The one record of the one call."""
        (only,) = self.of("bedrock_call")
        return only


START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def desk(
    transport: Scripted,
    *,
    config: fm.Config | None = None,
    hooks: Any = None,
    clock: FakeClock | None = None,
    seed: int = 7,
) -> Desk:
    clock = clock or FakeClock()
    records: list[Mapping[str, Any]] = []
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock.now += seconds

    began = clock.now
    client = fm.Client(
        config,
        transport=transport,
        hooks=hooks,
        clock=clock,
        wall=lambda: START + timedelta(seconds=clock.now - began),
        sleep=sleep,
        rng=random.Random(seed),  # noqa: S311 - jitter
        log_sink=records.append,
    )
    return Desk(client=client, transport=transport, clock=clock, records=records, waits=waits)


def ask(
    intent: str = "recommendation", text: str = "Something like Yotsuba?", **more: Any
) -> Request:
    return fm.Request(intent=intent, messages=(fm.user(text),), **more)
