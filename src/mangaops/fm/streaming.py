"""A call as the caller sees it: the pieces of its text, numbered, and how it ended.

Rule: before the first piece everything of the ladder may happen, and nothing is seen of it.
After it only `Done` or `Interrupted` comes: never another model's text after the first's.
`seq` counts from 0 without gaps. Closing the generator cancels the call.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from mangaops.fm.answer import Delta, Done, Interrupted, StreamEvent
from mangaops.fm.ladder.so_far import Ending

Pieces = Generator[str, None, Ending]


def events_of(pieces: Pieces) -> Iterator[StreamEvent]:
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
