"""Where a walk ends: an outcome with its verdict, health, or the want of an answer.

A diagnosis is `confirmed` only if nothing that is missing could have led elsewhere:
no step was left for want of evidence, no deciding check had holes or left a member
out, every confirmation is true, and the runbook sets no upper bound.
"""

from __future__ import annotations

from mangaops.diagnose import mentions, reasons
from mangaops.diagnose.evaluate import Evaluation, evaluate
from mangaops.diagnose.facts import Facts
from mangaops.diagnose.node import NONE_HOLDS
from mangaops.diagnose.template import command, sentence
from mangaops.diagnose.trail import Trail, coverage
from mangaops.diagnose.triage import HEALTHY, healthy_sentence
from mangaops.model.diagnosis import Diagnosis, Recommendation, Verdict
from mangaops.model.runbook import INCONCLUSIVE, Outcome, Remedy, Severity, Status


def at_outcome(outcome: Outcome, trail: Trail, facts: Facts) -> Diagnosis:
    """The diagnosis of an outcome; all the evidence that it mentions has been read."""
    runbook = facts.runbook
    confirmations = [evaluate(c.when, facts) for c in outcome.confirm]
    doubts = reasons.of_trail(trail, facts)
    if outcome.status is Status.DIAGNOSED:
        doubts += _unconfirmed(outcome, confirmations, facts)
    report = (*outcome.report, *(runbook.report if _on(outcome, trail) else ()))
    return Diagnosis(
        runbook=runbook.name,
        runbook_digest=runbook.digest,
        status=outcome.status,
        verdict=_verdict(outcome.status, doubts),
        id=outcome.id,
        title=outcome.title,
        severity=_severity(outcome, facts),
        cause=sentence(outcome.cause, facts),
        path=trail.path,
        coverage=coverage([*trail.evaluations, *confirmations]),
        confirmations=tuple(check for found in confirmations for check in found.checks),
        reasons=tuple(dict.fromkeys(doubts)),
        report=tuple(sentence(line, facts) for line in report),
        remedies=tuple(_recommended(remedy, facts) for remedy in outcome.remedies),
        prevention=outcome.prevention,
        continue_with=outcome.continue_with,
    )


def healthy(trail: Trail, facts: Facts) -> Diagnosis:
    """The trigger does not hold. Members that it left out are told."""
    return Diagnosis(
        runbook=facts.runbook.name,
        runbook_digest=facts.runbook.digest,
        status=Status.HEALTHY,
        verdict=Verdict.NONE,
        id=HEALTHY,
        title="No incident: the trigger does not hold",
        severity=None,
        cause=healthy_sentence(facts),
        path=trail.path,
        coverage=coverage(trail.evaluations),
        reasons=tuple(reasons.of_trail(trail, facts)),
    )


def inconclusive(trail: Trail, facts: Facts) -> Diagnosis:
    """Evidence is missing, or no cause that the tree knows fits."""
    runbook = facts.runbook
    last = trail.stages[-1]
    earlier = Trail(stages=trail.stages[:-1], held=trail.held, forced=trail.forced)
    return Diagnosis(
        runbook=runbook.name,
        runbook_digest=runbook.digest,
        status=Status.INCONCLUSIVE,
        verdict=Verdict.NONE,
        id=INCONCLUSIVE,
        title="Not enough was seen" if last.step.missing else "No known cause fits",
        severity=runbook.severity if trail.held else None,
        cause=_why_inconclusive(trail, facts),
        path=trail.path,
        coverage=coverage(trail.evaluations),
        reasons=tuple(reasons.of_trail(earlier, facts)),
        report=tuple(sentence(line, facts) for line in runbook.report) if trail.held else (),
    )


def reported(outcome: Outcome | None, trail: Trail, facts: Facts) -> frozenset[str]:
    """Evidence of the runbook's own report, where this ending tells it."""
    return mentions.of_report(facts.runbook) if _on(outcome, trail) else frozenset()


def _on(outcome: Outcome | None, trail: Trail) -> bool:
    """The runbook's own report is about an incident that is on."""
    if outcome is None:
        return trail.held
    return outcome.status is Status.DIAGNOSED or (
        trail.held and outcome.status is Status.INCONCLUSIVE
    )


def _unconfirmed(outcome: Outcome, confirmations: list[Evaluation], facts: Facts) -> list[str]:
    doubts: list[str] = []
    for confirmation, found in zip(outcome.confirm, confirmations, strict=True):
        if found.truth is False or (found.truth is None and not found.lost):
            doubts.append(sentence(confirmation.otherwise, facts))
        doubts += reasons.not_seen(found.lost, facts)
        doubts += reasons.left_out(found.unseen, facts)
        doubts += reasons.gaps(found.holes, facts)
    if outcome.at_most_likely is not None:
        doubts.append(sentence(outcome.at_most_likely, facts))
    return doubts


def _verdict(status: Status, doubts: list[str]) -> Verdict:
    if status is not Status.DIAGNOSED:
        return Verdict.NONE
    return Verdict.LIKELY if doubts else Verdict.CONFIRMED


def _severity(outcome: Outcome, facts: Facts) -> Severity | None:
    if outcome.severity is not None:
        return outcome.severity
    if outcome.status is Status.HEALTHY:
        return None
    rules = (r.severity for r in outcome.severity_rules if evaluate(r.when, facts).truth is True)
    return next(rules, facts.runbook.severity)


def _recommended(remedy: Remedy, facts: Facts) -> Recommendation:
    return Recommendation(
        id=remedy.id,
        title=remedy.title,
        urgency=remedy.urgency,
        kind=remedy.kind,
        arguments=command(remedy.command, facts) if remedy.command is not None else "",
    )


def _why_inconclusive(trail: Trail, facts: Facts) -> str:
    last = trail.stages[-1]
    where = f'At {last.step.node} ("{last.step.question}")'
    if last.step.missing:
        lost = reasons.not_seen(last.lost, facts) or ["Nobody answered."]
        told = f"{where} the evidence does not suffice. {' '.join(lost)}"
        known = trail.stages[:-1]
    elif last.step.answer == NONE_HOLDS:
        told, known = f"{where} none of the answers holds.", trail.stages[:-1]
    else:
        told, known = "No cause that this runbook knows fits.", trail.stages
    answers = [f"{stage.step.question} {stage.step.answer}" for stage in known]
    return f"{told} Answered so far: {'; '.join(answers)}." if answers else told
