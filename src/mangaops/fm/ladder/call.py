"""One call from its first moment to its record: whatever happens inside, there is one answer.

Rule: the `bedrock_call` record is written once, when the call ends or is cancelled, and a
cancellation is raised on. Any other error is a mistake of ours, and the user gets an apology.
Whatever goes wrong while a record is made costs that record alone.
"""

from __future__ import annotations

from collections.abc import Generator

from mangaops.fm.classifying import classify
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.ladder.counting import count_call
from mangaops.fm.ladder.ending import apology, stopped_short
from mangaops.fm.ladder.log import log_call
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import Ending, SoFar
from mangaops.fm.ladder.walk import walk


def pieces_of(parts: Parts, call: SoFar) -> Generator[str, None, Ending]:
    """The pieces of text of a stream, none for a whole answer; returns how it ended."""
    ending: Ending | None = None
    try:
        ending = yield from _safely(parts, call)
    finally:
        log_call(parts, call, ending)
        count_call(parts, call)
    return ending


def _safely(parts: Parts, call: SoFar) -> Generator[str, None, Ending]:
    try:
        return (yield from walk(parts, call))
    except BaseException as error:
        call.failure = classify(error)
        if call.failure.failure_class is FailureClass.CANCELLED or not isinstance(error, Exception):
            raise
        call.failure = Failure.of(FailureClass.BUG, type(error).__name__)
        call.descend(f"{type(error).__name__} inside the client")
    if call.said:
        return stopped_short(parts, call)
    ending = apology(parts, call)
    if call.streaming:
        yield from call.give_own(ending.answer.text, parts.clock)
    return ending
