"""Which answer a plan needs, and whether it was given.

    mild       nothing
    moderate   a yes
    severe     the name of what is changed, typed; so is everything where the environment
               is protected

`--confirm NAME` answers every tier, and a wrong name is refused on every tier: whoever
names another target has another plan in mind. `--yes` never stands for a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from shlex import quote
from typing import Protocol, assert_never

from mangaops.errors import Refused
from mangaops.model.change import Approval
from mangaops.model.plan import Plan, Risk


class Tier(Enum):
    NOTHING = "nothing"
    YES = "yes"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What it takes to approve a plan. `name` is what `--confirm` must say, on every tier."""

    tier: Tier
    name: str

    @property
    def flag(self) -> str:
        """The option that gives the answer in a script; empty where none is needed."""
        match self.tier:
            case Tier.NOTHING:
                return ""
            case Tier.YES:
                return "--yes"
            case Tier.NAME:
                return f"--confirm {quote(self.name)}"
            case _:
                assert_never(self.tier)


class Asker(Protocol):
    """Someone at a terminal. Ctrl-C there raises Interrupted."""

    def yes_or_no(self, question: str) -> bool: ...

    def typed(self, question: str) -> str: ...


def needed(plan: Plan) -> Need:
    """What it takes to approve this plan."""
    name = plan.draft.confirm
    if plan.site.protected or plan.draft.risk is Risk.SEVERE:
        return Need(tier=Tier.NAME, name=name)
    tier = Tier.NOTHING if plan.draft.risk is Risk.MILD else Tier.YES
    return Need(tier=tier, name=name)


def approve(
    plan: Plan,
    digest: str,
    *,
    confirm: str | None,
    yes: bool,
    ask: Asker | None,
    operator: str,
    now: datetime,
) -> Approval:
    """The approval of the plan with this digest. `ask` is None without a terminal.

    Raises Refused when the answer is no, a wrong name, or cannot be asked for; the hint has
    the flag that would have answered.
    """
    need = needed(plan)
    how = _by_flag(need, confirm=confirm, yes=yes)
    if not how:
        how = _asked(need, ask)
    return Approval(digest=digest, operator=operator, at=now, how=how)


def _by_flag(need: Need, *, confirm: str | None, yes: bool) -> str:
    """How the flags answer; empty when they do not."""
    if confirm is not None:
        if confirm != need.name:
            raise _wrong_name(need, confirm)
        return "confirm-flag"
    match need.tier:
        case Tier.NOTHING:
            return "mild"
        case Tier.YES:
            return "yes-flag" if yes else ""
        case Tier.NAME:
            if yes:
                what = f"--yes is not enough here: `{need.name}` must be named"
                raise Refused(what, where="--yes", hint=f"pass {need.flag}")
            return ""
        case _:
            assert_never(need.tier)


def _asked(need: Need, ask: Asker | None) -> str:
    if ask is None:
        what = "this needs an answer, and there is no terminal to ask on"
        raise Refused(what, hint=f"pass {need.flag}")
    if need.tier is Tier.YES:
        if not ask.yes_or_no("Apply?"):
            raise Refused("declined; nothing was changed")
        return "yes"
    typed = ask.typed(f"Type {need.name} to apply, or Ctrl-C")
    if typed.strip() != need.name:
        raise _wrong_name(need, typed.strip())
    return "typed"


def _wrong_name(need: Need, given: str) -> Refused:
    what = f"`{given[:200]}` is not what the plan changes; nothing was changed"
    return Refused(what, where="--confirm", hint=f"the plan is about `{need.name}`")
