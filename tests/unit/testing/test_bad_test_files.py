"""One mistake in a test file at a time: its rule, its message, its place."""

from __future__ import annotations

import pytest

from mangaops.errors import RunbookError
from mangaops.runbook.finding import TEST_RULES
from support.runbook_texts import place_of
from support.tested_runbooks import HEAD, loaded, said

GOOD_TESTS = f"""\
{HEAD}now: 2026-01-07T12:00:00Z
runbook: slow-answers
resources: {{orchestrator_log: /other}}
set: {{sustained: 5m}}
tests:
  - name: it is slow
    set: {{limit_ms: 1000}}
    answers: {{worth-it: "no"}}
    expect:
      status: diagnosed
      diagnosis: one-intent
      path: [{{which: all of them}}, {{worth-it: "no"}}]
      remedies: [scale-out, {{look: ""}}]
      missing: []
equivalent:
  - {{mutant: some, because: of that}}
"""
MISTAKES = [
    ("tests:\n", "test:\n", "M002", 'unknown key "test"', "test:\n"),
    ("    expect:", "    expects:", "M002", 'unknown key "expects"', "expects:"),
    ("      status: diagnosed\n", "", "M003", '"status" is missing in "expect"', "expect:"),
    ("status: diagnosed", "status: broken", "M004", None, "broken"),
    ("  answer: {p95", "  answr: {p95", "T003", 'slow-answers has no evidence "answr"', "answr"),
    (
        "runbook: slow-answers",
        "runbook: slow-answer",
        "T001",
        'no runbook is named "slow-answer"',
        "slow-answer\n",
    ),
    (
        "{p95: 2500x30}",
        "nodata",
        "T004",
        '"nodata" is no state of evidence',
        "nodata",
    ),
    (
        "{p95: 2500x30}",
        "not_needed",
        "T004",
        '"not_needed" is no state of evidence',
        "not_needed",
    ),
    (
        "{p95: 2500x30}",
        "{rows: []}",
        "T004",
        "answer is a metric, so it has no rows or fields",
        "{rows: []}",
    ),
    (
        "{rows: [{intent: faq, calls: 200}]}",
        "{p95: 1}",
        "T004",
        "calls is logs, so it has `rows` or a state",
        "{p95: 1}",
    ),
    (
        "{rows: [{intent: faq, calls: 200}]}",
        "{rows: 5}",
        "T004",
        "rows must be a list (`- {column: value}` lines)",
        "5}",
    ),
    ("intent: faq, calls", "intnt: faq, calls", "T005", 'unknown column "intnt"', "intnt"),
    ("labels: {Intent", "labels: {Intnt", "T005", 'unknown label "Intnt"', "Intnt"),
    (
        "{labels: {Intent: faq}, p95",
        "{p95",
        "T005",
        'the label "Intent" is missing',
        "{p95: 2600",
    ),
    (
        "    set: {limit_ms: 1000}",
        "    set: {limit_ms: null}",
        "T010",
        "limit_ms must be a number",
        "null}",
    ),
    (
        "    set: {limit_ms: 1000}",
        "    capsule: a.capsule\n    now: 2026-01-07T11:00:00Z",
        "T009",
        "`now` goes with evidence of this file: a scenario and a capsule have their own",
        "now: 2026-01-07T11",
    ),
    ("name: it is slow", 'name: "it is\\nslow"', "T006", "a name is one line of text", "it is"),
    ("{p95: 2500x30}", "{p95: 1.5e200}", "T007", "1.5e+200 is too large a number", "1.5e200"),
    ("{p95: 2500x30}", "{p59x: 2500x30}", "T005", '"p59x" is no statistic', "p59x"),
    (
        "{p95: 2500x30}",
        "{p50: 2500x30}",
        "T005",
        "the runbook asks for p95, and this gives p50",
        "{p50",
    ),
    (
        "{p95: 2500x30}",
        "{p95: 2500x30, earlier: [{p95: 1x30}]}",
        "T005",
        "1 earlier days, and the runbook asks for none",
        "[{p95: 1x30}]",
    ),
    ("calls: 200", "calls: many", "T006", "calls must be a number", "many"),
    ("calls: 200", "calls: true", "T006", "calls must be a number", "true"),
    (
        "intent: faq, calls",
        "intent: 57, calls",
        "T006",
        "intent must be text; put it in quotes",
        "57",
    ),
    (
        "now: 2026-01-07T12:00:00Z",
        "now: 0001-01-01T00:00:00Z",
        "T006",
        '"0001-01-01T00:00:00Z" is no time',
        "0001",
    ),
    (
        "{p95: 2500x30}",
        "[{p95: 1}, {p95: 2}]",
        "T005",
        "two series of a metric that has one",
        "{p95: 2}",
    ),
    ("now: 2026-01-07T12:00:00Z", "now: noon", "T006", '"noon" is no time', "noon"),
    (
        "{p95: 2500x30}",
        "{p95: 2500x20 30y}",
        "T007",
        '"30y" is no piece of a series',
        "30y",
    ),
    ("{p95: 2500x30}", "{p95: [1, 2]}", "T007", "a series is text such as 900x30", "[1, 2]"),
    (
        "diagnosis: one-intent",
        "diagnosis: one-intend",
        "T008",
        'slow-answers has no diagnosis "one-intend"',
        "one-intend",
    ),
    ("{which: all", "{wich: all", "T008", 'slow-answers has no node "wich"', "{wich"),
    (
        "which: all of them",
        "which: all of it",
        "T008",
        'slow-answers has no answer of which "all of it"',
        "all of it",
    ),
    (
        "[scale-out, ",
        "[scale-in, ",
        "T008",
        'slow-answers has no remedy "scale-in"',
        "scale-in",
    ),
    (
        "missing: []",
        "missing: [answers]",
        "T008",
        'slow-answers has no evidence "answers"',
        "answers]",
    ),
    (
        "diagnosis: one-intent",
        "diagnosis: kept",
        "T009",
        "kept is healthy, and the status expected is diagnosed",
        "kept",
    ),
    (
        "status: diagnosed\n      diagnosis: one-intent",
        "status: inconclusive\n      verdict: likely",
        "T009",
        "a verdict of likely is one of `diagnosed`, not of inconclusive",
        "likely",
    ),
    (
        "    set: {limit_ms: 1000}\n",
        "    scenario: a\n    capsule: b\n",
        "T009",
        "a test has a scenario or a capsule, not both",
        "b\n",
    ),
    (
        "limit_ms: 1000",
        "limit: 1000",
        "T010",
        'slow-answers has no parameter "limit"',
        "limit: 1000",
    ),
    ("limit_ms: 1000", "limit_ms: high", "T010", "limit_ms must be a number", "high"),
    (
        "sustained: 5m}",
        "sustained: 5}",
        "T010",
        "sustained must be a duration such as 90s, 10m or 2h",
        "5}",
    ),
    (
        "{orchestrator_log:",
        "{orchestrator_logs:",
        "T010",
        'no resource "orchestrator_logs"',
        "orchestrator_logs",
    ),
    (
        'answers: {worth-it: "no"}',
        'answers: {wort-it: "no"}',
        "T010",
        'slow-answers has no question "wort-it"',
        "wort-it",
    ),
    (
        'answers: {worth-it: "no"}',
        'answers: {worth-it: "perhaps"}',
        "T010",
        '"perhaps" is no answer to worth-it',
        "perhaps",
    ),
]


def test_the_good_file_is_good() -> None:
    file, runbook = loaded(GOOD_TESTS)
    assert (file.runbook, runbook.name, len(file.cases)) == ("slow-answers", "slow-answers", 1)
    assert file.cases[0].sets == {"sustained": "5m", "limit_ms": "1000"}
    assert file.cases[0].where == "folder/slow-answers.test.yaml:12"
    assert [one.mutant for one in file.equivalents] == ["some"]


@pytest.mark.parametrize(("before", "after", "rule", "message", "at"), MISTAKES)
def test_a_mistake_is_told_at_its_place(
    before: str, after: str, rule: str, message: str | None, at: str
) -> None:
    assert GOOD_TESTS.count(before) == 1
    text = GOOD_TESTS.replace(before, after)
    found = said(text)
    assert (rule, *place_of(text, at)) in [(r, line, column) for r, _, line, column in found]
    assert message is None or message in [told for _, told, _, _ in found]


def test_every_rule_of_test_files_has_a_mistake_here() -> None:
    tested = {rule for _, _, rule, _, _ in MISTAKES} | {"T002", "T011", "T012"}
    assert set(TEST_RULES) <= tested


def test_no_test_at_all_is_a_mistake() -> None:
    assert said(f"{HEAD}tests: []\n") == [("T002", "no test stands below `tests`", 7, 8)]


def test_two_tests_of_one_name_are_a_mistake() -> None:
    test = "  - {name: same, expect: {status: healthy}}\n"
    assert said(f"{HEAD}tests:\n{test}{test}") == [
        ("T011", '"same" again; it stands in line 8', 9, 12)
    ]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = GOOD_TESTS.replace("calls: 200", "calls: many").replace("wich", "which")
    text = text.replace("one-intent", "one-intend")
    assert [rule for rule, _, _, _ in said(text)] == ["T006", "T008"]


def test_a_wrong_base_is_told_once_whatever_the_clocks() -> None:
    tests = "".join(
        f"  - {{name: at {hour}, now: 2026-01-07T{hour}:00:00Z, expect: {{status: healthy}}}}\n"
        for hour in (10, 11)
    )
    text = f"{HEAD}tests:\n{tests}".replace("calls: 200", "calls: many")
    assert [rule for rule, _, _, _ in said(text)] == ["T006"]


def test_the_error_names_the_first_mistake_and_the_number_of_others() -> None:
    text = GOOD_TESTS.replace("calls: 200", "calls: many").replace("one-intent", "one-intend")
    with pytest.raises(RunbookError) as error:
        loaded(text)
    assert str(error.value) == (
        "folder/slow-answers.test.yaml:6:39: calls must be a number (and 1 more)"
    )
