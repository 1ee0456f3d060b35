"""The way back: a recorded document as a case, for `explain` and `history show`.

Healthy and inconclusive runs have no diagnosis object, so their id and texts come
from the status. A document that lacks what the contract promises is KeyError,
TypeError or ValueError; the caller knows the file and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mangaops.model.diagnosis import (
    Check,
    Cost,
    Coverage,
    Diagnosis,
    PathStep,
    Recommendation,
    Verdict,
)
from mangaops.model.evidence import EvidenceState
from mangaops.model.runbook import RemedyKind, Severity, Status, Urgency
from mangaops.model.site import Site
from mangaops.model.time import Window
from mangaops.render.case import Case, Seen


def case_from(document: Mapping[str, Any]) -> Case:
    """The case that `document.case_document` wrote."""
    window = document["window"]
    return Case(
        run=document["run"],
        diagnosis=_diagnosis(document),
        site=Site(**document["environment"]),
        window=Window(start=_instant(window["from"]), end=_instant(window["to"])),
        evidence={key: _seen(key, item) for key, item in document["evidence"].items()},
        cost=Cost(**document["cost"]),
        seconds=float(document["seconds"]),
        interrupted=bool(document["interrupted"]),
        sets=document.get("arguments", {}).get("set", {}),
    )


def _diagnosis(document: Mapping[str, Any]) -> Diagnosis:
    status = Status(document["status"])
    reasons = tuple(document["reasons"])
    concluded = document["diagnosis"]
    if concluded is None:
        concluded = {"id": status.value, "cause": reasons[0] if reasons else ""}
        reasons = reasons[1:]
    severity = concluded.get("severity")
    return Diagnosis(
        runbook=document["runbook"],
        runbook_digest=document["digest"],
        status=status,
        verdict=Verdict(document["verdict"]),
        id=concluded["id"],
        title=document["title"],
        severity=Severity(severity) if severity else None,
        cause=concluded["cause"],
        path=tuple(_step(step) for step in document["path"]),
        coverage=Coverage(
            checked=document["coverage"]["checked"],
            of=document["coverage"]["of"],
            missing=tuple(document["coverage"]["missing"]),
        ),
        confirmations=tuple(_check(check) for check in document["confirmations"]),
        reasons=reasons,
        report=tuple(document["report"]),
        remedies=tuple(_remedy(remedy) for remedy in document["remedies"]),
        prevention=tuple(document["prevention"]),
        continue_with=document["continue_with"],
    )


def _step(step: Mapping[str, Any]) -> PathStep:
    checks = tuple(_check(check) for check in step["checks"])
    return PathStep(**{**step, "checks": checks})


def _check(check: Mapping[str, Any]) -> Check:
    lists = {key: tuple(check[key]) for key in ("evidence", "missing")}
    return Check(**{**check, **lists})


def _remedy(remedy: Mapping[str, Any]) -> Recommendation:
    words = (remedy["command"] or "").split(maxsplit=4)
    return Recommendation(
        id=remedy["id"],
        title=remedy["title"],
        urgency=Urgency(remedy["urgency"]),
        kind=RemedyKind(remedy["kind"]),
        arguments=words[4] if len(words) > 4 else "",
    )


def _seen(evidence_id: str, item: Mapping[str, Any]) -> Seen:
    newest = item["newest"]
    facts = {
        **item,
        "state": EvidenceState(item["state"]),
        "newest": _instant(newest) if newest else None,
    }
    return Seen(id=evidence_id, **facts)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
