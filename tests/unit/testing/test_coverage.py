"""Which edges tests take; those of `next`, of questions, and of the trigger."""

from __future__ import annotations

from mangaops.diagnose.edges import edges
from mangaops.diagnose.walk import traced
from mangaops.model.edge import EdgeKind
from mangaops.model.evidence import EvidenceState
from mangaops.testing.coverage import covered
from support.evidence_building import WINDOW, evidence, metric, node, runbook, scope, series
from support.tested_runbooks import HEAD, outcomes, shelf

EVERY = [
    "trigger: yes",
    "trigger: no",
    "trigger.on_missing",
    "which: all of them",
    "which: all of them.on_missing",
    "which: some",
    "worth-it: yes",
    "worth-it: no",
    "worth-it.on_missing",
]


def test_every_way_out_is_an_edge() -> None:
    assert [str(edge) for edge in edges(shelf("slow-answers"))] == EVERY


def test_what_tests_take_is_covered_and_the_rest_is_named() -> None:
    text = f"""{HEAD}tests:
  - name: slow
    answers: {{worth-it: "yes"}}
    expect: {{status: healthy}}
  - name: unknown
    evidence: {{answer: denied}}
    expect: {{status: healthy}}
"""
    found = covered(shelf("slow-answers"), outcomes(text))
    assert found.count(EdgeKind.BRANCH) == (3, 6)
    assert found.count(EdgeKind.MISSING) == (1, 3)
    assert round(found.percent, 1) == 44.4
    taken = {"trigger: yes", "which: all of them", "worth-it: yes", "trigger.on_missing"}
    assert [str(edge) for edge in found.untested] == [one for one in EVERY if one not in taken]


def test_a_runbook_without_tests_is_not_covered_at_all() -> None:
    found = covered(shelf("slow-answers"), [])
    assert (found.count(EdgeKind.BRANCH), found.percent) == ((0, 6), 0)


def test_next_takes_a_missing_edge_and_then_a_branch() -> None:
    names = scope({"a": metric(), "b": metric()})
    both = node(
        "which",
        names,
        ("first", "latest(a) > 1", "inconclusive", "next"),
        ("second", "latest(b) > 1", "inconclusive", "next"),
        ("neither", None, "inconclusive", None),
    )
    seen = evidence(a=EvidenceState.DENIED, b=series(5, 5))
    _, taken = traced(runbook(names, nodes=[both]), seen, WINDOW)
    assert [str(edge) for edge in taken] == [
        "trigger: yes",
        "which: first.on_missing",
        "which: second",
    ]
