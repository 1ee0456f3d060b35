"""`mangaops runbook test --mutate` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mangaops.runbook.example import RUNBOOK
from mangaops.testing.example import TESTS
from support.command import Command, command_in

AT_THE_LIMIT = "Average: 70x25 90x5"
"""An average of exactly 80, which tells `>` from `>=`."""
WEAKER = TESTS.replace(AT_THE_LIMIT, "Average: 70x25 89x5")
SURVIVOR = "trigger: > becomes >="
EQUIVALENT = f"""
equivalent:
  - {{mutant: "{SURVIVOR}", because: an average is never exactly the limit}}
"""


@pytest.fixture
def typed(tmp_path: Path) -> Command:
    (tmp_path / "cpu-high.yaml").write_text(RUNBOOK, encoding="utf-8")
    return command_in(tmp_path)


def write(command: Command, text: str) -> None:
    (command.home / "cpu-high.test.yaml").write_text(text, encoding="utf-8")


def test_tests_that_notice_every_change_pass(typed: Command) -> None:
    write(typed, TESTS)
    done = typed.run("runbook", "test", "cpu-high.yaml", "--mutate")
    assert (done.code, done.out.splitlines()[-1], done.err) == (
        0,
        "14 mutants, 14 killed, 0 equivalent, 0 survived.",
        "",
    )


def test_a_survivor_fails_with_its_line_and_the_test_that_is_lacking(typed: Command) -> None:
    write(typed, WEAKER)
    done = typed.run("runbook", "test", "cpu-high.yaml", "--mutate", GITHUB_ACTIONS="true")
    told = done.out.splitlines()
    assert done.code == 3
    assert f"  SURVIVED  {SURVIVOR}   (cpu-high.yaml:30)" in told
    assert "            add a test with a value that is exactly the limit" in told
    assert max(map(len, told)) <= 80
    assert "file=cpu-high.yaml,line=30" in done.err


def test_an_equivalent_is_accepted_with_its_reason(typed: Command) -> None:
    write(typed, WEAKER + EQUIVALENT)
    done = typed.run("runbook", "test", "cpu-high.yaml", "--mutate", "--output", "json")
    (book,) = json.loads(done.out)["mutation"]["runbooks"]
    assert [(one["mutant"], one["because"]) for one in book["equivalent"]] == [
        (SURVIVOR, "an average is never exactly the limit")
    ]
    assert (done.code, book["survivors"]) == (0, [])


def test_an_equivalent_that_a_test_notices_is_wrong(typed: Command) -> None:
    write(typed, TESTS + EQUIVALENT)
    done = typed.run("runbook", "test", "cpu-high.yaml", "--mutate")
    assert done.code == 3
    assert "  WRONG     trigger: > becomes >=   (cpu-high.test.yaml:32:5)" in done.out.splitlines()
    assert done.out.endswith("Wrong under `equivalent`: 1.\n")


def test_no_mutant_is_run_while_a_test_fails(typed: Command) -> None:
    write(typed, TESTS.replace("scale-out --to 8", "scale-out --to 9"))
    done = typed.run("runbook", "test", "cpu-high.yaml", "--mutate")
    assert (done.code, "mutants" in done.out) == (3, False)
