"""From what was asked for to a plan: nothing but reading. Free of Typer."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mangaops.cli.changes.plan_store import plan_store
from mangaops.cli.changes.reasons import Diagnosed, diagnosed_here, recent
from mangaops.cli.changes.workshop import Workshop
from mangaops.cli.options import Because
from mangaops.cli.progress import one_line
from mangaops.cli.remedies.words import Asked, parsed
from mangaops.errors import InputError
from mangaops.model.plan import NothingToDo, Plan, Reason
from mangaops.model.redaction import REDACTED
from mangaops.remedy.plans.guardrails import Violation, refuse, violations
from mangaops.remedy.plans.planner import plan_of

_FREEZE = "freeze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A remedy with what it is for. `others` are the remaining remedies of the diagnosis."""

    asked: Asked
    reason: Reason
    others: tuple[str, ...] = ()


def wanted(shop: Workshop, asked: Asked | None, because: Because) -> Wanted:
    """What is to be planned: as typed, as the diagnosis names it, or both together."""
    if because.run is None:
        if asked is None:
            hint = "mangaops plan REMEDY, or mangaops plan --run last"
            raise InputError("what is to be planned?", where="mangaops plan", hint=hint)
        return _without_run(shop, asked, because)
    found = diagnosed_here(shop.app, because.run, shop.site)
    reason = found.reason(because.reason)
    if asked is not None:
        return Wanted(asked=_filled(asked, found), reason=reason)
    first, *rest = all_of(found)
    return Wanted(asked=first, reason=reason, others=tuple(one.line for one in rest))


def every(shop: Workshop, because: Because) -> list[Wanted]:
    """One for each remedy of the diagnosis."""
    if because.run is None:
        raise InputError("--all needs a diagnosis", where="--all", hint="--run RUN, or --run last")
    found = diagnosed_here(shop.app, because.run, shop.site)
    reason = found.reason(because.reason)
    return [Wanted(asked=asked, reason=reason) for asked in all_of(found)]


def all_of(found: Diagnosed) -> Sequence[Asked]:
    """The remedies of a diagnosis, the most urgent first; raises InputError without any."""
    remedies = [parsed(_whole(shlex.split(one.arguments), found)) for one in found.remedies]
    if not remedies:
        run = found.case.run
        raise InputError(
            f"run {run} names no remedy that mangaops can carry out",
            where="--run",
            hint=f"mangaops explain {run}",
        )
    return remedies


def _filled(asked: Asked, found: Diagnosed) -> Asked:
    """A remedy that was typed without arguments gets those of the diagnosis."""
    words = found.words_for(asked.remedy) if len(asked.words) == 1 else ()
    return parsed(_whole(words, found)) if words else asked


def _whole(words: Sequence[str], found: Diagnosed) -> Sequence[str]:
    """Raises InputError for the arguments of a record that held a secret."""
    if any(REDACTED[:-1] in word for word in words):
        run = found.case.run
        what = f"run {run} was recorded without a secret that `{words[0]}` needs"
        raise InputError(what, where="--run", hint="type the remedy with its arguments")
    return words


def _without_run(shop: Workshop, asked: Asked, because: Because) -> Wanted:
    """A rollback that does not say of which prompt is taken from the last diagnosis."""
    bare = asked.words == ("rollback-prompt",)
    found = recent(shop.app, shop.site, asked.remedy) if bare else None
    if found is None:
        return Wanted(asked=asked, reason=Reason(text=because.reason or ""))
    filled = _filled(asked, found)
    shop.note(f"note: from run {found.case.run}: mangaops {filled.line}")
    return Wanted(asked=filled, reason=found.reason(because.reason))


def planned(shop: Workshop, want: Wanted) -> Plan | NothingToDo:
    """The plan from the world as it is now. Raises Refused where a guardrail forbids it.

    A freeze forbids applying, not planning: it is told as a conflict.
    """
    request = want.asked.options.request(shop.environment)
    with one_line(shop.app, shop.show) as say:
        say(f"reading what `{want.asked.remedy}` would change")
        draft = shop.remedies.of(want.asked.remedy).draft(request)
    if isinstance(draft, NothingToDo):
        return draft
    store = plan_store(shop.app.environ)
    plan = plan_of(
        draft,
        plan_id=store.new_name(shop.app.token),
        remedy=want.asked.remedy,
        arguments=want.asked.line,
        site=shop.site,
        reason=want.reason,
        now=shop.app.clock(),
    )
    broken = broken_rules(shop, plan)
    refuse([one for one in broken if one.rule != _FREEZE])
    frozen = tuple(f"{one.rule}: {one.what}: cannot be applied now" for one in broken)
    return replace(plan, draft=replace(plan.draft, conflicts=(*draft.conflicts, *frozen)))


def broken_rules(shop: Workshop, plan: Plan) -> Sequence[Violation]:
    """The guardrails that this plan would break here and now."""
    actions = shop.remedies.of(plan.remedy).actions
    touches = [actions[one.action].touches(one) for one in plan.steps if one.action in actions]
    rails = shop.environment.guardrails
    return violations(plan, touches, rails, shop.site, shop.app.clock())
