"""Which diagnoses are possible without some evidence, and which are at most likely.

Every way through the tree is followed that possible answers (`sight`) allow, the
`on_missing` edges only where a condition can be unknown. A diagnosis is called impossible,
or at most likely, only when no way is left that ends otherwise; one that is called
possible may still be out of reach. A forced walk and answers of people are open to all.

Evidence that goes missing never makes more possible: see `sight`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mangaops.diagnose.sight import YES, Said, Sighted
from mangaops.model.runbook import (
    INCONCLUSIVE,
    NEXT,
    Ask,
    Node,
    Outcome,
    Runbook,
    Status,
)


class Chance(StrEnum):
    """What is left of a diagnosis, compared with all evidence being there."""

    POSSIBLE = "possible"
    AT_MOST_LIKELY = "at most likely"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One outcome of a runbook. `because` are the ids of evidence that stand in the way."""

    outcome: str
    title: str
    chance: Chance
    because: tuple[str, ...] = ()


class _Best(StrEnum):
    """The best verdict that some way leads to."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    NONE = "none"


_ORDER = (_Best.NONE, _Best.LIKELY, _Best.CONFIRMED)


def prospects(runbook: Runbook, missing: frozenset[str]) -> tuple[Prospect, ...]:
    """Every outcome, in the order of the file; `missing` are ids of its evidence."""
    whole, left = _best(runbook, frozenset()), _best(runbook, missing)
    return tuple(
        _prospect(runbook, outcome, missing, whole=whole[outcome.id], left=left[outcome.id])
        for outcome in runbook.outcomes.values()
    )


def decidable(runbook: Runbook, missing: frozenset[str]) -> bool:
    """Whether the trigger can still be said to hold, or not to, with the parameters as bound."""
    sighted = Sighted(runbook=runbook, missing=missing, settled=True)
    answers = sighted.answers(runbook.trigger.when.tree)
    return any(one.truth is not None for one in answers)


def _prospect(
    runbook: Runbook, outcome: Outcome, missing: frozenset[str], *, whole: _Best, left: _Best
) -> Prospect:
    if left is whole:
        return Prospect(outcome=outcome.id, title=outcome.title, chance=Chance.POSSIBLE)
    return Prospect(
        outcome=outcome.id,
        title=outcome.title,
        chance=Chance.IMPOSSIBLE if left is _Best.NONE else Chance.AT_MOST_LIKELY,
        because=_because(runbook, outcome.id, missing, left),
    )


def _because(
    runbook: Runbook, outcome: str, missing: frozenset[str], left: _Best
) -> tuple[str, ...]:
    """Each id that does it alone; else a smallest set that does it together."""

    def lost(ids: frozenset[str]) -> bool:
        return _ORDER.index(_best(runbook, ids)[outcome]) <= _ORDER.index(left)

    alone = tuple(one for one in sorted(missing) if lost(frozenset({one})))
    if alone:
        return alone
    together = missing
    for one in sorted(missing):
        if lost(together - {one}):
            together -= {one}
    return tuple(sorted(together))


def _best(runbook: Runbook, missing: frozenset[str]) -> dict[str, _Best]:
    """By outcome, over every way from the trigger on."""
    sighted = Sighted(runbook=runbook, missing=missing)
    found = dict.fromkeys(runbook.outcomes, _Best.NONE)
    seen: set[tuple[str, bool]] = set()
    waiting = list(_from_trigger(sighted))
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        name, sure = place
        if name in runbook.outcomes:
            ends = _ending(sighted, runbook.outcomes[name], sure=sure)
            found[name] = max(found[name], ends, key=_ORDER.index)
        elif name in runbook.nodes:
            waiting += _ways(sighted, runbook.nodes[name], sure=sure)
    return found


def _from_trigger(sighted: Sighted) -> Iterator[tuple[str, bool]]:
    trigger = sighted.runbook.trigger
    start = sighted.runbook.start
    for said in sighted.answers(trigger.when.tree):
        if said.truth:
            yield start, said.sure
        elif said.truth is None:
            yield (start if trigger.on_missing == NEXT else trigger.on_missing), False


def _ways(sighted: Sighted, node: Node | Ask, *, sure: bool) -> Iterator[tuple[str, bool]]:
    """Where a node can lead, and whether without a doubt."""
    if isinstance(node, Ask):
        yield from ((option.goto, sure) for option in node.options)
        yield node.on_missing, False
        return
    arriving = {sure}
    for branch in node.branches:
        if branch.when is None:
            yield from ((branch.goto, one) for one in arriving)
            return
        answers = sighted.answers(branch.when.tree)
        yield from _taken(answers, branch.goto, arriving)
        unknown = any(said.truth is None for said in answers)
        if unknown and branch.on_missing != NEXT:
            yield branch.on_missing or INCONCLUSIVE, False
        arriving = _passed(answers, arriving, onwards=unknown and branch.on_missing == NEXT)
    yield from ((INCONCLUSIVE, one) for one in arriving)


def _taken(answers: frozenset[Said], goto: str, arriving: set[bool]) -> Iterator[tuple[str, bool]]:
    for said in answers:
        if said.truth:
            yield from ((goto, sure and said.sure) for sure in arriving)


def _passed(answers: frozenset[Said], arriving: set[bool], *, onwards: bool) -> set[bool]:
    """How sure one can be when the next branch is tried."""
    left = {sure and said.sure for said in answers if said.truth is False for sure in arriving}
    return left | {False} if onwards and arriving else left


def _ending(sighted: Sighted, outcome: Outcome, *, sure: bool) -> _Best:
    """An outcome that is no diagnosis has no verdict that could be lost."""
    if outcome.status is not Status.DIAGNOSED:
        return _Best.CONFIRMED
    proven = all(YES in sighted.answers(check.when.tree) for check in outcome.confirm)
    return _Best.CONFIRMED if sure and proven and not outcome.at_most_likely else _Best.LIKELY
