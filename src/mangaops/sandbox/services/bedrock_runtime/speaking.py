"""A streamed answer at the model's pace, up to the fault that strikes within it."""

from __future__ import annotations

from collections.abc import Iterator

from mangaops.sandbox.listen import Drop
from mangaops.sandbox.model_faults import ModelFault, Where
from mangaops.sandbox.services.bedrock_runtime.answer import Answer, Spoken
from mangaops.sandbox.services.bedrock_runtime.refusal import error_of
from mangaops.sandbox.services.bedrock_runtime.state import BedrockRuntimeState

_ENDING = {Where.STREAM, Where.CUT, Where.TRUNCATED}
_PAUSING = {Where.STALL, Where.PINGS}


def spoken(state: BedrockRuntimeState, answer: Answer) -> Iterator[Spoken]:
    """The start of the message and its pieces, each when it is due.

    Raises the error that goes into the stream, or Drop for a connection that is cut; a
    truncated answer just ends, and `is_whole` says so.
    """
    fault = answer.fault
    limit = len(answer.pieces)
    if fault is not None and fault.where in _ENDING:
        limit = min(limit, fault.after)
    if limit or not answer.is_struck(Where.STREAM, Where.CUT):
        yield -1, ""
    for start, end in _events(answer, limit):
        if fault is not None and fault.where in _PAUSING and start <= fault.after < end:
            yield from _silence(state, fault, answer.pieces[start][0])
        _pause(state, answer, end - 1)
        answer.call.output_tokens = end
        yield answer.pieces[start][0], "".join(piece for _, piece in answer.pieces[start:end])
    _strike(answer)


def _silence(state: BedrockRuntimeState, fault: ModelFault, block: int) -> Iterator[Spoken]:
    """Nothing for the length of the fault, or nothing but pings."""
    if fault.where is Where.STALL:
        state.sleep(fault.delay_s)
        return
    for _ in range(round(fault.delay_s / fault.every_s)):
        state.sleep(fault.every_s)
        yield block, ""


def _strike(answer: Answer) -> None:
    fault = answer.fault
    if fault is not None and fault.where is Where.STREAM:
        answer.call.error = fault.code
        raise error_of(fault)
    if fault is not None and fault.where is Where.CUT:
        raise Drop(answer.model_id)


def _events(answer: Answer, limit: int) -> Iterator[tuple[int, int]]:
    """Which pieces come together: the first one alone, as soon as it is there."""
    start = 0
    while start < limit:
        end = min(limit, start + (answer.pieces_an_event if start else 1))
        block = answer.pieces[start][0]
        while answer.pieces[end - 1][0] != block:
            end -= 1
        yield start, end
        start = end


def _pause(state: BedrockRuntimeState, answer: Answer, piece: int) -> None:
    """Until a piece is due: an absolute moment, so that late wake-ups do not add up."""
    seconds = answer.asked_at + answer.at(piece) - state.monotonic()
    if seconds > 0:
        state.sleep(seconds)
