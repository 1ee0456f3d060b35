"""The way back: from the journal of a run and the present world to a plan that undoes it.

A step that was, or may have been, written is read again. Where its target is as the run
left it, the plan takes it back; where it is as it was before the run, there is nothing to
do; anything else is somebody else's work, and is named instead of overwritten. So whether
a call landed before a crash needs no guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

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
from mangaops.remedy.action import Action
from mangaops.remedy.journals.history import History
from mangaops.remedy.plans.checking import differing, found_now
from mangaops.remedy.plans.planner import plan_of

_SAW = "the run left"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """The way back of one step, and where its target stands on it."""

    step: Step
    found: Found


def undo_plan(
    history: History,
    *,
    actions: Mapping[str, Action],
    plan_id: str,
    site: Site,
    now: datetime,
    reason: str = "",
) -> Plan | NothingToDo:
    """The plan that takes a run back, last step first, at the risk of the run itself.

    `site` is where it would be applied. Raises Refused where the journal was altered or
    is of another place, and Drifted where a target was changed by somebody else.
    """
    if history.findings:
        first = history.findings[0]
        what = f"the journal of run {history.run} was altered: line {first.line}: {first.what}"
        raise Refused(what, where=history.run, hint=f"mangaops history verify {history.run}")
    plan = history.plan
    if plan is None:
        return NothingToDo(reason=f"run {history.run} ended before it changed anything")
    _refuse_elsewhere(history, plan, site)
    touched = [step for step in plan.steps if history.touched(step.number)]
    if not touched:
        return NothingToDo(reason=f"run {history.run} changed nothing")
    lost = [step for step in touched if step.undo is UndoKind.NONE]
    ways = [_way(step, history, actions) for step in reversed(touched) if step not in lost]
    _refuse_drift(history, ways)
    notes = tuple(_note(one) for one in ways if one.found.standing is Standing.AFTER)
    notes += tuple(f"cannot be undone: {step.target}: {step.summary}" for step in lost)
    steps = [one.step for one in ways if one.found.standing is Standing.BEFORE]
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
        risk=plan.draft.risk,
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


def _refuse_elsewhere(history: History, plan: Plan, site: Site) -> None:
    """Raises Refused when the run was made in another account or region."""
    there, here = (plan.site.account, plan.site.region), (site.account, site.region)
    if there != here:
        what = (
            f"run {history.run} changed account {there[0]} in {there[1]}, "
            f"and this is account {here[0] or 'unknown'} in {here[1] or 'no region'}"
        )
        hint = f"mangaops undo {history.run}{plan.site.option}"
        raise Refused(what, where=f"environment {site.name}", hint=hint)


def _way(step: Step, history: History, actions: Mapping[str, Action]) -> _Way:
    back = step.inverse(step.number)
    saved = history.saved(step.number)
    if saved is not None:
        back = replace(back, arguments={**back.arguments, "saved": saved.reference()})
    return _Way(step=back, found=found_now(back, actions))


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
