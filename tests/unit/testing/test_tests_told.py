"""What came of tests as text, JUnit XML, annotations and Markdown."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from mangaops.model.condition import Place
from mangaops.render.annotations import annotated, annotation
from mangaops.render.junit import junit_xml
from mangaops.render.tests_document import tests_document as document_of
from mangaops.render.tests_document import tests_markdown as markdown_of
from mangaops.render.tests_text import summary
from mangaops.render.tests_text import tests_text as text_of
from mangaops.runbook.finding import Finding
from mangaops.testing.case import Difference, Outcome
from mangaops.testing.coverage import covered
from mangaops.testing.report import Report, Tested
from support.tested_runbooks import HEAD, loaded, outcomes

FINDING = Finding(
    rule="T003",
    severity="error",
    message="no such <evidence>",
    place=Place(file="a.test.yaml", line=3, column=5),
    hint="did you mean: b, c?",
)


def report(*, name: str = "it is", differences: tuple[Difference, ...] = ()) -> Report:
    """One test, with what it took, on the good runbook."""
    text = f"{HEAD}tests:\n  - name: it is\n    answers: {{worth-it: 'no'}}\n"
    text += "    expect: {status: diagnosed}\n"
    file, runbook = loaded(text)
    outcome = outcomes(text)[0]
    case = replace(outcome.case, name=name)
    judged: Outcome = replace(outcome, case=case, differences=differences)
    tested = Tested(file=file, runbook=runbook, prepared=(), outcomes=(judged,))
    return Report(tested=(tested,))


def plain(told: Report, width: int = 80) -> list[str]:
    return text_of(told, width=width, colour=False, verbose=False).splitlines()


def test_what_differs_is_broken_between_words_below_itself() -> None:
    cause = Difference(what="cause", expected="a", got="one two three four five six " * 5)
    lines = plain(report(differences=(cause,)), width=60)
    assert lines[:2] == [
        "FAIL slow-answers / it is",
        "   (folder/slow-answers.test.yaml:8)",
    ]
    assert lines[2] == "   cause     - expected  a"
    assert lines[3].startswith("             + got       one two three")
    assert all(line.startswith(" " * 25) for line in lines[4:-1])
    assert max(map(len, lines)) <= 60


def test_coverage_is_told_in_the_last_line_with_what_lacks() -> None:
    told = report()
    (tested,) = told.tested
    known = replace(told, coverage=(covered(tested.runbook, tested.outcomes),), floor=50.0)
    assert summary(known) == (
        "1 test, none failed. Branches 3/6, missing-data edges 0/3. Untested: trigger: no, "
        "trigger.on_missing, which: all of them.on_missing and 3 more"
    )
    assert plain(known)[1] == (
        "FAIL slow-answers  branches 3/6, missing-data edges 0/3: 33.3 % is below 50 %"
    )
    assert [one.runbook for one in known.below] == ["slow-answers"]
    assert list(annotated(known)) == [
        (
            "::error file=folder/slow-answers.yaml,line=1,title=coverage::33.3 %25 of its "
            "edges are tested, fewer than 50 %25: branches 3/6, missing data 0/3."
            "%0AUntested: trigger: no, trigger.on_missing, which: all of them.on_missing, "
            "which: some, worth-it: yes, worth-it.on_missing"
        )
    ]


@pytest.mark.parametrize("name", ["<&\"'>", "a\x00b\x1b[31m", "line\nbreak", "ünï 漫画"])
def test_junit_xml_is_well_formed_whatever_a_test_is_called(name: str) -> None:
    difference = Difference(what="cause", expected="]]> <x>", got=name)
    told = replace(report(name=name, differences=(difference,)), findings=(FINDING, "plain & said"))
    root = ET.fromstring(junit_xml(told))  # noqa: S314 - made by ourselves
    counts = {key: root.get(key) for key in ("tests", "failures", "errors")}
    assert counts == {"tests": "3", "failures": "1", "errors": "2"}
    assert [case.tag for case in root.iter() if case.tag in {"failure", "error"}] == [
        "failure",
        "error",
        "error",
    ]


def test_an_annotation_is_one_line_whatever_is_in_it() -> None:
    line = annotation("error", "100 %\r\nof it", file="a,b:c.yaml", line=2, title="x::y")
    assert line == "::error file=a%2Cb%3Ac.yaml,line=2,title=x%3A%3Ay::100 %25%0D%0Aof it"


def test_findings_are_annotated_at_their_place() -> None:
    assert list(annotated(Report(tested=(), findings=(FINDING,)))) == [
        "::error file=a.test.yaml,line=3,col=5,title=T003::no such <evidence>%0Adid you mean: b, c?"
    ]


def test_markdown_has_each_failure_as_a_table() -> None:
    difference = Difference(what="verdict", expected="confirmed", got="likely: a | b")
    told = markdown_of(report(name="a *bold* name", differences=(difference,)))
    assert told.startswith("**1 test, 1 failed.**\n")
    assert "### slow-answers / a \\*bold\\* name\n" in told
    assert "| verdict | confirmed | likely: a \\| b |\n" in told


def test_the_document_has_every_test_and_what_differs() -> None:
    difference = Difference(what="verdict", expected="confirmed", got="likely")
    document = document_of(report(differences=(difference,)))
    assert document == {
        "schema": "mangaops.tests/1",
        "tests": 1,
        "failed": 1,
        "files": [
            {
                "file": "folder/slow-answers.test.yaml",
                "runbook": "slow-answers",
                "tests": [
                    {
                        "name": "it is",
                        "line": 8,
                        "passed": False,
                        "diagnosis": "one-intent",
                        "differences": [
                            {"what": "verdict", "expected": "confirmed", "got": "likely"}
                        ],
                        "error": "",
                    }
                ],
            }
        ],
        "coverage": [],
        "floor": None,
        "below": [],
        "findings": [],
    }
