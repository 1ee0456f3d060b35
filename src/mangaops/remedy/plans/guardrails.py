"""Limits of the configuration that no plan may exceed, whoever approves it. Pure.

A rule's name is its field's in `model.settings.Guardrails`, as it stands in mangaops.yaml.
A plan that takes a run back is only asked whose account it changes: the way back must not
be closed by a freeze or by a limit that the first change has kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from mangaops.errors import Refused
from mangaops.model.plan import Plan
from mangaops.model.settings import Freeze, Guardrails
from mangaops.model.site import Site
from mangaops.model.time import iso
from mangaops.remedy.action import Touches

_DAY = 24 * 60
_OPEN = "it is taken out of mangaops.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule, how the plan breaks it, and what would keep it; empty where only the rule could
    be changed.
    """

    rule: str
    what: str
    instead: str = "plan less"


def violations(
    plan: Plan, touches: Sequence[Touches], guardrails: Guardrails, site: Site, now: datetime
) -> tuple[Violation, ...]:
    """Every rule that the plan breaks. `touches` are those of its steps, `site` is where it
    would be applied.
    """
    broken = [*_accounts(guardrails, site)]
    if not plan.undoes:
        broken += _amounts(touches, guardrails)
        broken += _names("parameters", [p for one in touches for p in one.parameters], guardrails)
        broken += _names("variables", [v for one in touches for v in one.variables], guardrails)
        broken += _frozen(guardrails.freeze, now)
    return tuple(broken)


def refuse(broken: Sequence[Violation]) -> None:
    """Raises Refused with every rule that is broken; returns when none is."""
    if broken:
        what = "; ".join(f"guardrail {one.rule}: {one.what}" for one in broken)
        rules = ", ".join(dict.fromkeys(one.rule for one in broken))
        instead = dict.fromkeys(one.instead for one in broken if one.instead)
        ways = [" and ".join(instead), f"change {rules} in mangaops.yaml"]
        raise Refused(what, where="guardrails", hint=", or ".join(filter(None, ways)))


def _accounts(guardrails: Guardrails, site: Site) -> Iterator[Violation]:
    allowed = guardrails.accounts
    if allowed is not None and site.account not in allowed:
        what = f"account {site.account or 'unknown'} is not one of {', '.join(allowed) or 'none'}"
        yield Violation(rule="accounts", what=what, instead="use another account")


def _amounts(touches: Sequence[Touches], guardrails: Guardrails) -> Iterator[Violation]:
    tasks = max((one.tasks for one in touches if one.tasks is not None), default=0)
    ocu = max((one.ocu for one in touches if one.ocu is not None), default=0.0)
    keys = sum(one.keys for one in touches)
    for rule, amount, most, unit in (
        ("most_tasks", tasks, guardrails.most_tasks, "tasks"),
        ("most_ocu", ocu, guardrails.most_ocu, "OCU"),
        ("most_keys", keys, guardrails.most_keys, "keys"),
    ):
        if amount > most:
            yield Violation(rule=rule, what=f"{amount:,g} {unit} are more than {most:,g}")


def _names(rule: str, names: Sequence[str], guardrails: Guardrails) -> Iterator[Violation]:
    allowed = guardrails.parameters if rule == "parameters" else guardrails.variables
    if allowed is None:
        return
    for name in dict.fromkeys(names):
        if not any(fnmatchcase(name, pattern) for pattern in allowed):
            patterns = ", ".join(allowed) or "none"
            yield Violation(rule=rule, what=f"{name} is not one of {patterns}")


def _frozen(freezes: Sequence[Freeze], now: datetime) -> Iterator[Violation]:
    for freeze in freezes:
        until = _once(freeze, now) if freeze.start or freeze.end else _weekly(freeze, now)
        if until:
            instead = f"wait until {until}" if until != _OPEN else ""
            yield Violation(rule="freeze", what=f"{freeze.reason}, until {until}", instead=instead)


def _once(freeze: Freeze, now: datetime) -> str:
    """When it is over; empty when `now` is not in it. An open end is never over."""
    begun = freeze.start is None or freeze.start <= now
    if not begun or (freeze.end is not None and freeze.end <= now):
        return ""
    return iso(freeze.end) if freeze.end else _OPEN


def _weekly(freeze: Freeze, now: datetime) -> str:
    local = now.astimezone(ZoneInfo(freeze.timezone))
    minute = local.weekday() * _DAY + local.hour * 60 + local.minute
    opens, closes = freeze.opens, freeze.closes
    inside = opens <= minute < closes if opens < closes else minute >= opens or minute < closes
    if opens == closes or not inside:
        return ""
    day, of_day = divmod(closes, _DAY)
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day % 7]
    return f"{weekday} {of_day // 60:02d}:{of_day % 60:02d} {freeze.timezone}"
