"""A capsule's diagnosis, walked again: from the runbook's text to the answer, offline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mangaops.diagnose.walk import walk
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.model.diagnosis import Answers, Diagnosis
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState
from mangaops.model.runbook import Runbook
from mangaops.model.settings import Environment
from mangaops.runbook.bind import bind
from mangaops.runbook.load import load_text

NOT_RECORDED = "not recorded: the runbook of that day did not need it"
OTHER_QUERY = "not recorded: the runbook of that day asked something else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewalked:
    """`evidence` is the capsule's, with what the walk asked for and nobody recorded as failed."""

    diagnosis: Diagnosis
    runbook: Runbook
    evidence: EvidenceSet


def recorded_runbook(capsule: Capsule) -> Runbook:
    """The runbook that the capsule holds, not bound yet. Raises RunbookError.

    Its digest is that of the file, also where secrets were taken out of its text.
    """
    return replace(load_text(capsule.text, capsule.file), digest=capsule.digest)


def bound_runbook(capsule: Capsule, runbook: Runbook) -> Runbook:
    """`runbook` with the parameters and resources of the recorded run."""
    environment = Environment(
        name=capsule.site.name, resources=capsule.resources, parameters=capsule.parameters
    )
    return bind(runbook, environment, capsule.sets)


def rewalked(capsule: Capsule, *, current: Runbook | None = None) -> Rewalked:
    """The walk over what was recorded, or that of the `current` runbook over the same.

    Evidence that only the current runbook needs, or asks otherwise, counts as failed.
    """
    bound = bound_runbook(capsule, recorded_runbook(capsule))
    if current is None:
        return _walked(capsule, bound, capsule.evidence)
    then, bound = bound, bound_runbook(capsule, current)
    return _walked(capsule, bound, _still_valid(capsule.evidence, then, bound))


def _still_valid(evidence: EvidenceSet, then: Runbook, now: Runbook) -> EvidenceSet:
    """What answers the same question as then; the rest as not recorded."""
    items: dict[str, Evidence] = {}
    for name, declared in now.evidence.items():
        before, item = then.evidence.get(name), evidence.get(name)
        if before is None or item is None:
            continue
        same = (before.kind, before.query) == (declared.kind, declared.query)
        items[name] = item if same else _not_recorded(name, declared.kind, OTHER_QUERY)
    return EvidenceSet(items=items)


def _walked(capsule: Capsule, runbook: Runbook, evidence: EvidenceSet) -> Rewalked:
    said: Mapping[str, str] = capsule.answers
    while True:
        answers = Answers(given=said)
        found = walk(runbook, evidence, capsule.window, answers=answers, force=capsule.force)
        if isinstance(found, Diagnosis):
            return Rewalked(diagnosis=found, runbook=runbook, evidence=evidence)
        if found.question is not None:
            said = {**said, found.question: ""}
        evidence = evidence.with_items(
            *(
                _not_recorded(name, runbook.evidence[name].kind, NOT_RECORDED)
                for name in sorted(found.evidence)
            )
        )


def _not_recorded(name: str, kind: str, why: str) -> Evidence:
    return Evidence(id=name, kind=kind, state=EvidenceState.FAILED, detail=why)


def same_conclusion(one: Diagnosis, other: Diagnosis) -> bool:
    """Whether both lead to the same end on the same way, with the same things to do."""
    return _conclusion(one) == _conclusion(other)


def _conclusion(found: Diagnosis) -> tuple[object, ...]:
    path = tuple((step.node, step.answer, step.goto) for step in found.path)
    remedies = tuple((remedy.id, remedy.arguments) for remedy in found.remedies)
    return (found.status, found.id, found.verdict, found.severity, path, remedies)
