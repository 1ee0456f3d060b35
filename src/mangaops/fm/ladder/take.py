"""Takes one step of the ladder: asks its model, and judges what came.

A question that the model finds too long is shortened once, an answer that cannot be used is
asked for once more: both once in a call, whichever step needs it first.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import assert_never

from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.ladder.ask import Unanswered, ask
from mangaops.fm.ladder.attempt import Whole
from mangaops.fm.ladder.descent import Onward, onward
from mangaops.fm.ladder.ending import answered, broken
from mangaops.fm.ladder.fitting import Unfit, fit, shorter
from mangaops.fm.ladder.judge import Blocked, Judged, Spoilt, Usable, asked_again, judge
from mangaops.fm.ladder.log import log_latch
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import Ending, SoFar
from mangaops.fm.ladder.steps import Step
from mangaops.fm.requests.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """The step gave no answer; `reason` says why, and `go` what may be tried now."""

    go: Onward
    reason: str


def latched(parts: Parts, call: SoFar, step: Step) -> Down | None:
    """Where it leads that a target is left alone: to where its failure led; None of others."""
    if parts.latches.open(step.target):
        log_latch(parts, step.target, None)
    latch = parts.latches.of(step.target)
    if latch is None:
        return None
    call.failure = latch.told
    return Down(go=onward(latch.failure), reason=latch.reason)


def take(parts: Parts, call: SoFar, step: Step) -> Generator[str, None, Ending | Down]:
    call.mode = step.way.mode
    request = fit(parts, call, step)
    again = False
    while not isinstance(request := _in_time(call, step, request), Unfit):
        result = yield from ask(parts, call, step, request)
        match result:
            case Whole():
                judged = judge(parts, call, step, result.raw)
                if not isinstance(judged, Spoilt) or not _may_re_ask(call, step):
                    return _judged(parts, call, step, result, judged, again)
                again = call.re_asked = True
                call.descend(f"{step.target}: {judged.reason}, so it was asked once more")
                request = asked_again(parts, step, request, judged)
            case Unanswered(failure=Failure(context_overflow=True)) if not call.said:
                call.failure = result.failure
                request = _in_time(call, step, request)
                if not isinstance(request, Unfit):
                    request = shorter(parts, call, step, request)
            case Unanswered():
                return _unanswered(parts, call, step, result)
            case _:
                assert_never(result)
    call.failure = request.failure or call.failure
    return Down(go=request.go, reason=request.reason)


def _in_time(call: SoFar, step: Step, request: Request | Unfit) -> Request | Unfit:
    """Counting, shortening and earlier attempts took time: nothing is sent too late."""
    late = step.too_late(call.deadline.left())
    if late is None or isinstance(request, Unfit):
        return request
    return Unfit(failure=call.failure, go=Onward.NEXT_STEP, reason=late)


def _may_re_ask(call: SoFar, step: Step) -> bool:
    """Only while nobody has seen a word, and there is time for a second answer."""
    allowed = call.policy.re_ask and not call.re_asked and not call.said
    return allowed and call.deadline.left() >= step.p50


def _judged(
    parts: Parts, call: SoFar, step: Step, whole: Whole, judged: Judged, again: bool
) -> Ending | Down:
    match judged:
        case Usable():
            return answered(parts, call, step, whole, judged, again=again)
        case Blocked():
            call.failure = Failure.of(FailureClass.BLOCKED, judged.code)
            go = Onward.REFUSAL
        case Spoilt():
            call.failure = None
            call.spoilt = True
            go = Onward.OTHER_MODEL
        case _:
            assert_never(judged)
    if call.said:
        return broken(parts, call, step, judged.reason, whole.raw)
    return Down(go=go, reason=judged.reason)


def _unanswered(parts: Parts, call: SoFar, step: Step, result: Unanswered) -> Ending | Down:
    if result.failure is None:
        return Down(go=Onward.NEXT_STEP, reason=result.reason)
    call.failure = result.failure
    latch = parts.latches.shut(step.target, result.failure)
    if latch is not None:
        log_latch(parts, step.target, latch)
    if call.said:
        return broken(parts, call, step, result.reason, None)
    return Down(go=onward(result.failure), reason=result.reason)
