"""What would have changed a check, and which check decided a step."""

from __future__ import annotations

import pytest

from mangaops.diagnose.evaluate import evaluate
from mangaops.diagnose.explain import deciding_check, turning_point
from mangaops.diagnose.walk import walk
from mangaops.model.diagnosis import Check, Diagnosis, PathStep
from mangaops.model.evidence import EvidenceState
from support.evidence_building import (
    WINDOW,
    condition,
    evidence,
    facts,
    metric,
    node,
    outcome,
    runbook,
    scope,
    series,
)

NAMES = scope(
    {"p95": metric(), "share": metric(), "lost": metric()},
    {"limit": 2000},
    units={"p95": "ms", "limit": "ms", "share": "ratio"},
)
READ = evidence(p95=series(2410.0), share=series(0.04), lost=EvidenceState.DENIED)


@pytest.mark.parametrize(
    ("source", "turned"),
    [
        ("latest(p95) > limit", "would be false if it were at most 2,000 ms"),
        ("latest(p95) >= limit", "would be false if it were below 2,000 ms"),
        ("latest(p95) < limit", "would be true if it were below 2,000 ms"),
        ("latest(p95) <= limit", "would be true if it were at most 2,000 ms"),
        ("limit < latest(p95)", "would be false if it were at most 2,000 ms"),
        ("limit >= latest(p95)", "would be true if it were at most 2,000 ms"),
        ("latest(share) > 0.05", "would be true if it were above 5 %"),
        ("latest(p95) == limit", "would be true if it were another"),
        ("known(p95)", "would be false if it were another"),
        ("latest(lost) > 1", "would be decided by lost"),
    ],
)
def test_what_would_have_turned_a_check(source: str, turned: str) -> None:
    (check,) = evaluate(condition(source, NAMES), facts(NAMES, READ)).checks

    assert turning_point(check) == turned


def test_a_check_of_an_unreadable_record_is_still_explained() -> None:
    check = Check(expression="a > (", result=True, observed=3, threshold=1)

    assert turning_point(check) == "would be false if it were another"


def _step(*checks: Check, missing: bool = False) -> PathStep:
    return PathStep(node="n", question="?", answer="a", goto="x", checks=checks, missing=missing)


NEAR = Check(expression="near", result=True, margin=-0.01)
FAR = Check(expression="far", result=False, margin=4.0)
FLAG = Check(expression="flag", result=False)
UNKNOWN = Check(expression="unknown", result=None)


@pytest.mark.parametrize(
    ("step", "deciding"),
    [
        (_step(FAR, NEAR, FLAG), NEAR),
        (_step(NEAR, UNKNOWN, missing=True), UNKNOWN),
        (_step(UNKNOWN, FLAG), FLAG),
        (_step(UNKNOWN), None),
        (_step(), None),
    ],
)
def test_one_check_decided_a_step(step: PathStep, deciding: Check | None) -> None:
    assert deciding_check(step) is deciding


def test_a_diagnosis_is_explained_check_by_check() -> None:
    book = runbook(
        NAMES,
        when="latest(p95) > limit and latest(share) > 0.01",
        nodes=[
            node("which", NAMES, ("x", "latest(lost) > 1", "end", "next"), ("y", None, "end", None))
        ],
        outcomes=[outcome("end", NAMES)],
    )
    found = walk(book, READ, WINDOW)
    assert isinstance(found, Diagnosis)
    p95, share = found.path[0].checks
    (unknown,) = found.path[1].checks

    trigger, which = found.path
    assert (deciding_check(trigger), deciding_check(which)) == (p95, unknown)
    assert turning_point(share) == "would be false if it were at most 1 %"
    assert turning_point(unknown) == "would be decided by lost"
