"""A capsule walked again: its answers, what nobody recorded, another version of its runbook."""

from __future__ import annotations

from dataclasses import replace

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.walking import (
    NOT_RECORDED,
    OTHER_QUERY,
    recorded_runbook,
    rewalked,
    same_conclusion,
)
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState, Record
from mangaops.runbook.load import load_text
from support.capsules import CAPSULE

_TEXT = """\
schema: mangaops.runbook/1
name: asking
title: It asks
severity: SEV-3
description: It asks a person, and then the classifier.
window: 30m
parameters:
  most: {default: 3}
evidence:
  classifier:
    kind: parameter
    title: classifier
    query: {name: /classifier}
  routing:
    kind: parameter
    title: routing
    query: {name: /routing}
trigger:
  question: Is the version high?
  when: classifier.number > most
  on_missing: inconclusive
start: quality
nodes:
  quality:
    ask: Do users complain?
    options: [{answer: "yes", goto: found}, {answer: "no", goto: routed}]
    on_missing: inconclusive
  routed:
    question: Is routing on?
    branches:
      - {answer: "yes", when: routing.number > 0, goto: found, on_missing: inconclusive}
      - {answer: "no", otherwise: true, goto: inconclusive}
outcomes:
  found:
    title: Found
    cause: "Version {classifier.number}"
"""


def capsule(*, answers: dict[str, str], sets: dict[str, str] | None = None) -> Capsule:
    read = Evidence(
        id="classifier",
        kind="parameter",
        state=EvidenceState.OK,
        value=Record(fields={"number": 5}),
    )
    unread = Evidence(id="routing", kind="parameter", state=EvidenceState.NOT_NEEDED)
    return replace(
        CAPSULE,
        runbook="asking",
        text=_TEXT,
        answers=answers,
        sets=sets or {},
        parameters={},
        evidence=EvidenceSet(items={"classifier": read, "routing": unread}),
    )


def test_a_recorded_answer_is_the_answer_again() -> None:
    found = rewalked(capsule(answers={"quality": "yes"}))
    assert found.diagnosis.id == "found"
    assert found.evidence == capsule(answers={}).evidence


def test_a_question_that_nobody_answered_is_not_answered_again() -> None:
    said = rewalked(capsule(answers={"quality": ""}))
    never = rewalked(capsule(answers={}))
    assert said.diagnosis.path[-1].answer == "not answered"
    assert same_conclusion(said.diagnosis, never.diagnosis)


def test_what_was_set_is_set_again() -> None:
    found = rewalked(capsule(answers={}, sets={"most": "7"}))
    assert found.diagnosis.id == "healthy"


def test_the_digest_is_that_of_the_file_and_not_of_the_text_without_secrets() -> None:
    assert recorded_runbook(capsule(answers={})).digest == CAPSULE.digest


def test_evidence_that_was_not_needed_and_is_now_counts_as_not_read() -> None:
    found = rewalked(capsule(answers={"quality": "no"}))
    item = found.evidence.items["routing"]
    assert (item.state, item.detail) == (EvidenceState.FAILED, NOT_RECORDED)
    assert found.diagnosis.id == "inconclusive"
    assert found.diagnosis.coverage.missing == ("routing",)


def test_the_current_runbook_is_not_answered_with_what_answers_another_question() -> None:
    current = load_text(_TEXT.replace("name: /classifier", "name: /other"), "asking.yaml")
    found = rewalked(capsule(answers={"quality": "yes"}), current=current)
    item = found.evidence.items["classifier"]
    assert (item.state, item.detail) == (EvidenceState.FAILED, OTHER_QUERY)
    assert found.diagnosis.id == "inconclusive"


def test_the_current_runbook_walks_over_what_it_asks_in_the_same_words() -> None:
    current = load_text(_TEXT.replace("default: 3", "default: 4"), "asking.yaml")
    found = rewalked(capsule(answers={"quality": "yes"}), current=current)
    assert found.diagnosis.id == "found"
    assert found.diagnosis.runbook_digest == current.digest
