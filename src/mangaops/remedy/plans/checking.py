"""Whether a plan may be applied: what it says of itself, its age, its place, and every target
as it is now. Reads only.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from datetime import datetime, timedelta

from mangaops.errors import Drifted, Expired, Refused
from mangaops.model.evidence import JSON
from mangaops.model.plan import (
    LIFETIME,
    OTHER_THAN,
    Difference,
    Found,
    Plan,
    Standing,
    Step,
    compare,
)
from mangaops.model.site import Site
from mangaops.model.time import iso
from mangaops.remedy.action import Action
from mangaops.remedy.plans.planner import plain
from mangaops.remedy.plans.risks import highest, least_risk

CLOCKS_DIFFER = timedelta(minutes=1)
"""How far the clocks of two machines may be apart."""
_LONGEST_VALUE = 80
_MOST_TOLD = 12


def refuse_given(plan: Plan, here: Site) -> None:
    """Raises Refused for a plan of another place, and for what a plan file may not say of
    itself: how much approval its steps take is not up to whoever wrote the file.
    """
    again_here = f"--env {plan.site.name}, or make a new one here"
    refuse_elsewhere(here, plan.site, f"plan {plan.id}", again_here)
    if here.protected and not plan.site.protected:
        what = f"plan {plan.id} is of an environment that was not protected, and {here.name} is"
        raise Refused(what, where=f"environment {here.name}", hint=again_here)
    if plan.undoes:
        what = f"a plan file takes no run back, and this one is to take {plan.undoes} back"
        raise Refused(what, where=plan.id, hint=again(plan))
    least = least_risk(plan.steps)
    if highest((plan.draft.risk, least)) is not plan.draft.risk:
        what = f"this plan says {plan.draft.risk.value} risk, and its steps are {least.value}"
        raise Refused(what, where=plan.id, hint=f"make a new one: {again(plan)}")


def refuse_expired(plan: Plan, now: datetime) -> None:
    """Raises Expired when the plan's life is over, Refused when it gives itself another one."""
    hint = f"make a new one: {again(plan)}"
    if now >= plan.expires:
        raise Expired(f"this plan was good until {iso(plan.expires)}", where=plan.id, hint=hint)
    if plan.made > now + CLOCKS_DIFFER:
        what = f"this plan was made in the future, at {iso(plan.made)}: compare the clocks"
        raise Refused(what, where=plan.id, hint=hint)
    if plan.expires - plan.made > LIFETIME:
        what = f"this plan would be good from {iso(plan.made)} until {iso(plan.expires)}"
        raise Refused(f"{what}: no plan lives so long", where=plan.id, hint=hint)


def refuse_elsewhere(here: Site, there: Site, what: str, hint: str) -> None:
    """Raises Refused with what differs when `what` (a plan, a run) is of another place."""
    pairs = (
        ("account", there.account, here.account),
        ("region", there.region, here.region),
        ("environment", there.name, here.name),
    )
    other = [f"{kind} {theirs}, not {ours}" for kind, theirs, ours in pairs if theirs != ours]
    if other:
        told = f"{what} is of {'; '.join(other)}"
        raise Refused(told, where=f"environment {here.name}", hint=hint)


def again(plan: Plan) -> str:
    """The command that makes this plan anew from the present world."""
    if plan.undoes:
        return f"mangaops undo {plan.undoes}{plan.site.option}"
    try:
        words = shlex.split(plan.arguments)
        end = words.index("--")  # no option can stand behind it
    except ValueError:
        return f"mangaops plan {plan.arguments}{plan.site.option}"
    options, values = shlex.join(words[:end]), shlex.join(words[end:])
    return f"mangaops plan {options}{plan.site.option} {values}"


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
