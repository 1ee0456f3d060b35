"""Walks down the ladder until there is an answer. There always is one.

The same walk serves whole answers and streams. For a stream it yields the pieces of text as
they come; once one was delivered no step follows: the answer is whole, or interrupted.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

from mangaops.fm.ladder.descent import Onward, steps_after
from mangaops.fm.ladder.ending import without_model
from mangaops.fm.ladder.fitting import refused
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import Ending, SoFar
from mangaops.fm.ladder.steps import Step, Way, steps_of
from mangaops.fm.ladder.take import latched, take

LATE = 0.1
"""Seconds by which the end of an attempt may be noticed late."""


def walk(parts: Parts, call: SoFar) -> Generator[str, None, Ending]:
    steps, go = _entry(parts, call)
    while steps:
        step, steps = steps[0], steps[1:]
        reason = _passed_over(parts, call, step, steps)
        if reason is not None:
            call.descend(f"{step.target}: {reason}")
            continue
        _keep_time(call, step, steps)
        end = latched(parts, call, step) or (yield from take(parts, call, step))
        if isinstance(end, Ending):
            return end
        call.descend(f"{step.target}: {end.reason}")
        go = end.go
        steps = steps_after(steps, go, larger=partial(_is_larger, parts, step))
    return (yield from without_model(parts, call, go))


def _entry(parts: Parts, call: SoFar) -> tuple[tuple[Step, ...], Onward]:
    """A request that is wrong goes nowhere. While too many calls of an intent fail, its
    template answers at once, but for a trickle.
    """
    policy = call.policy
    wrong = refused(parts, call.request, policy)
    if wrong is not None:
        call.failure, call.issues = wrong.failure, wrong.issues
        call.descend(wrong.reason)
        return (), wrong.go
    model = parts.name_of(policy.route)
    if policy.template is not None and parts.rate.active(call.kind, model):
        call.kept_back = True
        call.descend(f"too many calls of {call.request.intent} to {model} failed in a minute")
        return (), Onward.NO_MODEL
    return steps_of(policy), Onward.NEXT_STEP


def _keep_time(call: SoFar, step: Step, rest: tuple[Step, ...]) -> None:
    """For the steps after this one. The same model by another way is none of those that are
    asked when this one says nothing.
    """
    others = [one.p50 for one in rest if one.way is Way.BACKUP]
    call.p50 = step.p50
    call.reserve = min((one.p50 for one in rest), default=0.0)
    call.kept = min(others) + LATE if others else 0.0


def _passed_over(parts: Parts, call: SoFar, step: Step, rest: tuple[Step, ...]) -> str | None:
    """Why a step is not taken: too little time, or answers that cannot be used lately."""
    late = step.too_late(call.deadline.left())
    if late is not None:
        return late
    others = any(one.way is Way.BACKUP for one in rest)
    bad = parts.quality.bad(call.kind, parts.name_of(step.target))
    return "most of its answers of the last minute could not be used" if bad and others else None


def _is_larger(parts: Parts, than: Step, one: Step) -> bool:
    this, other = (parts.config.models.of(step.target.model_id) for step in (one, than))
    return this is not None and other is not None and this.context_tokens > other.context_tokens
