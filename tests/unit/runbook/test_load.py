"""From a text to a runbook, or every finding with its exact place."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from mangaops.errors import RunbookError
from mangaops.model.condition import Place
from mangaops.model.runbook import (
    Ask,
    EvidenceDeclaration,
    Node,
    Option,
    Parameter,
    RemedyKind,
    Severity,
    Status,
    Urgency,
)
from mangaops.model.source import FieldType, LogQuery, MetricQuery
from mangaops.runbook.load import load_text
from support.runbook_texts import FILE, GOOD, findings_of, place_of, said, spoiled


def test_the_head_is_read() -> None:
    runbook = load_text(GOOD, FILE)
    assert (runbook.name, runbook.title, runbook.severity) == (
        "slow-answers",
        "Answers are slow",
        Severity.SEV_2,
    )
    assert runbook.description == "Answers take longer than they should."
    assert (runbook.window, runbook.start) == (timedelta(minutes=30), "which")
    assert (runbook.file, runbook.text) == (FILE, GOOD)
    assert runbook.digest == hashlib.sha256(GOOD.encode()).hexdigest()


def test_parameters_keep_their_types_and_durations_are_seconds() -> None:
    assert dict(load_text(GOOD, FILE).parameters) == {
        "limit_ms": Parameter(
            name="limit_ms", value=2000, unit="ms", description="above this is slow"
        ),
        "sustained": Parameter(name="sustained", value=600.0, unit="duration"),
        "simple": Parameter(name="simple", value=("greeting", "faq")),
        "watch": Parameter(name="watch", value=True),
        "model": Parameter(name="model", value="haiku"),
    }


def test_evidence_is_declared_with_the_query_of_its_kind() -> None:
    evidence = load_text(GOOD, FILE).evidence
    assert evidence["by_intent"] == EvidenceDeclaration(
        id="by_intent",
        kind="metric",
        query=MetricQuery(
            namespace="Own",
            name="answer_ms",
            stat="p95",
            dimensions={"Intent": "*"},
            pool=timedelta(minutes=10),
        ),
        place=Place(file=FILE, line=23, column=3),
    )
    assert evidence["calls"].query == LogQuery(
        groups=("${orchestrator_log}",),
        query='filter model = "${model}" and intent in [${simple}]\n'
        "| stats count(*) as calls by intent\n",
        columns={"intent": FieldType.TEXT, "calls": FieldType.NUMBER},
    )


def test_a_node_has_its_branches_and_a_question_its_options() -> None:
    nodes = load_text(GOOD, FILE).nodes
    which, worth = nodes["which"], nodes["worth-it"]
    assert isinstance(which, Node)
    assert [(b.answer, b.goto, b.on_missing) for b in which.branches] == [
        ("all of them", "worth-it", "inconclusive"),
        ("some", "one-intent", None),
    ]
    assert which.branches[0].when is not None
    assert which.branches[0].when.evidence == {"by_intent"}
    assert which.branches[0].when.parameters == {"limit_ms"}
    assert which.branches[1].when is None
    line, column = place_of(GOOD, "worth-it:\n    ask")
    assert worth == Ask(
        id="worth-it",
        question="Is the quality worth it?",
        options=(Option(answer="yes", goto="kept"), Option(answer="no", goto="one-intent")),
        on_missing="one-intent",
        place=Place(file=FILE, line=line, column=column),
    )


def test_an_outcome_has_all_that_is_told_of_it() -> None:
    outcomes = load_text(GOOD, FILE).outcomes
    kept, slow = outcomes["kept"], outcomes["one-intent"]
    assert (kept.status, kept.severity, kept.remedies) == (Status.HEALTHY, None, ())
    assert [(rule.when.source, rule.severity) for rule in slow.severity_rules] == [
        ("busy > 100", Severity.SEV_1)
    ]
    assert [(c.when.source, c.otherwise.source) for c in slow.confirm] == [
        ("busy > 10", "Only {busy:count} calls.")
    ]
    assert slow.cause.evidence == {"by_intent"}
    assert [(r.id, r.urgency, r.kind, r.command and r.command.source) for r in slow.remedies] == [
        ("scale-out", Urgency.IMMEDIATE, RemedyKind.EXECUTABLE, "scale-out"),
        ("look", Urgency.SHORT_TERM, RemedyKind.MANUAL, None),
    ]
    assert (slow.prevention, slow.continue_with) == (("Alarm earlier",), "fm-errors")


def test_a_definition_is_parsed_once_and_brings_its_evidence() -> None:
    runbook = load_text(GOOD, FILE)
    assert list(runbook.definitions) == ["busy"]
    assert runbook.outcomes["kept"].cause.evidence == {"calls"}


def test_a_misspelled_key_brings_the_nearest_one() -> None:
    (finding,) = findings_of(spoiled("        goto: worth-it", "        gotto: worth-it"))
    assert (finding.hint, finding.line_text) == ('did you mean "goto"?', "        gotto: worth-it")


def test_all_findings_are_told_at_once_in_the_order_of_the_file() -> None:
    text = spoiled("start: which\n", "start: wich\n")
    text = text.replace("when: busy > 10\n", "when: busi > 10\n").replace("kind: logs", "kind: log")
    with pytest.raises(RunbookError) as caught:
        load_text(text, FILE)
    assert [(f.rule, f.place.line) for f in caught.value.findings] == [  # type: ignore[attr-defined]
        ("M010", place_of(text, "kind: log")[0]),
        ("M007", place_of(text, "start: wich")[0]),
        ("M006", place_of(text, "busi > 10")[0]),
    ]
    line, column = place_of(text, "log\n")
    where = f"{FILE}:{line}:{column}"
    assert (caught.value.what, caught.value.where) == ('no kind "log" (and 2 more)', where)


def test_what_mentions_a_wrong_declaration_is_not_told_again() -> None:
    assert [one[0] for one in said(spoiled("kind: logs", "kind: log"))] == ["M010"]


def test_every_missing_key_is_told() -> None:
    text = spoiled("answer: all of them\n", "unlike: anything\n").replace(
        "        goto: worth-it\n", ""
    )
    assert [one[:2] for one in said(text)] == [
        ("M003", '"answer" is missing in item 1 of branches'),
        ("M003", '"goto" is missing in item 1 of branches'),
        ("M002", 'unknown key "unlike"'),
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]\n", "text\n", "5\n", "null\n", "{}\n"])
def test_what_is_no_mapping_of_keys_is_refused(text: str) -> None:
    assert {one[0] for one in said(text)} <= {"M003", "M004"}
    assert said(text)


def test_yes_and_no_are_answers_as_they_are_written() -> None:
    text = GOOD.replace('answer: "yes"', "answer: yes").replace('answer: "no"', "answer: no")
    worth = load_text(text, FILE).nodes["worth-it"]
    assert isinstance(worth, Ask)
    assert [option.answer for option in worth.options] == ["yes", "no"]
