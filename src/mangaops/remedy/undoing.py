"""The way back: from the journal of a run and the present world to a plan that undoes it.

A step that was, or may have been, written is read again. Where its target is as the run
left it, the plan takes it back; where it is as it was before the run, there is nothing to
do, unless the world is still on its way there; anything else is somebody else's work, and
is named instead of overwritten. So whether a call landed before a crash needs no guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from shlex import quote

from mangaops.errors import Drifted, Refused
from mangaops.model.plan import (
    Draft,
    Found,
    NothingToDo,
    Plan,
    Reason,
    Standing,
    Step,
    UndoKind,
)
from mangaops.model.site import Site
from mangaops.remedy.action import Action, Progress
from mangaops.remedy.journals import saving
from mangaops.remedy.journals.history import History
from mangaops.remedy.plans.checking import action_of, differing, found_now, refuse_elsewhere
from mangaops.remedy.plans.planner import plan_of
from mangaops.remedy.plans.risks import highest, least_risk
from mangaops.remedy.taking_back import way_back

_SAW = "the run left"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """The way back of one step, and where its target stands on it. `over`: it is gone, to
    its end.
    """

    step: Step
    found: Found
    over: bool


def undo_plan(
    history: History,
    *,
    actions: Mapping[str, Action],
    plan_id: str,
    site: Site,
    now: datetime,
    reason: str = "",
) -> Plan | NothingToDo:
    """The plan that takes a run back, last step first, at no less than the run's own risk.

    `site` is where it would be applied. Raises Refused where the journal was altered, is
    none of this version or is of another place, Drifted where a target was changed by
    somebody else, and MangaopsError where what the run saved for undo is gone.
    """
    _refuse_unread(history)
    plan = history.plan
    if plan is None:
        return NothingToDo(reason=f"run {history.run} ended before it changed anything")
    hint = f"mangaops undo {history.run} --env {quote(plan.site.name)}"
    refuse_elsewhere(site, plan.site, f"run {history.run}", hint)
    site = replace(site, protected=site.protected or plan.site.protected)
    touched = [step for step in plan.steps if history.touched(step.number)]
    if not touched:
        return NothingToDo(reason=f"run {history.run} changed nothing")
    lost = [step for step in touched if step.undo is UndoKind.NONE]
    ways = [_way(step, history, actions) for step in reversed(touched) if step not in lost]
    _refuse_drift(history, ways)
    notes = tuple(_note(one) for one in ways if one.over)
    notes += tuple(f"cannot be undone: {step.target}: {step.summary}" for step in lost)
    steps = [one.step for one in ways if not one.over]
    if not steps:
        what = "; ".join(notes)
        if not ways:
            return NothingToDo(reason=f"run {history.run} {what}")
        return NothingToDo(reason=f"nothing of run {history.run} is left to undo: {what}")
    return _planned(history.run, plan, steps, notes, _Made(plan_id, site, now, reason))


@dataclass(frozen=True, slots=True)
class _Made:
    plan_id: str
    site: Site
    now: datetime
    reason: str


def _planned(run: str, plan: Plan, steps: list[Step], notes: tuple[str, ...], made: _Made) -> Plan:
    draft = Draft(
        title=f"undo {run}: {plan.draft.title}",
        confirm=plan.draft.confirm,
        risk=highest((plan.draft.risk, least_risk(steps))),
        steps=tuple(replace(step, number=n) for n, step in enumerate(steps, 1)),
        reach=tuple(f"whoever uses {step.target} finds it as before run {run}" for step in steps),
        permissions=plan.draft.permissions,
        notes=notes,
        settle=plan.draft.settle,
    )
    back = plan_of(
        draft,
        plan_id=made.plan_id,
        remedy=plan.remedy,
        arguments=f"undo {run}",
        site=made.site,
        reason=Reason(text=made.reason or f"takes run {run} back"),
        now=made.now,
    )
    return replace(back, undoes=run)


def _refuse_unread(history: History) -> None:
    if history.findings:
        first = history.findings[0]
        what = f"the journal of run {history.run} was altered: line {first.line}: {first.what}"
        raise Refused(what, where=history.run, hint=f"mangaops history verify {history.run}")
    if history.strange:
        what = f"this version of mangaops cannot read the journal of run {history.run}"
        hint = "undo it with the version that made the change"
        raise Refused(f"{what}: {history.strange}", where=history.run, hint=hint)


def _way(step: Step, history: History, actions: Mapping[str, Action]) -> _Way:
    back = way_back(step, history)
    saved = history.saved(step.number)
    found = found_now(back, actions)
    if saved is not None and found.standing is Standing.BEFORE:
        saving.saved(history.folder.parent, saved.reference())
    return _Way(step=back, found=found, over=_over(back, found, actions))


def _over(back: Step, found: Found, actions: Mapping[str, Action]) -> bool:
    """A rollout that an earlier undo began may be on its way: it is waited for."""
    if found.standing is not Standing.AFTER:
        return False
    return action_of(back, actions).settled(back).progress is not Progress.WAITING


def _refuse_drift(history: History, ways: list[_Way]) -> None:
    drifted = [one for one in ways if one.found.standing is Standing.OTHER]
    if drifted:
        told = "; ".join(f"{one.step.target}: {differing(one.found, _SAW)}" for one in drifted)
        raise Drifted(
            f"changed by somebody else since run {history.run}: {told}",
            where=history.run,
            hint=f"mangaops history show {history.run} tells what it was before: set it by hand",
        )


def _note(way: _Way) -> str:
    return f"already as before: {way.step.target}"
