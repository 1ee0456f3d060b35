"""What a walk asks for before it can go on."""

from __future__ import annotations

from dataclasses import replace

from mangaops.diagnose.triage import TriggerState, trigger_state
from mangaops.diagnose.walk import walk
from mangaops.model.diagnosis import Answers, Check, Diagnosis, Needs, PathStep
from mangaops.model.evidence import EvidenceSet, EvidenceState
from support.evidence_building import (
    WINDOW,
    ask,
    evidence,
    metric,
    node,
    outcome,
    runbook,
    scope,
    series,
)

IDS = (
    "p95", "now", "one", "two", "three", "far", "cause", "sure", "grave", "told", "cmd", "always"
)  # fmt: skip
NAMES = scope(dict.fromkeys(IDS, metric()))
FIRST = node(
    "first",
    NAMES,
    ("one", "latest(one) > 5", "end", "inconclusive"),
    ("two", "latest(two) > 5 and latest(three) > 5", "far", "next"),
    ("no", None, "person", None),
)
FAR = node(
    "far", NAMES, ("far", "latest(far) > 5", "end", "inconclusive"), ("x", None, "poor", None)
)
PERSON = ask("person", "poor", yes="far", no="end")
END = outcome(
    "end",
    NAMES,
    cause="{latest(cause)}",
    confirm={"latest(sure) > 1": "No: {latest(sure)}"},
    rules={"latest(grave) > 1": runbook(NAMES).severity},
    report=["{latest(told)}"],
    commands={"do": "do {latest(cmd)}"},
)
POOR = outcome("poor", NAMES)
BOOK = runbook(
    NAMES,
    when="latest(p95) > 5",
    healthy="Now {latest(now)}.",
    nodes=[FIRST, FAR, PERSON],
    outcomes=[END, POOR],
    report=["{latest(always)}"],
)
OF_END = {"cause", "sure", "grave", "told", "cmd"}


def needs(*, force: bool = False, said: str | None = None, **points: float) -> Needs | Diagnosis:
    known = evidence(**{name: series(value) for name, value in points.items()})
    given = {} if said is None else {"person": said}
    return walk(BOOK, known, WINDOW, answers=Answers(given=given), force=force)


def test_first_the_trigger_and_soon_all_that_any_path_may_need() -> None:
    assert needs() == Needs(
        evidence=frozenset({"p95"}),
        soon=frozenset({"one", "two", "three", "far", "always"} | OF_END),
    )


def test_a_trigger_that_does_not_hold_needs_its_own_sentence_only() -> None:
    assert needs(p95=1) == Needs(evidence=frozenset({"now"}))


def test_once_the_trigger_holds_the_report_is_read_beside_the_whole_first_node() -> None:
    assert needs(p95=9) == Needs(
        evidence=frozenset({"one", "two", "three", "always"}),
        soon=frozenset({"far"} | OF_END),
    )


def test_later_branches_are_asked_for_as_far_as_they_can_still_decide() -> None:
    found = needs(p95=9, two=1, always=1)

    assert isinstance(found, Needs)
    assert found.evidence == {"one"}


def test_a_decided_branch_ends_what_is_asked_for() -> None:
    found = needs(p95=9, two=9, three=9)

    assert isinstance(found, Needs)
    assert found.evidence == {"one", "always"}


def test_only_what_can_still_be_reached_is_needed_soon() -> None:
    found = needs(p95=9, one=1, two=9, three=9)

    assert found == Needs(evidence=frozenset({"far", "always"}), soon=frozenset(OF_END))


def test_an_outcome_asks_for_all_that_it_tells_at_once() -> None:
    assert needs(p95=9, one=9) == Needs(evidence=frozenset(OF_END | {"always"}))


def test_a_question_is_asked_while_the_report_is_read() -> None:
    assert needs(p95=9, one=1, two=1) == Needs(
        evidence=frozenset({"always"}), soon=frozenset({"far"} | OF_END), question="person"
    )


def test_an_inconclusive_end_still_asks_for_the_report() -> None:
    denied = evidence(p95=series(9.0), one=EvidenceState.DENIED, two=series(1.0))

    assert walk(BOOK, denied, WINDOW) == Needs(evidence=frozenset({"always"}))


def test_an_outcome_that_needs_nothing_else_still_asks_for_the_report() -> None:
    book = replace(BOOK, start="poor")

    assert walk(book, evidence(p95=series(9.0)), WINDOW) == Needs(evidence=frozenset({"always"}))


def test_a_forced_walk_still_reads_the_trigger() -> None:
    found = needs(force=True)

    assert isinstance(found, Needs)
    assert found.evidence == {"p95"}


def test_what_is_asked_for_is_never_there_already() -> None:
    known: EvidenceSet = EvidenceSet()
    asked: list[str] = []
    found: Needs | Diagnosis = needs()
    while isinstance(found, Needs):
        assert not any(i in known for i in found.evidence)
        asked += sorted(found.evidence)
        known = known.with_items(*evidence(**{i: series(9.0) for i in found.evidence}))
        found = walk(BOOK, known, WINDOW)

    assert len(asked) == len(set(asked))


def test_the_trigger_alone_reads_nothing_ahead() -> None:
    assert trigger_state(BOOK, EvidenceSet(), WINDOW) == Needs(evidence=frozenset({"p95"}))


CHECK = Check(
    expression="latest(p95) > 5",
    result=True,
    observed=9.0,
    threshold=5,
    margin=0.8,
    evidence=("p95",),
)
STEP = PathStep(node="trigger", question="Is it slow?", answer="yes", goto="first", checks=(CHECK,))


def test_a_trigger_that_holds_is_on() -> None:
    assert trigger_state(BOOK, evidence(p95=series(9.0)), WINDOW) == TriggerState(
        holds=True, step=STEP
    )


def test_a_trigger_that_does_not_hold_tells_the_runbooks_sentence() -> None:
    off = replace(CHECK, result=False, observed=1.0, margin=-0.8)
    known = evidence(p95=series(1.0))

    assert trigger_state(BOOK, known, WINDOW) == Needs(evidence=frozenset({"now"}))
    assert trigger_state(BOOK, evidence(p95=series(1.0), now=series(2.0)), WINDOW) == TriggerState(
        holds=False,
        step=replace(STEP, answer="no", goto="healthy", checks=(off,)),
        detail="Now 2.",
    )


def test_a_trigger_that_is_unknown_tells_why() -> None:
    found = trigger_state(BOOK, evidence(p95=EvidenceState.DENIED), WINDOW)

    assert isinstance(found, TriggerState)
    assert (found.holds, found.step.missing, found.step.goto) == (None, True, "inconclusive")
    assert found.detail == "Not seen: p95 (denied)."


def test_without_a_sentence_of_its_own_a_healthy_trigger_repeats_its_question() -> None:
    book = replace(BOOK, trigger=replace(BOOK.trigger, healthy=None))
    found = trigger_state(book, evidence(p95=series(1.0)), WINDOW)

    assert isinstance(found, TriggerState)
    assert found.detail == "The trigger does not hold: Is it slow? No."
