"""Whether a plan may still be applied: its age, and every target as it is now. Reads only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from mangaops.errors import Drifted, Expired, Refused
from mangaops.model.evidence import JSON
from mangaops.model.plan import OTHER_THAN, Difference, Found, Plan, Standing, Step, compare
from mangaops.model.time import iso
from mangaops.remedy.action import Action
from mangaops.remedy.plans.planner import plain

_LONGEST_VALUE = 80
_MOST_TOLD = 12


def refuse_expired(plan: Plan, now: datetime) -> None:
    """Raises Expired when the plan's life is over."""
    if now >= plan.expires:
        what = f"this plan was good until {iso(plan.expires)}"
        raise Expired(what, where=plan.id, hint=f"make a new one: {again(plan)}")


def again(plan: Plan) -> str:
    """The command that makes this plan anew from the present world."""
    what = f"undo {plan.undoes}" if plan.undoes else f"plan {plan.arguments}"
    return f"mangaops {what}{plan.site.option}"


def action_of(step: Step, actions: Mapping[str, Action]) -> Action:
    """Raises Refused for an action that this version does not have."""
    found = actions.get(step.action)
    if found is None:
        what = f"`{step.action}` is no action of this version of mangaops"
        raise Refused(what, where=f"step {step.number}", hint="make the plan with this version")
    return found


def found_now(step: Step, actions: Mapping[str, Action]) -> Found:
    """Where the step's target stands now."""
    return compare(step, plain(action_of(step, actions).read(step)))


def standings(plan: Plan, actions: Mapping[str, Action]) -> tuple[Standing, ...]:
    """Where each target stands. Raises Drifted with every difference of every target that
    is neither as the plan saw it nor as it wants it.
    """
    found = [(step, found_now(step, actions)) for step in plan.steps]
    drifted = [(step, one) for step, one in found if one.standing is Standing.OTHER]
    if drifted:
        raise drift(plan, drifted)
    return tuple(one.standing for _, one in found)


def drift(plan: Plan, drifted: list[tuple[Step, Found]]) -> Drifted:
    """The refusal that names target, field, and what it was and is."""
    told = "; ".join(f"{step.target}: {differing(found)}" for step, found in drifted)
    return Drifted(
        f"changed since the plan: {told}", where=plan.id, hint=f"look at it: {again(plan)}"
    )


def differing(found: Found, saw: str = "planned on") -> str:
    """`CHUNK_BATCH_SIZE is "3" (planned on "5")`, for each field that differs."""
    told = [_difference(one, saw) for one in found.drift[:_MOST_TOLD]]
    more = len(found.drift) - len(told)
    return ", ".join([*told, f"and {more} more fields"] if more else told)


def _difference(one: Difference, saw: str) -> str:
    wanted = one.wanted
    if isinstance(wanted, Mapping) and OTHER_THAN in wanted:
        return f"{one.field} is {_value(one.found)} ({saw} another one)"
    return f"{one.field} is {_value(one.found)} ({saw} {_value(wanted)})"


def _value(value: JSON) -> str:
    if value is None:
        return "absent"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
