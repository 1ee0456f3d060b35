"""What is lost -> what each runbook can still conclude."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mangaops.diagnose.reach import Chance, decidable, prospects
from mangaops.model.runbook import Runbook
from mangaops.readiness.doctor.finding import Finding, Outlook, State


def outlooks(runbooks: Iterable[Runbook], findings: Sequence[Finding]) -> tuple[Outlook, ...]:
    """One for each runbook, in their order."""
    return tuple(_outlook(runbook, findings) for runbook in runbooks)


def weighed(runbooks: Iterable[Runbook], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """A loss without which nothing is less possible stays a warning: a runbook may ask for
    the capacity of an account or of a group, of which an installation has one. What a
    trigger reads always matters.
    """
    known = {runbook.name: runbook for runbook in runbooks}
    return tuple(_weighed(one, known) for one in findings)


def _weighed(one: Finding, known: Mapping[str, Runbook]) -> Finding:
    if one.state is not State.WARNING or not one.lost:
        return one
    if _matters(one, known):
        return replace(one, state=State.PROBLEM)
    return replace(one, detail=f"{one.detail}; no diagnosis hangs on it")


def _matters(one: Finding, known: Mapping[str, Runbook]) -> bool:
    return any(
        user.evidence in known[user.runbook].trigger.when.evidence
        or prospect.chance is not Chance.POSSIBLE
        for user in one.users
        for prospect in prospects(known[user.runbook], frozenset({user.evidence}))
    )


def _outlook(runbook: Runbook, findings: Sequence[Finding]) -> Outlook:
    missing = _used_by(runbook, (one for one in findings if one.lost))
    without = missing | _used_by(runbook, (one for one in findings if one.unseen))
    left, worst = prospects(runbook, missing), prospects(runbook, without)
    return Outlook(
        runbook=runbook.name,
        title=runbook.title,
        decidable=decidable(runbook, without),
        prospects=left,
        titles={one: runbook.evidence[one].title or one for one in sorted(without)},
        unsaid=tuple(
            then for now, then in zip(left, worst, strict=True) if now.chance is not then.chance
        ),
    )


def _used_by(runbook: Runbook, findings: Iterable[Finding]) -> frozenset[str]:
    """Ids of this runbook's evidence."""
    users = (user for one in findings for user in one.users)
    return frozenset(user.evidence for user in users if user.runbook == runbook.name)
