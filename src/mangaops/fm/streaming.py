"""A call as the caller sees it: the pieces of its text, numbered, and how it ended.

Rule: before the first piece everything of the ladder may happen, and nothing is seen of it.
After it only `Done` or `Interrupted` comes: never another model's text after the first's.
`seq` counts from 0 without gaps. Closing the stream cancels the call, from any thread.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import CancelledError
from threading import Lock
from typing import Self

from mangaops.fm.answer import Delta, Done, Interrupted, StreamEvent
from mangaops.fm.ladder.so_far import Ending
from mangaops.fm.transport.hanging_up import HangUp

Pieces = Generator[str, None, Ending]


class AnswerStream(Iterator[StreamEvent]):
    """One thread iterates; `close` may be called by any, also while that one waits in `next`.

    Then the model's connection is closed and the iteration ends, without a last event. A call
    that waits to try again, or connects, ends when that is over. What nobody closed is closed
    when it is collected.
    """

    def __init__(self, events: Generator[StreamEvent, None, None], hang_up: HangUp) -> None:
        self._events = events
        self._hang_up = hang_up
        self._read = Lock()

    def __next__(self) -> StreamEvent:
        if not self._read.acquire(blocking=False):
            raise ValueError("another thread reads this stream")
        try:
            event = next(self._events)
        except CancelledError:
            if self._hang_up.asked:
                raise StopIteration from None
            raise
        finally:
            self._read.release()
        if self._hang_up.asked:  # by somebody who found it being read
            self._end()
            raise StopIteration
        return event

    def close(self) -> None:
        self._hang_up.now()
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self) -> None:
        """Who reads it ends it, if that is another thread."""
        if self._read.acquire(blocking=False):
            try:
                self._events.close()
            except CancelledError:
                pass
            finally:
                self._read.release()


def events_of(pieces: Pieces) -> Generator[StreamEvent, None, None]:
    """All events of a streamed call, the last of them `Done` or `Interrupted`."""
    try:
        ending = yield from _numbered(pieces)
    finally:
        pieces.close()  # the model's stream ends with ours, not when memory is cleared
    yield last_event(ending)


def _numbered(pieces: Pieces) -> Generator[Delta, None, Ending]:
    seq = 0
    while True:
        try:
            text = next(pieces)
        except StopIteration as end:
            ending: Ending = end.value
            return ending
        yield Delta(seq=seq, text=text)
        seq += 1


def last_event(ending: Ending) -> Done | Interrupted:
    if ending.interrupted is None:
        return Done(answer=ending.answer)
    return Interrupted(reason=ending.interrupted, answer=ending.answer)


def ending_of(pieces: Pieces) -> Ending:
    """Runs a call that yields nothing that anybody waits for."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            ending: Ending = end.value
            return ending
