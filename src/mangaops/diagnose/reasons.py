"""Why a verdict is not `confirmed`, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from mangaops.diagnose.facts import Facts
from mangaops.diagnose.trail import Trail
from mangaops.diagnose.values import Missing

_SHOWN = 3
"""Members of a group that are named; the rest is counted."""


def of_trail(trail: Trail, facts: Facts) -> list[str]:
    """Edges taken for want of evidence, members left out, holes, and a forced walk."""
    lost = frozenset[Missing]().union(*(stage.lost for stage in trail.stages))
    unseen = frozenset[Missing]().union(*(e.unseen for e in trail.evaluations))
    holes = frozenset[str]().union(*(e.holes for e in trail.evaluations))
    unanswered = [s.step for s in trail.stages if s.step.missing and not s.lost]
    return [
        *not_seen(lost, facts),
        *(f'"{step.question}" was not answered.' for step in unanswered),
        *left_out(unseen - lost, facts),
        *gaps(holes, facts),
        *(["The trigger does not hold; the walk was forced."] if trail.forced else []),
    ]


def not_seen(lost: Iterable[Missing], facts: Facts) -> list[str]:
    """`Not seen: NAT idle time-outs (denied: ...).` for evidence that could not be read;
    `Not decided by first-token p95 (3 of 10 datapoints in 10 min).` for what says too little.
    """
    return [
        _sentence("Not decided by" if _was_read(evidence_id, facts) else "Not seen:", named, why)
        for evidence_id, named, why in _grouped(lost, facts)
    ]


def left_out(unseen: Iterable[Missing], facts: Facts) -> list[str]:
    """Members of groups, and evidence, that `known()` said no about."""
    return [_sentence("Left out:", named, why) for _, named, why in _grouped(unseen, facts)]


def gaps(holes: Iterable[str], facts: Facts) -> list[str]:
    return [_weighs_less(evidence_id, facts) for evidence_id in sorted(holes)]


def _weighs_less(evidence_id: str, facts: Facts) -> str:
    item = facts.read(evidence_id)
    if item is not None and item.partial:
        return f"Only a part of {facts.title(evidence_id)} was read: it weighs less."
    return f"Gaps in {facts.title(evidence_id)}: it weighs less."


def _sentence(beginning: str, named: str, why: str) -> str:
    return f"{beginning} {named} ({why.rstrip('.')})."


def _was_read(evidence_id: str, facts: Facts) -> bool:
    item = facts.read(evidence_id)
    return item is not None and item.value is not None


def _grouped(missing: Iterable[Missing], facts: Facts) -> list[tuple[str, str, str]]:
    """(evidence id, its name with the members meant, why), sorted, members counted."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in sorted(missing, key=lambda m: (m.evidence, m.why, m.subject)):
        found.setdefault((one.evidence, one.why), []).append(one.subject)
    return [
        (evidence_id, _named(facts.title(evidence_id), subjects), why)
        for (evidence_id, why), subjects in found.items()
    ]


def _named(title: str, subjects: list[str]) -> str:
    named = [subject for subject in subjects if subject]
    if not named:
        return title
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return f"{title} of {', '.join(named[:_SHOWN])}{more}"
