"""Two capsules by what changed most: `healthy` against `incident`.

`measuring.py` says how much each piece of evidence changed. Of two runbooks, what was
asked of AWS in the same words is compared, whatever each of them calls it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.measuring import Change, What, changes
from mangaops.model.evidence import JSON, Evidence

_OF_THE_DAY = frozenset({"start", "end", "task_definition"})
"""What a query has that the next one has not, though it asks the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsuleDiff:
    """`changes` are the largest first. `common` is how many pieces of evidence were compared."""

    changes: tuple[Change, ...]
    circumstances: tuple[Change, ...]
    common: int
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]


def difference(a: Capsule, b: Capsule) -> CapsuleDiff:
    """Everything that differs. Of two runbooks, evidence of the same query is compared."""
    pairs = list(_pairs(a, b))
    found = [change for one, other in pairs for change in changes(one, other)]
    paired_a = {one.id for one, _ in pairs}
    paired_b = {other.id for _, other in pairs}
    return CapsuleDiff(
        changes=tuple(sorted(found, key=lambda change: -change.weight)),
        circumstances=tuple(_circumstances(a, b)),
        common=len(pairs),
        only_a=tuple(item.id for item in a.evidence if item.id not in paired_a),
        only_b=tuple(item.id for item in b.evidence if item.id not in paired_b),
    )


def _pairs(a: Capsule, b: Capsule) -> Iterator[tuple[Evidence, Evidence]]:
    if a.runbook == b.runbook:
        for item in a.evidence:
            other = b.evidence.get(item.id)
            if other is not None:
                yield item, other
        return
    asked = {_asked(item): item for item in b.evidence if item.query}
    for item in a.evidence:
        if item.query and _asked(item) in asked:
            yield item, asked[_asked(item)]


def _asked(item: Evidence) -> str:
    """What a piece of evidence is, whatever a runbook calls it."""
    query: Mapping[str, JSON] = item.query
    if "namespace" in query:
        names = ("namespace", "metric", "stat", "dimensions")
        query = {name: query.get(name) for name in names}
    timeless = {name: value for name, value in query.items() if name not in _OF_THE_DAY}
    return f"{item.kind} {sorted(timeless.items(), key=lambda pair: pair[0])}"


def _circumstances(a: Capsule, b: Capsule) -> Iterator[Change]:
    """The runbook and what was set: a difference here is none of the system."""
    facts = (
        ("runbook", f"{a.runbook} {a.digest[:8]}", f"{b.runbook} {b.digest[:8]}"),
        ("environment", a.site.name, b.site.name),
    )
    for name, one, other in facts:
        if one != other:
            yield Change(evidence=name, what=What.RUNBOOK, a=one, b=other, weight=0.0)
    ones, others = _parameters(a), _parameters(b)
    for name in dict.fromkeys((*ones, *others)):
        if ones.get(name) != others.get(name):
            yield Change(
                evidence=name,
                what=What.PARAMETER,
                a=ones.get(name),
                b=others.get(name),
                weight=0.0,
            )


def _parameters(capsule: Capsule) -> dict[str, str]:
    """What replaced the runbook's own values; the last one counts, as in `runbook.bind`."""
    configured = (capsule.parameters.get(group, {}) for group in ("*", capsule.runbook))
    found = {name: str(value) for group in configured for name, value in group.items()}
    return {**found, **capsule.sets}
