"""Which prompt is rolled back and to which version, where the operator did not say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from mangaops.errors import InputError, Refused, nearest
from mangaops.model.request import RollbackPrompt
from mangaops.model.resources import PromptVersion, PromptVersions
from mangaops.model.time import format_duration, iso

Clock: TypeAlias = Callable[[], datetime]
RECENT = timedelta(hours=2)
"""A prompt that was activated within this time may be the one that is meant."""


class Versions(Protocol):
    def prompt_versions(self, table: str) -> PromptVersions: ...
    def versions_of(self, table: str, intent: str) -> PromptVersions: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """From `now` to `then`; `why` says what was chosen for the operator, if anything was."""

    intent: str
    now: PromptVersion
    then: PromptVersion
    others: tuple[str, ...]
    malformed: int
    why: str


def chosen(request: RollbackPrompt, prompts: Versions, table: str, now: datetime) -> Choice:
    """`then` is `now` itself when the wanted version is active already.

    Raises InputError for what is not there, Refused when the table is not as it should be.
    """
    intent = request.intent or _recent_intent(prompts.prompt_versions(table), now)
    found = prompts.versions_of(table, intent)
    if not found.versions and not found.malformed:
        raise _unknown_intent(intent, prompts.prompt_versions(table), table)
    active = _only_active(found, table, intent)
    then, why = _target(request.to, active, found.versions, intent)
    if not request.intent:
        why = "; ".join(part for part in (_since(active, now), why) if part)
    others = tuple(one.version for one in found.versions if one != active)
    return Choice(
        intent=intent, now=active, then=then, others=others, malformed=found.malformed, why=why
    )


def _recent_intent(found: PromptVersions, now: datetime) -> str:
    """The only intent whose active version is younger than RECENT."""
    recent = sorted(
        {
            one.intent
            for one in found.versions
            if one.active and one.activated_at is not None and one.activated_at > now - RECENT
        }
    )
    if len(recent) == 1:
        return recent[0]
    within = format_duration(RECENT)
    if recent:
        raise InputError(
            f"{len(recent)} prompts were activated within the last {within}: {', '.join(recent)}",
            hint="name one: " + " or ".join(f"mangaops rollback-prompt {one}" for one in recent),
        )
    known = ", ".join(sorted({one.intent for one in found.versions})) or "none at all"
    raise InputError(
        f"no prompt was activated within the last {within}",
        hint=f"name the intent: mangaops rollback-prompt INTENT; there are {known}",
    )


def _unknown_intent(intent: str, found: PromptVersions, table: str) -> InputError:
    known = sorted({one.intent for one in found.versions})
    there = f"there are {', '.join(known)}" if known else "the table holds no prompt at all"
    hint = " ".join(part for part in (nearest(intent, known), there) if part)
    return InputError(f'no prompt has the intent "{intent}"', where=table, hint=hint)


def _only_active(found: PromptVersions, table: str, intent: str) -> PromptVersion:
    active = [one for one in found.versions if one.active]
    if len(active) == 1:
        return active[0]
    names = ", ".join(one.version for one in active or found.versions) or "none"
    if active:
        what = f"{len(active)} versions of {intent} are active at once: {names}"
        mend = "switch `active` to false on all but one of them"
    else:
        what = f"no version of {intent} is active; there are {names}"
        mend = "switch `active` to true on the one that should be"
    if found.malformed:
        what += f", and {found.malformed} items that could not be read in full"
    raise Refused(
        what,
        where=f"{table}/{intent}",
        hint=f"{mend} (aws dynamodb update-item with --condition-expression "
        "'attribute_exists(intent)'), then repeat the command",
    )


def _target(
    wanted: str, active: PromptVersion, versions: Sequence[PromptVersion], intent: str
) -> tuple[PromptVersion, str]:
    if wanted:
        return _named(wanted, versions, intent), ""
    earlier = _earlier(active, versions)
    if earlier is None:
        raise _no_earlier(active, versions, intent)
    at = earlier.activated_at
    return earlier, f"{earlier.version} was active before (activated {iso(at) if at else '?'})"


def _named(wanted: str, versions: Sequence[PromptVersion], intent: str) -> PromptVersion:
    for one in versions:
        if one.version == wanted:
            return one
    known = [one.version for one in versions]
    hint = " ".join(
        part for part in (nearest(wanted, known), f"there are {', '.join(known)}") if part
    )
    raise InputError(f'{intent} has no version "{wanted}"', where="--to", hint=hint)


def _earlier(active: PromptVersion, versions: Iterable[PromptVersion]) -> PromptVersion | None:
    """The newest of those that were activated before the active one."""
    since = active.activated_at
    if since is None:
        return None
    before = [
        (one.activated_at, one.version, one)
        for one in versions
        if not one.active and one.activated_at is not None and one.activated_at < since
    ]
    return max(before, key=lambda each: each[:2])[2] if before else None


def _no_earlier(active: PromptVersion, versions: Sequence[PromptVersion], intent: str) -> Refused:
    others = [one.version for one in versions if not one.active]
    if not others:
        return Refused(f"{active.version} is the only version of {intent}", where=intent)
    why = "it has no activated_at" if active.activated_at is None else "none is known to be older"
    return Refused(
        f"which version of {intent} was active before {active.version} is not known: {why}",
        where=intent,
        hint=f"name it: mangaops rollback-prompt {intent} --to VERSION ({', '.join(others)})",
    )


def _since(active: PromptVersion, now: datetime) -> str:
    at = active.activated_at
    minutes = max(0, (now - at) // timedelta(minutes=1)) if at else 0
    ago = format_duration(timedelta(minutes=minutes))
    return f"{active.intent} is the only prompt activated within 2h ({active.version}, {ago} ago)"
