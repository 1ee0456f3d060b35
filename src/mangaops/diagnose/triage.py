"""The trigger alone: is this incident on? For `mangaops triage`, and the first step of a walk."""

from __future__ import annotations

from dataclasses import dataclass

from mangaops.diagnose import edges, mentions, reasons
from mangaops.diagnose.evaluate import Evaluation, evaluate
from mangaops.diagnose.facts import Facts
from mangaops.diagnose.template import sentence
from mangaops.diagnose.trail import TRIGGER, Stage
from mangaops.model.diagnosis import Needs, PathStep
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import INCONCLUSIVE, NEXT, Runbook
from mangaops.model.time import Window

HEALTHY = "healthy"
"""The id of a diagnosis whose trigger does not hold, and the target of that step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerState:
    """`holds` is None when it is unknown; `detail` then says what was not seen.

    Where the trigger does not hold, `detail` is the runbook's sentence about that.
    """

    holds: bool | None
    step: PathStep
    detail: str = ""


def trigger_state(runbook: Runbook, evidence: EvidenceSet, window: Window) -> TriggerState | Needs:
    """Whether the trigger holds, or what must be read to say so. Reads nothing ahead."""
    facts = Facts(runbook=runbook, evidence=evidence, window=window)
    found = evaluate(runbook.trigger.when, facts)
    if found.pending:
        return Needs(evidence=found.pending)
    stage = trigger_stage(runbook, found)
    if found.truth is not False:
        detail = " ".join(reasons.not_seen(found.lost, facts))
        return TriggerState(holds=found.truth, step=stage.step, detail=detail)
    unread = facts.unread(mentions.of_templates([runbook.trigger.healthy]))
    if unread:
        return Needs(evidence=unread)
    return TriggerState(holds=False, step=stage.step, detail=healthy_sentence(facts))


def recovered(runbook: Runbook, evidence: EvidenceSet, window: Window) -> bool:
    """Whether the incident may be called over. Evidence that is not there never says so."""
    condition = runbook.trigger.recovered
    if condition is None:
        return True
    facts = Facts(runbook=runbook, evidence=evidence, window=window)
    return evaluate(condition, facts).truth is True


def trigger_stage(runbook: Runbook, found: Evaluation, *, force: bool = False) -> Stage:
    """The first step of a path. `force` goes on whatever the trigger says."""
    trigger = runbook.trigger
    match found.truth:
        case True:
            answer, goto = "yes", runbook.start
        case False:
            answer, goto = ("no, forced", runbook.start) if force else ("no", HEALTHY)
        case None:
            target = runbook.start if trigger.on_missing == NEXT else trigger.on_missing
            answer, goto = "not known", runbook.start if force else target or INCONCLUSIVE
    step = PathStep(
        node=TRIGGER,
        question=trigger.question,
        answer=answer,
        goto=goto,
        checks=found.checks,
        missing=found.truth is None,
    )
    taken = edges.of_trigger(found.truth, force=force)
    return Stage(step=step, evaluations=(found,), lost=found.lost, edges=taken)


def healthy_sentence(facts: Facts) -> str:
    trigger = facts.runbook.trigger
    if trigger.healthy is not None:
        return sentence(trigger.healthy, facts)
    return f"The trigger does not hold: {trigger.question} No."
