"""Has the world arrived at what was written? Polled until it has, has failed, or time is up."""

from __future__ import annotations

from collections.abc import Mapping

from mangaops.errors import AwsThrottled, MangaopsError, Stopped
from mangaops.model.change import StepState
from mangaops.model.plan import Plan, Step
from mangaops.model.redaction import redacted
from mangaops.model.time import format_duration
from mangaops.remedy.action import UNCLEAR, Action, Progress, Settled
from mangaops.remedy.execution.running import Run
from mangaops.remedy.journals.journal import Kind
from mangaops.remedy.plans.checking import action_of

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
_GROWTH = 1.5
_ENDS = {
    Progress.REACHED: (StepState.VERIFIED, Kind.VERIFIED),
    Progress.FAILED: (StepState.FAILED, Kind.UNVERIFIED),
    Progress.WAITING: (StepState.APPLIED, Kind.UNVERIFIED),
}


def settle(run: Run) -> None:
    """Marks each applied step verified, failed, or leaves it applied when time is up. The
    time is the plan's, for all of its steps. Raises Stopped after a Ctrl-C.

    A step that was skipped, as it was so already, is looked at as well: an earlier run that
    was stopped may have told the world, which is on its way only.
    """
    deadline = run.monotonic() + run.plan.draft.settle.total_seconds()
    for outcome in run.those(StepState.APPLIED, StepState.SKIPPED):
        step = outcome.step
        if outcome.state is StepState.SKIPPED and _reached(step, run.actions):
            continue
        settled = _polled(run, step, deadline)
        state, kind = _ENDS[settled.progress]
        detail = redacted(settled.detail)
        run.mark(step, state, detail)
        run.journal.append(kind, step=step.number, detail=detail)


def _polled(run: Run, step: Step, deadline: float) -> Settled:
    pause, told = FIRST_PAUSE_S, ""
    while True:
        settled, final = _looked(step, run.actions)
        if final:
            return settled
        if settled.detail != told:
            told = settled.detail
            run.say(step, told)
        left = deadline - run.monotonic()
        if left <= 0:
            limit = format_duration(run.plan.draft.settle)
            detail = f"not reached within {limit}: {settled.detail or 'no more is known'}"
            return Settled(progress=Progress.WAITING, detail=detail)
        run.stop.pause(min(pause, left))
        pause = min(LONGEST_PAUSE_S, pause * _GROWTH)


def all_reached(plan: Plan, actions: Mapping[str, Action]) -> bool:
    """Whether the world has arrived at what every step of the plan wants."""
    return all(_reached(step, actions) for step in plan.steps)


def _reached(step: Step, actions: Mapping[str, Action]) -> bool:
    settled, _ = _looked(step, actions)
    return settled.progress is Progress.REACHED


def _looked(step: Step, actions: Mapping[str, Action]) -> tuple[Settled, bool]:
    """One look, and whether a further one would not tell more."""
    try:
        settled = action_of(step, actions).settled(step)
    except (AwsThrottled, *UNCLEAR) as error:
        return Settled(progress=Progress.WAITING, detail=f"not seen: {error}"), False
    except Stopped:
        raise
    except MangaopsError as error:
        return Settled(progress=Progress.WAITING, detail=f"not seen: {error}"), True
    return settled, settled.progress is not Progress.WAITING
