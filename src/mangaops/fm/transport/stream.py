"""A streamed answer, read to its proper end or to what broke it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import cache
from typing import Any, Protocol

from mangaops.fm.transport.clocks import Attempt
from mangaops.fm.transport.events import Reading
from mangaops.fm.transport.raw import (
    Ended,
    RawAnswer,
    RawEvent,
    StreamInterrupted,
    TextPiece,
)

TAIL_S = 0.05
"""How long the end of the HTTP answer may take once the model's answer is whole."""


class Body(Protocol):
    """botocore's EventStream: its end, also within a frame, is silent."""

    def __iter__(self) -> Iterator[Mapping[str, Any]]: ...

    def close(self) -> None: ...


class BedrockStream:
    """One thread iterates, once; `close` may be called by any.

    After the proper end the connection serves the next call; in every other case it is closed
    at once and not read to its end, so that the model stops. Closed while another thread
    iterates, that one gets StreamInterrupted with a CancelledError as its cause.
    """

    def __init__(
        self, body: Body, reading: Reading, attempt: Attempt, *, request_id: str | None
    ) -> None:
        self._body = body
        self._arriving = iter(body)
        self._reading = reading
        self._attempt = attempt
        self._request_id = request_id
        self._running = self._events()

    @property
    def request_id(self) -> str | None:
        return self._request_id

    def __iter__(self) -> Iterator[RawEvent]:
        return self._running

    def close(self) -> None:
        self._attempt.cut()
        with suppress(ValueError):  # another thread is in it, and ends by the cut
            self._running.close()
            self._discard()

    def _events(self) -> Generator[RawEvent, None, None]:
        try:
            yield from self._pieces()
            if not self._reading.is_whole:
                raise self._interrupted(None)
            answer = self._so_far()
            self._read_tail()
            yield Ended(answer=answer)
        finally:
            self._discard()

    def _pieces(self) -> Iterator[TextPiece]:
        while not self._reading.is_whole:
            try:
                event = next(self._arriving, None)
                if event is None:
                    return
                piece = self._reading.take(event)
                if piece.is_content:
                    self._attempt.content()
                if not self._reading.is_whole:
                    self._attempt.check_total()
            except breaks() as error:
                raise self._interrupted(error) from error
            if piece.text:
                with self._attempt.held():
                    yield TextPiece(text=piece.text)

    def _read_tail(self) -> None:
        """So that the connection can be used again; the answer is whole in any case."""
        self._attempt.end_within(TAIL_S)
        with suppress(*breaks()):
            for _ in self._arriving:
                pass

    def _interrupted(self, error: BaseException | None) -> StreamInterrupted:
        timed_out = self._attempt.ran_out
        if self._attempt.was_cut and timed_out is None:
            error = CancelledError("closed")
        return StreamInterrupted(error, self._so_far(), timed_out=timed_out)

    def _so_far(self) -> RawAnswer:
        return RawAnswer(
            blocks=self._reading.gathered.blocks(),
            stop_reason=self._reading.stop_reason,
            usage=self._reading.usage,
            request_id=self._request_id,
            http_status=200,
            first_token_s=self._attempt.first_token_s,
            total_s=self._attempt.elapsed(),
        )

    def _discard(self) -> None:
        """Does nothing to a connection that was read to its end."""
        with suppress(OSError):
            self._body.close()


@cache
def breaks() -> tuple[type[Exception], ...]:
    """What may be raised while events arrive: botocore lets urllib3's own errors through."""
    from botocore.eventstream import ParserError  # noqa: PLC0415 - 0.1 s
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - as above

    return (OSError, HTTPError, BotoCoreError, ClientError, ParserError, ResponseParserError)


def is_damage(error: BaseException | None) -> bool:
    """A frame whose checksum or length is wrong, or whose payload cannot be read."""
    from botocore.eventstream import ParserError  # noqa: PLC0415 - 0.1 s

    return isinstance(error, ParserError)
