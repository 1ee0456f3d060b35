"""What a call gives before anybody judged it, and who makes calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mangaops.fm.answer import Usage
from mangaops.fm.requests.request import Request
from mangaops.fm.target import Target
from mangaops.fm.transport.hanging_up import HangUp

COUNT_S = 2.0
"""How long CountTokens may take at most: an estimate is at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The three clocks of an attempt, in seconds from when it is sent.

    `first_token` is for the first piece of content (without streaming: for the whole answer,
    together with `total`), `idle` between two pieces of content, whatever else the connection
    carries meanwhile, `total` for everything. They stand still while nobody reads the stream.
    `hang_up` ends the attempt from another thread, where the transport can do that.
    """

    first_token: float
    idle: float
    total: float
    hang_up: HangUp | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """`blocks` are Converse's content blocks in order: `{"text": ...}`, `{"toolUse": ...}`."""

    blocks: tuple[Mapping[str, Any], ...]
    stop_reason: str | None
    usage: Usage | None
    request_id: str | None
    http_status: int
    first_token_s: float | None
    total_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPiece:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The stream came to its proper end; `answer` is the whole of it."""

    answer: RawAnswer


RawEvent = TextPiece | Ended


class StreamInterrupted(Exception):
    """A stream broke: `cause` is what was raised, or None for an end without a stop event.

    `partial` is what came until then, `timed_out` the clock that ran out
    (`first token`, `idle`, `total`), if one did.
    """

    def __init__(
        self, cause: BaseException | None, partial: RawAnswer, *, timed_out: str | None = None
    ) -> None:
        super().__init__(timed_out or (type(cause).__name__ if cause else "no stop event"))
        self.cause = cause
        self.partial = partial
        self.timed_out = timed_out


class RawStream(Protocol):
    """Iterate to the end, or `close` it: that closes the connection, so that the model stops.

    Iterating raises StreamInterrupted, or what the call itself raised before any event.
    """

    @property
    def request_id(self) -> str | None: ...

    def __iter__(self) -> Iterator[RawEvent]: ...

    def close(self) -> None: ...


class Transport(Protocol):
    """Is used by several threads at once. Raises whatever the call raised, unclassified.

    `request` is one that was validated and adapted to the target: `max_tokens` is set.
    `count_tokens` takes no longer than COUNT_S.
    """

    def call(self, target: Target, request: Request, limits: Limits) -> RawAnswer: ...

    def stream(self, target: Target, request: Request, limits: Limits) -> RawStream: ...

    def count_tokens(self, target: Target, request: Request) -> int: ...
