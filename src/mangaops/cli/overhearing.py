"""A transport that keeps what AWS said of its last refusal, for an operator's eyes.

Only a probe listens: its prompt is ours, so that a message of AWS can quote nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mangaops.fm.transport.raw import StreamInterrupted

if TYPE_CHECKING:
    from mangaops.fm.requests.request import Request
    from mangaops.fm.target import Target
    from mangaops.fm.transport.raw import Limits, RawAnswer, RawEvent, RawStream, Transport

_MOST = 500
"""Characters of a message."""


class Overheard:
    """Does what `transport` does; `said` is the last refusal in AWS's words, None without one."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.said: str | None = None

    def call(self, target: Target, request: Request, limits: Limits) -> RawAnswer:
        with self.listening():
            return self._transport.call(target, request, limits)

    def stream(self, target: Target, request: Request, limits: Limits) -> RawStream:
        with self.listening():
            return _OverheardStream(self._transport.stream(target, request, limits), self)

    def count_tokens(self, target: Target, request: Request) -> int:
        return self._transport.count_tokens(target, request)

    @contextmanager
    def listening(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.said = message_of(error) or self.said
            raise


class _OverheardStream:
    def __init__(self, stream: RawStream, heard: Overheard) -> None:
        self._stream = stream
        self._heard = heard

    @property
    def request_id(self) -> str | None:
        return self._stream.request_id

    def __iter__(self) -> Iterator[RawEvent]:
        with self._heard.listening():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


def message_of(error: BaseException) -> str | None:
    """What a response of AWS says of an error, on one line; None where there was no response."""
    if isinstance(error, StreamInterrupted):
        return None if error.cause is None else message_of(error.cause)
    response = getattr(error, "response", None)
    told = response.get("Error") if isinstance(response, dict) else None
    said = told.get("Message") if isinstance(told, dict) else None
    return (" ".join(said.split())[:_MOST] or None) if isinstance(said, str) else None
