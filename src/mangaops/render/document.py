"""A case as the JSON of the contract, `mangaops.diagnosis/1`.

Same evidence and same runbook give the same bytes, but for `run` and `seconds`. Keys
beyond the contract: `arguments` (with which the trigger can be read again), `title`,
`digest` (of the runbook), `confirmations`, `reasons`, `report`, `continue_with`,
`interrupted`; of a check `subject`, `unit`, `missing` and `gaps`; of evidence `title`,
`unit` and `detail`.
`diagnosis` is null when the walk ended in no outcome: healthy by its trigger, or
inconclusive. `reasons` then says why.
"""

from __future__ import annotations

from mangaops.model.diagnosis import Check, Cost, Diagnosis, PathStep, Recommendation
from mangaops.model.evidence import JSON
from mangaops.model.runbook import INCONCLUSIVE, RemedyKind, Status, Urgency
from mangaops.model.site import Site
from mangaops.model.time import format_duration, iso
from mangaops.render.case import Case, Seen

SCHEMA = "mangaops.diagnosis/1"


def case_document(case: Case) -> dict[str, JSON]:
    diagnosis = case.diagnosis
    return {
        "schema": SCHEMA,
        "run": case.run,
        "runbook": diagnosis.runbook,
        "status": diagnosis.status.value,
        "verdict": diagnosis.verdict.value,
        "environment": environment_document(case.site),
        "window": {"from": iso(case.window.start), "to": iso(case.window.end)},
        "arguments": {"set": dict(case.sets), "since": format_duration(case.window.length)},
        "title": diagnosis.title,
        "diagnosis": _concluded(diagnosis),
        "path": [_step(step) for step in diagnosis.path],
        "confirmations": [check_document(check) for check in diagnosis.confirmations],
        "evidence": {item.id: _seen(item) for item in case.evidence.values()},
        "coverage": {
            "checked": diagnosis.coverage.checked,
            "of": diagnosis.coverage.of,
            "missing": list(diagnosis.coverage.missing),
        },
        "reasons": _reasons(diagnosis),
        "report": list(diagnosis.report),
        "remedies": [_remedy(remedy, case.run) for remedy in diagnosis.remedies],
        "prevention": list(diagnosis.prevention),
        "continue_with": diagnosis.continue_with,
        "cost": cost_document(case.cost),
        "seconds": round(case.seconds, 3),
        "interrupted": case.interrupted,
        "digest": diagnosis.runbook_digest,
    }


def is_outcome(diagnosis: Diagnosis) -> bool:
    """Whether the walk ended in an outcome that the runbook declares."""
    return diagnosis.id not in {INCONCLUSIVE, Status.HEALTHY.value}


def _concluded(diagnosis: Diagnosis) -> JSON:
    if not is_outcome(diagnosis):
        return None
    return {
        "id": diagnosis.id,
        "title": diagnosis.title,
        "severity": diagnosis.severity.value if diagnosis.severity else None,
        "cause": diagnosis.cause,
    }


def _reasons(diagnosis: Diagnosis) -> JSON:
    """Why it is not confirmed; where there is no diagnosis, first what was found instead."""
    if is_outcome(diagnosis) or not diagnosis.cause:
        return list(diagnosis.reasons)
    return [diagnosis.cause, *diagnosis.reasons]


def _step(step: PathStep) -> JSON:
    return {
        "node": step.node,
        "question": step.question,
        "answer": step.answer,
        "goto": step.goto,
        "missing": step.missing,
        "checks": [check_document(check) for check in step.checks],
    }


def check_document(check: Check) -> JSON:
    return {
        "expression": check.expression,
        "subject": check.subject,
        "result": check.result,
        "observed": check.observed,
        "threshold": check.threshold,
        "margin": None if check.margin is None else round(check.margin, 4),
        "unit": check.unit,
        "evidence": list(check.evidence),
        "missing": list(check.missing),
        "gaps": check.gaps,
    }


def _seen(item: Seen) -> JSON:
    return {
        "kind": item.kind,
        "state": item.state.value,
        "title": item.title,
        "unit": item.unit,
        "summary": item.summary,
        "query": item.query,
        "newest": iso(item.newest) if item.newest else None,
        "detail": item.detail,
        "seconds": round(item.seconds, 3),
    }


def plan_command(remedy: Recommendation, run: str) -> str | None:
    """The command to type for an executable remedy; None for a manual one."""
    if remedy.kind is not RemedyKind.EXECUTABLE:
        return None
    return f"mangaops plan --run {run} {remedy.arguments}".rstrip()


def executable(diagnosis: Diagnosis) -> list[Recommendation]:
    """The remedies that mangaops can carry out, the most urgent first."""
    order = list(Urgency)
    found = (r for r in diagnosis.remedies if r.kind is RemedyKind.EXECUTABLE)
    return sorted(found, key=lambda remedy: order.index(remedy.urgency))


def _remedy(remedy: Recommendation, run: str) -> JSON:
    return {
        "id": remedy.id,
        "title": remedy.title,
        "urgency": remedy.urgency.value,
        "kind": remedy.kind.value,
        "command": plan_command(remedy, run),
    }


def environment_document(site: Site) -> JSON:
    return {
        "name": site.name,
        "account": site.account,
        "region": site.region,
        "caller": site.caller,
        "protected": site.protected,
    }


def cost_document(cost: Cost) -> JSON:
    return {
        "api_calls": cost.api_calls,
        "metrics_requested": cost.metrics_requested,
        "log_bytes_scanned": cost.log_bytes_scanned,
        "usd_estimate": round(cost.usd_estimate, 6),
    }
