"""Wrong input and bad weather: each has its exit code, and a message of what, where, next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command import Command, credentials


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["diagnose", "frist-token"], "no runbook is named `frist-token`"),
        (["diagnose", "nowhere/x.yaml"], "this file does not exist"),
        (["diagnose", "first-token", "--since", "soon"], "`soon` is not a duration"),
        (["diagnose", "first-token", "--since", "1h", "--from", "2026-01-01"], "--since conflicts"),
        (["diagnose", "first-token", "--to", "2199-01-01"], "the window ends"),
        (["diagnose", "first-token", "--from", "2199-01-01"], "the window ends before it starts"),
        (["diagnose", "first-token", "--set", "first_token_limit=1"], ""),
        (["diagnose", "first-token", "--set", "x"], "`x` is not NAME=VALUE"),
        (["diagnose", "first-token", "--answer", "a=b"], "first-token has no question `a`"),
        (["diagnose", "first-token", "--deadline", "never"], "`never` is not a duration"),
        (["diagnose", "first-token", "--max-scan-gb", "-1"], "--max-scan-gb must not be"),
        (["diagnose", "first-token", "--env", "nope"], ""),
        (["diagnose", "first-token", "--config", "nope.yaml"], "this configuration file does not"),
        (["diagnose", "first-token", "--sandbox", "cold"], "no scenario is named `cold`"),
        (["diagnose", "first-token", "--sandbox", "x", "--env", "prod"], "--sandbox conflicts"),
        (["triage", "--runbooks", "nowhere"], "this is not a folder"),
        (["triage", "--since", "99d"], "the window is 99d long"),
        (["logs", "errors", "--to", "tomorrow"], "`tomorrow` is not a time"),
        (["explain", "last"], "no run is recorded yet"),
        (["runbook", "lint", "nowhere"], "there is no such file or folder"),
        (["runbook", "lint", "."], "no runbook is in this folder"),
    ],
    ids=" ".join,
)
def test_wrong_input_is_2_and_says_what_where_and_what_next(
    mangaops: Command, words: list[str], what: str
) -> None:
    done = mangaops.run(*words, **credentials())
    lines = done.err.splitlines()
    assert (done.code, done.out) == (2, "")
    assert lines[0].startswith(f"error  {what}")
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [
        "error",
        "where",
        "next",
    ]


def test_a_broken_runbook_shows_the_line_and_a_caret(mangaops: Command) -> None:
    file = mangaops.home / "broken.yaml"
    file.write_text("schema: mangaops.runbook/1\nname: broken\ntitel: Broken\n", encoding="utf-8")
    done = mangaops.run("diagnose", "./broken.yaml", **credentials())
    assert (done.code, done.out) == (2, "")
    assert "broken.yaml:3:1: error[M002]" in done.err
    assert '    3 | titel: Broken\n      | ^\n      = help: did you mean "title"?' in done.err


@pytest.mark.parametrize("words", [["diagnose", "first-token"], ["triage"], ["logs", "errors"]])
def test_an_endpoint_that_does_not_answer_is_1(mangaops: Command, words: list[str]) -> None:
    done = mangaops.run(*words, **credentials())
    assert (done.code, done.out) == (1, "")
    assert "127.0.0.1:9" in done.err


@pytest.mark.parametrize("words", [["diagnose", "first-token"], ["triage"], ["logs", "errors"]])
def test_no_credentials_is_1(mangaops: Command, words: list[str]) -> None:
    done = mangaops.run(*words, AWS_REGION="ap-northeast-1")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error  no AWS credentials were found\n")


def test_no_region_is_2(mangaops: Command) -> None:
    variables = credentials()
    del variables["AWS_REGION"], variables["AWS_ENDPOINT_URL"]
    done = mangaops.run("diagnose", "first-token", **variables)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error  no AWS region is set\n")


def test_an_error_is_one_document_where_json_is_wanted(mangaops: Command) -> None:
    done = mangaops.run("diagnose", "first-token", "--output", "json", **credentials())
    document = json.loads(done.out)
    assert (done.code, done.err, document["schema"]) == (1, "", "mangaops.error/1")
    assert {"kind", "where", "what", "hint", "exit_code"} <= set(document["error"])


def test_no_sandbox_runs_for_env_sandbox(mangaops: Command) -> None:
    done = mangaops.run("triage", "--env", "sandbox")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error  no sandbox is running\n")


def test_a_state_folder_that_cannot_be_written_is_no_reason_to_fail(
    mangaops: Command, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder is wanted", encoding="utf-8")
    spare = tmp_path / "spare"
    spare.mkdir()
    done = mangaops.run(
        "diagnose",
        "first-token",
        "--sandbox",
        "cold-connections",
        MANGAOPS_STATE_DIR=str(blocked),
        TMPDIR=str(spare),
    )
    assert done.code == 3
    assert "cannot be written" in done.err
    assert [path.name for path in spare.rglob("diagnosis.json")] == ["diagnosis.json"]
