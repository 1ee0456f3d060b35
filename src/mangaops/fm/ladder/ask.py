"""Asks one model by one way, again where that helps: the only loop of retries there is.

Rule: a permit for each attempt, so many retries of a route in a call, whoever asks for them
(a re-ask has none of its own), no wait after the last one, none at all once the route's
breaker opened, and none for which a step below would have no time left. After a piece of text
was delivered nothing is asked again.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import assert_never

from mangaops.fm.breaker.circuit import CircuitBreaker
from mangaops.fm.breaker.permit import Permit
from mangaops.fm.breaker.transitions import BreakerState
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.ladder.attempt import Failed, Whole, attempt, limits_of
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import SoFar
from mangaops.fm.ladder.steps import Step
from mangaops.fm.requests.request import Request
from mangaops.fm.retry.policy import Descend, GiveUp, Retry

SLOW_FIRST_TOKEN = 3
"""Times the intent's target of the first token: beyond, a call is slow."""
SLOW_CALL = 5
"""Times what a call takes at the median."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """`failure` is None where the breaker let nothing through. `reason` is half a sentence."""

    failure: Failure | None
    reason: str


def ask(
    parts: Parts, call: SoFar, step: Step, request: Request
) -> Generator[str, None, Whole | Unanswered]:
    """The answer as it came. No text was delivered where there is none, but for `call.said`."""
    circuit = parts.breakers.of(step.target, operation_of(call, request))
    last: Retry | None = None
    call.waited = 0.0
    while True:
        permit = _permit(call, step, circuit)
        if permit is None:
            call.kept_back = True
            return Unanswered(failure=None, reason="its breaker is open")
        outcome = yield from attempt(parts, call, step.target, request, permit)
        match outcome:
            case Whole():
                parts.retry.succeeded(last)
                return outcome
            case Failed(failure=failure):
                again = _again(parts, call, step, circuit, failure)
                if isinstance(again, Unanswered):
                    return again
                last = again
                _wait(parts, call, step, again)
                request = _lighter(request, failure)
            case _:
                assert_never(outcome)


def operation_of(call: SoFar, request: Request) -> str:
    """What breakers are kept by: streams fail in their own ways."""
    return f"{request.operation}_stream" if call.streaming else request.operation.value


def _permit(call: SoFar, step: Step, circuit: CircuitBreaker) -> Permit | None:
    call.breaker = circuit.state.value
    return circuit.acquire(
        slow_call=SLOW_CALL * step.p50,
        slow_first_token=SLOW_FIRST_TOKEN * call.policy.first_token,
        lease=limits_of(call).total,
    )


def _again(
    parts: Parts, call: SoFar, step: Step, circuit: CircuitBreaker, failure: Failure
) -> Retry | Unanswered:
    """Whether this route is asked again, or why not."""
    if call.said:
        return Unanswered(failure=failure, reason=failure.code)
    if failure.counts_in_breaker and circuit.state is BreakerState.OPEN:
        return Unanswered(failure=failure, reason=f"{failure.code}, and its breaker opened")
    decided = parts.retry.decide(
        failure,
        retries_done=call.retried[step.target],
        deadline_left=call.deadline.left(),
        attempt=step.p50,
        reserve=call.reserve,
    )
    match decided:
        case Retry():
            return decided
        case Descend(reason=reason) | GiveUp(reason=reason):
            return Unanswered(failure=failure, reason=f"{failure.code}, {reason}")
        case _:
            assert_never(decided)


def _wait(parts: Parts, call: SoFar, step: Step, retry: Retry) -> None:
    call.retries += 1
    call.retried[step.target] += 1
    call.waited = retry.wait
    call.waited_in_all += retry.wait
    parts.sleep(retry.wait)
    call.hang_up.check()


def _lighter(request: Request, failure: Failure) -> Request:
    """A model that ran out of its time is asked for half as much."""
    if failure.failure_class is not FailureClass.MODEL_TIMEOUT or request.max_tokens is None:
        return request
    return replace(request, max_tokens=max(1, request.max_tokens // 2))
