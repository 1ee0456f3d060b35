"""What is typed: commands, help, wrong words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mangaops import __version__
from mangaops.cli.app import COMMANDS
from mangaops.cli.later import BY_HAND
from mangaops.model.request import REMEDIES
from support.command import Command

LEAVES = [
    ["diagnose"],
    ["triage"],
    ["explain"],
    *(["runbook", name] for name in ("list", "show", "lint", "test", "test-from")),
    *(["runbook", name] for name in ("schema", "graph")),
    *(["capsule", name] for name in ("show", "diff")),
    *(["iam", name] for name in ("diagnose", "remedy")),
    ["ci"],
    ["doctor"],
    ["init"],
    *(["logs", name] for name in ("errors", "retries", "breaker", "latency", "query")),
    *(["sandbox", name] for name in ("start", "stop", "status", "scenarios")),
    *(["history", name] for name in ("list", "show", "verify")),
    ["apply"],
    ["undo"],
    *([name] for name in REMEDIES),
    *(["plan", name] for name in REMEDIES),
]
GROUPS = [[], *([name] for name in ("runbook", "capsule", "iam", "logs", "sandbox"))]
GROUPS += [["history"], ["plan"]]


@pytest.mark.parametrize("words", [*GROUPS, *LEAVES], ids=" ".join)
def test_help_starts_with_three_examples(mangaops: Command, words: list[str]) -> None:
    done = mangaops.run(*words, "--help")
    head, _, _ = done.out.partition("Usage:")
    examples = re.findall(r"^  \$ (.*)$", head, re.MULTILINE)
    assert (done.code, done.err, len(examples)) == (0, "", 3)
    for example in examples[:2]:  # the third may be what comes next
        assert {"mangaops", *words} <= set(re.findall(r"[\w-]+", example))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_in_the_list_is_that_of_the_command(mangaops: Command, name: str) -> None:
    first = mangaops.run(name, "--help").out.strip().splitlines()[0]
    assert first == COMMANDS[name].summary


def test_mangaops_alone_is_its_help_and_a_usage_error(mangaops: Command) -> None:
    alone, asked = mangaops.run(), mangaops.run("--help")
    assert (alone.code, alone.out.strip()) == (2, asked.out.strip())


def test_the_version_is_said(mangaops: Command) -> None:
    done = mangaops.run("--version")
    assert (done.code, done.out, done.err) == (0, f"mangaops {__version__}\n", "")


@pytest.mark.parametrize("name", BY_HAND)
def test_a_command_of_a_later_version_says_what_to_do_by_hand(mangaops: Command, name: str) -> None:
    done = mangaops.run(*name.split(), "x")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error  `mangaops {name}` is not in this version\n")
    assert f"by hand: {BY_HAND[name]}" in done.err


@pytest.mark.parametrize(
    ("words", "what", "hint"),
    [
        (["daignose"], "there is no command `daignose`", "did you mean `mangaops diagnose`?"),
        (["zzz"], "there is no command `zzz`", "mangaops --help"),
        (["diagnose"], "no runbook was named", "mangaops runbook list"),
        (["triage", "--sinse", "1h"], "No such option: --sinse", "mangaops triage --help"),
        (["triage", "--output", "xml"], "Invalid value", "mangaops triage --help"),
        (["--bogus"], "No such option: --bogus", "mangaops --help"),
    ],
)
def test_a_wrong_word_is_told_with_the_right_one(
    mangaops: Command, words: list[str], what: str, hint: str
) -> None:
    done = mangaops.run(*words)
    lines = done.err.splitlines()
    assert (done.code, done.out) == (2, "")
    assert lines[0].startswith(f"error  {what}")
    assert lines[-1] == f"next   {hint}"


def test_a_wrong_word_is_json_where_json_is_wanted(mangaops: Command) -> None:
    done = mangaops.run("daignose", "--output", "json")
    assert (done.code, done.err) == (2, "")
    assert json.loads(done.out)["error"] == {
        "kind": "input",
        "where": "mangaops",
        "what": "there is no command `daignose`",
        "hint": "did you mean `mangaops diagnose`?",
        "exit_code": 2,
    }


def test_a_rule_of_lint_is_explained_and_a_wrong_one_is_told(mangaops: Command) -> None:
    known, wrong = (
        mangaops.run("runbook", "lint", "--explain", "m014"),
        mangaops.run("runbook", "lint", "--explain", "M99"),
    )
    assert (known.code, known.out[:6]) == (0, "M014  ")
    assert (wrong.code, wrong.out) == (2, "")
    assert "there is no rule M99" in wrong.err


def test_one_broken_runbook_hides_no_incident_from_triage(
    mangaops: Command, tmp_path: Path
) -> None:
    (tmp_path / "broken.yaml").write_text("schema: mangaops.runbook/1\nname: broken\nwehn: 1\n")
    done = mangaops.run(
        "triage", "--sandbox", "cold-connections", "--runbooks", str(tmp_path), "--output", "json"
    )
    states = {alarm["runbook"]: alarm["state"] for alarm in json.loads(done.out)["runbooks"]}
    assert (done.code, states["first-token"]) == (3, "on")
    assert "broken" not in states
    assert 'unknown key "wehn"' in done.err


def test_a_log_question_without_matches_is_answered_when_there_were_calls(
    mangaops: Command,
) -> None:
    done = mangaops.run("logs", "errors", "--sandbox", "fm-logs-not-json")
    assert done.code == 4
    quiet = mangaops.run("logs", "breaker", "--sandbox", "healthy-fm-errors")
    assert quiet.code == 0
    assert "none, among" in quiet.err


def test_parameters_for_a_runbook_that_nobody_has_are_refused(
    mangaops: Command, tmp_path: Path
) -> None:
    file = tmp_path / "mangaops.yaml"
    file.write_text(
        "schema: mangaops.config/1\nenvironments:\n  dev:\n    parameters:\n"
        "      frist-token: {first_token_limit_ms: 1}\n"
    )
    for words in (["diagnose", "first-token"], ["triage"]):
        done = mangaops.run(*words, "--config", str(file))
        assert (done.code, done.out) == (2, "")
        assert 'did you mean "first-token"' in done.err
