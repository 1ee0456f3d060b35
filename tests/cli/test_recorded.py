"""What is made of a capsule by commands: how stable its diagnosis is, and a test of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mangaops.evidence.capsule.file import to_bytes
from support.command import Command
from support.slow_capsule import capsule


@pytest.fixture
def file(mangaops: Command) -> Path:
    path = mangaops.home / "friday.capsule"
    path.write_bytes(to_bytes(capsule()))
    return path


def test_sensitivity_says_what_flips_first(mangaops: Command, file: Path) -> None:
    done = mangaops.run("explain", file.name, "--sensitivity")
    assert done.code == 0, done.err
    assert "\nfirst to flip: nodes/which/0: 7 -> 8 (+14 %): quiet confirmed\n" in done.out
    assert "\nlimit               2500         0 ..    3100  above: quiet confirmed\n" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_sensitivity_as_a_document(mangaops: Command, file: Path) -> None:
    done = mangaops.run("explain", file.name, "--sensitivity", "--output", "json")
    document = json.loads(done.out)
    assert document["schema"] == "mangaops.sensitivity/1"
    assert document["conclusion"] == {
        "id": "busy",
        "verdict": "confirmed",
        "needs": [],
        "question": None,
    }
    (limit,) = [one for one in document["numbers"] if one["name"] == "limit"]
    assert (limit["above"]["until"], limit["above"]["at"]) == (3100, 3101)


def test_sensitivity_for_a_ticket(mangaops: Command, file: Path) -> None:
    done = mangaops.run("explain", file.name, "--sensitivity", "--output", "markdown")
    assert done.out.startswith("## busy confirmed: how far each number can be shifted")


def test_a_run_without_evidence_is_wrong_input(mangaops: Command) -> None:
    done = mangaops.run("explain", "last", "--sensitivity")
    assert (done.code, done.out) == (2, "")
    assert "no run is recorded yet" in done.err


def test_a_written_test_is_a_new_file_that_passes(mangaops: Command, file: Path) -> None:
    """The runbook lies beside it, as the recorded run had it."""
    (mangaops.home / "slow.yaml").write_text(capsule().text)
    made = mangaops.run("runbook", "test-from", file.name, "-o", "slow.test.yaml")
    assert made.code == 0, made.err
    tested = mangaops.run("runbook", "test", "slow.test.yaml")
    assert tested.code == 0, tested.err + tested.out
    again = mangaops.run("runbook", "test-from", file.name, "-o", "slow.test.yaml")
    assert (again.code, "nothing is overwritten" in again.err) == (2, True)


def test_a_printed_test_is_told_where_to_go(mangaops: Command, file: Path) -> None:
    done = mangaops.run("runbook", "test-from", file.name, "--name", "a wave")
    assert done.out.startswith("schema: mangaops.runbook-test/1\nrunbook: slow\ntests:\n")
    assert "  - name: a wave\n" in done.out
    assert "it passes; into slow.test.yaml goes" in done.err


def test_a_written_test_as_a_document(mangaops: Command, file: Path) -> None:
    document = json.loads(mangaops.run("runbook", "test-from", file.name, "--output", "json").out)
    assert (document["schema"], document["runbook"]) == ("mangaops.test-from/1", "slow")
    assert document["capsule_because"] is None


@pytest.mark.parametrize("scenario", ["nothing.capsule", "./no/such"])
def test_a_capsule_that_is_not_there_starts_no_sandbox(mangaops: Command, scenario: str) -> None:
    done = mangaops.run("diagnose", "first-token", "--sandbox", scenario)
    assert (done.code, done.out) == (2, "")
    assert f"this file does not exist\nwhere  {scenario.removeprefix('./')}" in done.err
