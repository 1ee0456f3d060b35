"""`mangaops runbook test` as it is typed: exit codes, files, what is told where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mangaops.runbook.example import RUNBOOK
from mangaops.testing.example import TESTS
from support.command import Command, command_in
from support.done import Done

FAILING = TESTS.replace("diagnosis: tasks-missing", "diagnosis: too-few-tasks")
"""The test that says which of two causes it is says the other one."""
FAILED = """\
PASS cpu-high  5 of 6 tests
FAIL cpu-high / missing tasks are the cause, however few there are
   (work/cpu-high.test.yaml:9)
   diagnosis - expected  too-few-tasks
             + got       tasks-missing at all-running (no)
6 tests, 1 failed.
"""


@pytest.fixture
def typed(tmp_path: Path) -> Command:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "cpu-high.yaml").write_text(RUNBOOK, encoding="utf-8")
    return command_in(tmp_path)


def write(command: Command, text: str, name: str = "cpu-high.test.yaml") -> None:
    (command.home / "work" / name).write_text(text, encoding="utf-8")


def ran(command: Command, *arguments: str, github: str = "") -> Done:
    return command.run("runbook", "test", *arguments, GITHUB_ACTIONS=github)


def test_a_failing_test_fails_with_its_line_and_its_difference(typed: Command) -> None:
    write(typed, FAILING)
    done = ran(typed, "work")
    assert (done.code, done.err) == (3, "")
    assert done.out == FAILED
    assert max(map(len, done.out.splitlines())) <= 80


def test_all_names_are_told_with_v(typed: Command) -> None:
    write(typed, TESTS)
    done = ran(typed, "work/cpu-high.yaml", "-v", "--only", "cause")
    assert (done.code, done.out.splitlines()) == (
        0,
        [
            "PASS cpu-high / missing tasks are the cause, however few there are",
            "PASS cpu-high / without the service no cause is named",
            "2 tests, none failed.",
        ],
    )


def test_coverage_below_the_floor_fails_and_names_what_lacks(typed: Command) -> None:
    write(typed, TESTS.replace("tasks: no_data", "tasks: {fields: {desired: 4, running: 3}}"))
    done = ran(typed, "work", "--min-coverage", "100", "--only", "CPU", "--output", "json")
    document = json.loads(done.out)
    assert (done.code, document["below"], document["failed"]) == (3, ["cpu-high"], 0)
    assert document["coverage"] == [
        {
            "runbook": "cpu-high",
            "branches": {"taken": 0, "of": 4},
            "missing": {"taken": 1, "of": 2},
            "percent": 16.7,
            "untested": [
                "trigger: yes",
                "trigger: no",
                "all-running: no",
                "all-running: no.on_missing",
                "all-running: yes",
            ],
        }
    ]


def test_a_runbook_without_tests_counts_with_nothing(typed: Command) -> None:
    write(typed, TESTS)
    other = RUNBOOK.replace("name: cpu-high", "name: other")
    (typed.home / "work" / "other.yaml").write_text(other, encoding="utf-8")
    done = ran(typed, "work", "--coverage", "--output", "json")
    percents = {one["runbook"]: one["percent"] for one in json.loads(done.out)["coverage"]}
    assert (done.code, percents) == (0, {"cpu-high": 100, "other": 0})
    assert done.err == "note: no tests: other\n"


def test_a_bad_file_does_not_hide_the_results_of_others(typed: Command) -> None:
    write(typed, FAILING)
    write(typed, TESTS, "nobody.test.yaml")
    done = ran(typed, "work", "--junit", "out/tests.xml", github="true")
    assert done.code == 2
    assert done.out.startswith(
        'work/nobody.test.yaml:1:1: error[T001]: no runbook is named "nobody"\n'
    )
    assert "1 failed. 1 finding: not all tests ran." in done.out
    assert done.err.splitlines() == [
        (
            "::error file=work/cpu-high.test.yaml,line=9,"
            "title=cpu-high / missing tasks are the cause%2C however few there are::"
            "diagnosis: expected too-few-tasks, got tasks-missing at all-running (no)"
        ),
        (
            "::error file=work/nobody.test.yaml,line=1,col=1,title=T001::"
            'no runbook is named "nobody"%0Amangaops runbook list'
        ),
    ]
    xml = (typed.home / "out" / "tests.xml").read_text(encoding="utf-8")
    assert '<testsuites name="mangaops" tests="7" failures="1" errors="1">' in xml


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["work"], "no runbook has a test here"),
        (["work/cpu-high.yaml"], "no runbook has a test here"),
        (["elsewhere"], "there is no such file or folder"),
    ],
)
def test_nothing_to_run_is_wrong_input(typed: Command, arguments: list[str], what: str) -> None:
    done = ran(typed, *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error  {what}\n")


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--only", "CPU", "--mutate"], "--only conflicts with --mutate"),
        (["--only", ""], "no text is given"),
        (["--min-coverage", "nan"], "nan is no percentage"),
        (["--min-coverage", "101"], "101 is no percentage"),
        (["--junit", "work/cpu-high.yaml"], "is there already, and is no JUnit report"),
        (["--env", "nope"], 'no environment is named "nope"'),
        (["--sandbox", "cold-connections"], "No such option: --sandbox"),
    ],
)
def test_options_that_would_be_ignored_or_do_harm_are_refused(
    typed: Command, arguments: list[str], what: str
) -> None:
    before = (typed.home / "work" / "cpu-high.yaml").read_text(encoding="utf-8")
    done = ran(typed, "work", *arguments)
    assert (done.code, done.out) == (2, "")
    assert what in done.err
    assert (typed.home / "work" / "cpu-high.yaml").read_text(encoding="utf-8") == before


def test_only_what_no_test_is_called_is_wrong_input(typed: Command) -> None:
    write(typed, TESTS)
    done = ran(typed, "work", "--only", "zzz")
    assert (done.code, done.err.splitlines()[0]) == (2, "error  no test has `zzz` in its name")


def test_no_tests_in_a_file_is_wrong_input(typed: Command) -> None:
    write(typed, "schema: mangaops.runbook-test/1\ntests: []\n")
    done = ran(typed, "work")
    assert (done.code, "error[T002]" in done.out) == (2, True)


def test_a_capsule_that_is_not_there_is_wrong_input(typed: Command) -> None:
    test = "  - {name: a, capsule: gone.capsule, expect: {status: healthy}}\n"
    write(typed, f"schema: mangaops.runbook-test/1\ntests:\n{test}")
    done = ran(typed, "work")
    assert done.code == 2
    assert done.out.startswith(
        "work/cpu-high.test.yaml:3:24: error[T012]: work/gone.capsule: there is no such capsule\n"
    )


def test_a_rule_of_test_files_is_explained(typed: Command) -> None:
    done = typed.run("runbook", "lint", "--explain", "T003")
    assert done.out == "T003  evidence that the runbook does not declare\n"


def test_a_scenario_of_the_sandbox_is_evidence(tmp_path: Path) -> None:
    text = """\
schema: mangaops.runbook-test/1
tests:
  - name: the demo
    scenario: cold-connections
    expect: {status: diagnosed, diagnosis: bedrock-cold-connections, verdict: confirmed}
  - name: the demo, whose pings may not be read
    scenario: cold-connections
    evidence: {pings: denied}
    expect: {status: inconclusive, missing: [pings]}
  - name: what nobody knows
    scenario: cold-conections
    expect: {status: healthy}
"""
    (tmp_path / "first-token.test.yaml").write_text(text, encoding="utf-8")
    done = ran(command_in(tmp_path), ".")
    assert (done.code, done.out.splitlines()[0]) == (
        2,
        "first-token.test.yaml:11:15: error[T012]: no scenario is named `cold-conections`",
    )
    assert done.out.splitlines()[-2:] == [
        "PASS first-token  2 tests",
        "2 tests, none failed. 1 finding: not all tests ran.",
    ]
