"""What a call tells the log: one record of each attempt, one of the call, one of its stream.

Rule: nothing here raises, whatever a record is made of; one that cannot be made is counted.
Times are without what the reader of a stream took.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from mangaops.fm.answer import Answer, Usage
from mangaops.fm.breaker.transitions import BreakerState, Transition
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.families import NOT_SENT
from mangaops.fm.ladder.latch import Latch
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import Ending, SoFar
from mangaops.fm.ladder.status import status_of_call
from mangaops.fm.records.attempt import AttemptRecord
from mangaops.fm.records.call import CallRecord
from mangaops.fm.records.metrics import Record
from mangaops.fm.records.session import session_hash
from mangaops.fm.records.status import Status
from mangaops.fm.records.stream import StreamEndRecord
from mangaops.fm.records.transition import TransitionRecord
from mangaops.fm.target import Target
from mangaops.fm.transport.raw import RawAnswer

_More = ParamSpec("_More")
_Writes = Callable[Concatenate[Parts, _More], None]


def _never_raising(write: _Writes[_More]) -> _Writes[_More]:
    def written(parts: Parts, /, *arguments: _More.args, **more: _More.kwargs) -> None:
        try:
            write(parts, *arguments, **more)
        except Exception:  # noqa: BLE001 - a call does not fail because its log does
            parts.lost()

    return written


@_never_raising
def log_attempt(
    parts: Parts, call: SoFar, *, began: float, failure: Failure | None, raw: RawAnswer | None
) -> None:
    """`raw` is the answer, or what came of it until it failed."""
    sent = failure is None or failure.code not in NOT_SENT
    target, request = call.sent_to, call.sent
    if target is None or request is None:
        return
    record = AttemptRecord(
        at=parts.wall(),
        correlation_id=call.correlation_id,
        session_hash=_session(parts, call),
        attempt=call.attempts,
        intent=request.intent,
        model=parts.name_of(target),
        model_id=target.model_id,
        region=target.region,
        latency_s=parts.clock() - call.held - began,
        failure=failure,
        http_status=None if raw is None else raw.http_status,
        aws_request_id=_request_id(raw, failure),
        first_token_s=None if raw is None else raw.first_token_s,
        usage=None if raw is None else raw.usage,
        input_estimate=_estimate(parts, call),
        max_output_tokens=request.max_tokens,
        stop_reason=None if raw is None else raw.stop_reason or None,
        retry_wait_s=call.waited or None,
        deadline_left_s=call.deadline.left(),
        breaker=call.breaker,
        sent=sent,
    )
    _write(parts, record)


def log_call(parts: Parts, call: SoFar, ending: Ending | None) -> None:
    """`ending` is None for a call that was cancelled."""
    _log_call(parts, call, ending)
    if call.streaming:
        _log_stream(parts, call, ending)


@_never_raising
def _log_call(parts: Parts, call: SoFar, ending: Ending | None) -> None:
    answer = None if ending is None else ending.answer
    status, code = _status(call, ending)
    failure = None if code is None else call.failure
    target = _asked(call, ending) or call.policy.route
    record = CallRecord(
        at=parts.wall(),
        correlation_id=call.correlation_id,
        session_hash=_session(parts, call),
        intent=call.request.intent,
        model=parts.name_of(target),
        model_id=target.model_id,
        model_requested=call.policy.route.model_id,
        region=target.region,
        status=status,
        error_code=code,
        error_message=None if failure is None else failure.detail or None,
        http_status=None if failure is None else failure.http_status,
        latency_s=parts.clock() - call.held - call.began,
        first_token_s=_first_token(call),
        attempts=call.attempts,
        retry_count=call.retries,
        mode=call.mode if answer is None else answer.mode,
        usage=None if answer is None else answer.usage,
        stop_reason=None if answer is None else answer.stop_reason,
        repair=None if answer is None else answer.repair,
        spent=None if call.spent == Usage() else call.spent,
        input_told=call.read,
        input_estimate=_estimate(parts, call),
        max_output_tokens=_number(call.request.max_tokens),
        retry_wait_s=call.waited_in_all or None,
        deadline_left_s=call.deadline.left(),
        descended_because=tuple(call.because),
        prompt_version=call.request.prompt_version,
        breaker=call.breaker,
        streamed=call.streaming,
        messages_dropped=call.dropped,
        issues=call.issues,
    )
    _write(parts, record)


def _asked(call: SoFar, ending: Ending | None) -> Target | None:
    """Who answered, else who was asked last."""
    answered = None if ending is None else ending.answer.model_answered
    return answered or call.sent_to


@_never_raising
def log_transition(parts: Parts, change: Transition) -> None:
    """Where the same breakers serve several clients, the one that made them logs this."""
    target = change.target
    if target is None:
        return
    record = TransitionRecord(
        at=parts.wall(),
        before=change.from_state.value,
        after=change.to_state.value,
        reason=change.reason,
        model=parts.name_of(target),
        model_id=target.model_id,
        region=target.region,
        operation=change.operation or None,
        calls=change.rates.calls,
        failure_rate=change.rates.failure,
        throttle_rate=change.rates.throttle,
        slow_rate=change.rates.slow,
        open_for_s=change.open_for,
    )
    _write(parts, record)


@_never_raising
def log_latch(parts: Parts, target: Target, latch: Latch | None) -> None:
    """As the change of a breaker, which it is but for its cause; None: its time is over."""
    shut, open_ = BreakerState.OPEN.value, BreakerState.CLOSED.value
    record = TransitionRecord(
        at=parts.wall(),
        before=shut if latch is None else open_,
        after=open_ if latch is None else shut,
        reason="latch: its time is over" if latch is None else f"latch: {latch.reason}",
        model=parts.name_of(target),
        model_id=target.model_id,
        region=target.region,
        open_for_s=None if latch is None else latch.seconds,
    )
    _write(parts, record)


@_never_raising
def _log_stream(parts: Parts, call: SoFar, ending: Ending | None) -> None:
    answer: Answer | None = None if ending is None else ending.answer
    target = _asked(call, ending)
    record = StreamEndRecord(
        at=parts.wall(),
        correlation_id=call.correlation_id,
        session_hash=_session(parts, call),
        intent=call.request.intent,
        model=None if target is None else parts.name_of(target),
        model_id=None if target is None else target.model_id,
        region=None if target is None else target.region,
        status=_status(call, ending)[0],
        latency_s=parts.clock() - call.held - call.began,
        first_token_s=_first_token(call),
        longest_gap_s=call.longest_gap,
        chunks=len(call.said),
        characters=sum(map(len, call.said)),
        stop_reason=None if answer is None else answer.stop_reason,
        mode=call.mode if answer is None else answer.mode,
        reason=_status(call, ending)[0].value if ending is None else ending.interrupted,
    )
    _write(parts, record)


def _write(parts: Parts, record: Record) -> None:
    parts.log(parts.metrics.document(record))


def _status(call: SoFar, ending: Ending | None) -> tuple[Status, str | None]:
    failed = None if call.failure is None else call.failure.failure_class
    if ending is None and failed in {None, FailureClass.CANCELLED}:
        return Status.CANCELLED, None
    by_a_model = ending is not None and ending.answer.model_answered is not None
    interrupted = ending is not None and ending.interrupted is not None
    return status_of_call(call, by_a_model=by_a_model, interrupted=interrupted)


def _session(parts: Parts, call: SoFar) -> str | None:
    session = call.request.session
    return None if session is None else session_hash(session, salt=parts.session_salt)


def _number(said: object) -> int | None:
    """A request that was refused may have anything in the place of a number, also its text."""
    return said if isinstance(said, int) else None


def _first_token(call: SoFar) -> float | None:
    return None if call.first_text_at is None else call.first_text_at - call.began


def _estimate(parts: Parts, call: SoFar) -> int | None:
    if call.sent is None or call.sent_to is None:
        return None
    return parts.counter.corrected(call.sent_to.model_id, call.estimate_of(call.sent))


def _request_id(raw: RawAnswer | None, failure: Failure | None) -> str | None:
    if raw is not None and raw.request_id is not None:
        return raw.request_id
    return None if failure is None else failure.request_id
