"""One HTTP request to a model: one permit, one outcome, one `bedrock_attempt` record.

Rule: the breaker hears what the transport gave, at once, before anybody reads the answer.
Reason: an answer that cannot be used comes from a model that can be reached.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import assert_never

from mangaops.fm.answers.stop_reason import StopKind, kind_of
from mangaops.fm.breaker.permit import Permit
from mangaops.fm.classifying import classify
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.families import NOT_SENT
from mangaops.fm.ladder.log import log_attempt
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import SoFar
from mangaops.fm.requests.request import Request
from mangaops.fm.target import Target
from mangaops.fm.transport.raw import (
    Ended,
    Limits,
    RawAnswer,
    RawStream,
    StreamInterrupted,
    TextPiece,
)

_NOTHING = RawAnswer(
    blocks=(),
    stop_reason=None,
    usage=None,
    request_id=None,
    http_status=200,
    first_token_s=None,
    total_s=0.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The model came to its end; nobody read yet what it said. `began` is by the clock."""

    raw: RawAnswer
    began: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    failure: Failure


Outcome = Whole | Failed


def attempt(
    parts: Parts, call: SoFar, target: Target, request: Request, permit: Permit
) -> Generator[str, None, Outcome]:
    """Yields the pieces of text of a streamed call. A cancellation is raised on, everything
    else is an outcome.
    """
    before = call.sent, call.sent_to
    call.attempts += 1
    call.sent, call.sent_to = request, target
    began = parts.clock() - call.held
    try:
        raw = yield from _sent(parts, call, target, request)
    except BaseException as error:
        failure = classify(error, now=parts.wall())
        took = parts.clock() - call.held - began
        permit.failure(failure.failure_class, took, retry_after=failure.retry_after)
        _told(parts, call, failure)
        partial = error.partial if isinstance(error, StreamInterrupted) else None
        call.spend(None if partial is None else partial.usage)
        log_attempt(parts, call, began=began, failure=failure, raw=partial)
        if failure.code in NOT_SENT:
            call.attempts -= 1
            call.sent, call.sent_to = before
        if failure.failure_class is FailureClass.CANCELLED or not isinstance(error, Exception):
            raise
        return Failed(failure=failure)
    _came(parts, call, permit, raw, parts.clock() - call.held - began)
    log_attempt(parts, call, began=began, failure=refusal_in(raw), raw=raw)
    return Whole(raw=raw, began=began)


def limits_of(call: SoFar) -> Limits:
    """An attempt never outlasts the call, and until the model speaks it spends no time in which
    another one could answer, beyond what it takes itself at the median.
    """
    own, left = call.policy.limits, call.deadline.left()
    silent = max(left - call.kept, min(call.p50, left))
    return Limits(
        first_token=min(own.first_token, silent),
        idle=min(own.idle, left),
        total=min(own.total, left),
        hang_up=call.hang_up,
    )


def refusal_in(raw: RawAnswer) -> Failure | None:
    """What a guardrail, a filter or the model itself would not say or hear."""
    if kind_of(raw.stop_reason) is not StopKind.BLOCKED:
        return None
    return Failure.of(FailureClass.BLOCKED, raw.stop_reason or "blocked")


def _sent(
    parts: Parts, call: SoFar, target: Target, request: Request
) -> Generator[str, None, RawAnswer]:
    transport, limits = parts.transport(), limits_of(call)
    call.hang_up.check()
    try:
        if not call.streaming:
            return transport.call(target, request, limits)
        stream = transport.stream(target, request, limits)
        return (yield from _streamed(call, stream, parts.clock))
    except Exception:
        call.hang_up.check()  # what a connection raises that was cut tells nothing of the model
        raise


def _streamed(
    call: SoFar, stream: RawStream, clock: Callable[[], float]
) -> Generator[str, None, RawAnswer]:
    """Whatever ends this, closing the generator included, closes the model's stream."""
    try:
        for event in stream:
            call.hang_up.check()
            match event:
                case TextPiece(text=text):
                    if text:
                        call.say(text, clock())
                        yield from call.give(text, clock)
                case Ended(answer=answer):
                    return answer
                case _:
                    assert_never(event)
    finally:
        stream.close()
    raise StreamInterrupted(None, _NOTHING)


def _told(parts: Parts, call: SoFar, failure: Failure) -> None:
    """What is learnt from a failure, beside the breaker."""
    if call.sent_to is not None:
        call.hear(parts.name_of(call.sent_to), failure.failure_class)


def _came(parts: Parts, call: SoFar, permit: Permit, raw: RawAnswer, took: float) -> None:
    """A refusal by a guardrail says nothing about the route: its permit goes back undecided."""
    call.spend(raw.usage)
    if refusal_in(raw) is not None:
        permit.failure(FailureClass.BLOCKED, took)
    else:
        permit.success(took, first_token=raw.first_token_s)
    if call.sent is None or call.sent_to is None:
        return
    call.hear(parts.name_of(call.sent_to), None)
    if raw.usage is not None:
        expected = call.estimate_of(call.sent)
        parts.counter.learn_from(call.sent_to.model_id, expected, raw.usage)
