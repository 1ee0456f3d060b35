"""One incident from the command to its record, through the embedded AWS."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from support.command import Command, command_in
from support.done import Done
from support.pseudo_terminal import plain, typed_on_a_terminal


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Command, Mapping[str, str]]]:
    """A home in which a sandbox holds cold connections, and the variables that lead to it."""
    command = command_in(tmp_path_factory.mktemp("home"))
    started = command.run(
        "sandbox", "start", "--scenario", "cold-connections", "--port", "0", "--detach"
    )
    assert started.code == 0, started.err
    try:
        yield command, dict(re.findall(r"^export (\w+)=(.*)$", started.out, re.MULTILINE))
    finally:
        command.run("sandbox", "stop")


@pytest.fixture(scope="module")
def diagnosed(home: tuple[Command, Mapping[str, str]]) -> tuple[Done, dict[str, Any]]:
    command, variables = home
    done = command.run("diagnose", "first-token", "--output", "json", **variables)
    return done, json.loads(done.out)


def shape(value: object) -> object:
    """Keys all the way down; of a list its first element."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


def test_a_diagnosis_exits_with_3_and_nothing_on_stderr(
    diagnosed: tuple[Done, dict[str, Any]],
) -> None:
    done, document = diagnosed
    assert (done.code, done.err) == (3, "")
    assert (document["status"], document["verdict"]) == ("diagnosed", "confirmed")
    assert document["diagnosis"]["id"] == "bedrock-cold-connections"


def test_the_document_has_every_key_of_the_contract(
    diagnosed: tuple[Done, dict[str, Any]],
) -> None:
    _, document = diagnosed
    wanted = {
        "schema": {},
        "run": {},
        "runbook": {},
        "status": {},
        "verdict": {},
        "environment": {"name", "account", "region", "caller"},
        "window": {"from", "to"},
        "diagnosis": {"id", "title", "severity", "cause"},
        "path": {"node", "question", "answer", "goto", "checks"},
        "coverage": {"checked", "of", "missing"},
        "remedies": {"id", "title", "urgency", "kind", "command"},
        "prevention": {},
        "cost": {"api_calls", "metrics_requested", "log_bytes_scanned", "usd_estimate"},
        "seconds": {},
    }
    for key, inner in wanted.items():
        value = document[key][0] if isinstance(document[key], list) else document[key]
        assert set(inner) <= set(value) if inner else key in document
    check = document["path"][0]["checks"][0]
    assert {"expression", "result", "observed", "threshold", "margin", "evidence"} <= set(check)
    seen = next(iter(document["evidence"].values()))
    assert {"kind", "state", "summary", "query", "newest", "seconds"} <= set(seen)


def test_an_executable_remedy_has_its_command(diagnosed: tuple[Done, dict[str, Any]]) -> None:
    _, document = diagnosed
    commands = {r["kind"]: r["command"] for r in document["remedies"]}
    assert commands["executable"].startswith(f"mangaops plan --run {document['run']} ")
    assert commands["manual"] is None


def test_a_run_can_be_explained_and_shown_again(
    home: tuple[Command, Mapping[str, str]], diagnosed: tuple[Done, dict[str, Any]]
) -> None:
    command, _ = home
    done, document = diagnosed
    run = document["run"]
    again = command.run("history", "show", run, "--output", "json")
    assert (again.code, again.out) == (0, done.out)
    explained = command.run("explain", run)
    assert explained.code == 0
    assert "false if it were at most 2,000 ms" in explained.out
    listed = json.loads(command.run("history", "list", "--output", "json").out)["runs"]
    assert run in [entry["run"] for entry in listed]


def test_the_text_names_place_run_verdict_and_the_next_command(
    home: tuple[Command, Mapping[str, str]],
) -> None:
    command, variables = home
    done = command.run("diagnose", "first-token", **variables)
    lines = done.out.splitlines()
    run = re.search(r"run (r-\w+)", done.out)
    assert run is not None
    assert (done.code, done.err) == (3, "")
    assert lines[0].startswith("default  1234-5678-9012  ap-northeast-1  as ")
    assert any(line.startswith("CONFIRMED  Cold connections to Bedrock") for line in lines)
    assert lines[-2:] == [
        f"next: mangaops plan --run {run[1]} restart-service",
        f"why:  mangaops explain {run[1]}",
    ]
    assert max(len(line) for line in lines if "mangaops " not in line) <= 80


def test_a_ticket_gets_markdown(home: tuple[Command, Mapping[str, str]]) -> None:
    command, variables = home
    done = command.run("diagnose", "first-token", "--output", "markdown", **variables)
    assert (done.code, done.out.splitlines()[0]) == (3, "## CONFIRMED: Cold connections to Bedrock")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_terminal_shows_colour_and_nothing_wider_than_itself(
    home: tuple[Command, Mapping[str, str]], width: int
) -> None:
    command, variables = home
    code, shown = typed_on_a_terminal(command, "diagnose", "first-token", width=width, **variables)
    lines = plain(shown).splitlines()
    assert (code, "\x1b[" in shown) == (3, True)
    wide = [x.strip().removeprefix("next: ") for x in lines if len(x) > width]
    assert [x for x in wide if not x.startswith("mangaops ")] == []


def test_no_color_is_heeded(home: tuple[Command, Mapping[str, str]]) -> None:
    command, variables = home
    _, shown = typed_on_a_terminal(
        command, "diagnose", "first-token", "--quiet", NO_COLOR="1", **variables
    )
    assert "\x1b[" not in shown


def test_a_closed_pipe_is_no_error(home: tuple[Command, Mapping[str, str]]) -> None:
    command, variables = home
    program = f"{sys.executable} -m mangaops runbook show first-token | head -1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {program}"],
        capture_output=True,
        text=True,
        env={**command.environ, **variables},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_triage_says_which_incident_is_on(home: tuple[Command, Mapping[str, str]]) -> None:
    command, variables = home
    done = command.run("triage", "--output", "json", **variables)
    states = {entry["runbook"]: entry["state"] for entry in json.loads(done.out)["runbooks"]}
    assert done.code == 3
    assert states["first-token"] == "on"
    assert len(states) == 6


def test_the_running_sandbox_is_an_environment(home: tuple[Command, Mapping[str, str]]) -> None:
    command, _ = home
    done = command.run("diagnose", "first-token", "--env", "sandbox", "--output", "json")
    document = json.loads(done.out)
    assert (done.code, document["environment"]["name"]) == (3, "sandbox")


def test_questions_to_the_logs_are_tables(home: tuple[Command, Mapping[str, str]]) -> None:
    command, variables = home
    done = command.run("logs", "latency", "--output", "json", **variables)
    document = json.loads(done.out)
    assert (done.code, document["columns"]) == (
        0,
        ["intent", "avg_ms", "p50", "p95", "p99", "calls"],
    )
    assert {row["intent"] for row in document["rows"]} >= {"faq", "recommendation"}


def test_any_query_is_answered_by_aws(home: tuple[Command, Mapping[str, str]]) -> None:
    command, variables = home
    query = "filter ispresent(intent) | stats count(*) as calls by intent | sort calls desc"
    done = command.run("logs", "query", query, "--output", "json", **variables)
    document = json.loads(done.out)
    assert (done.code, done.err, document["columns"]) == (0, "", ["intent", "calls"])
    assert {row["intent"] for row in document["rows"]} >= {"faq", "recommendation"}
    assert document["cost"]["log_bytes_scanned"] > 0


def test_a_query_that_aws_refuses_is_wrong_input_with_its_place(
    home: tuple[Command, Mapping[str, str]],
) -> None:
    command, variables = home
    done = command.run("logs", "query", "stats count(*) |\n percentil x", **variables)
    assert done.code == 2
    assert "AWS may know more, so it is asked" in done.err
    assert "line 2, column 2 of the query" in done.err


@pytest.mark.parametrize(
    ("scenario", "runbook", "options", "code", "status"),
    [
        ("healthy-first-token", "first-token", [], 0, "healthy"),
        ("first-token-no-data", "first-token", [], 4, "inconclusive"),
    ],
)
def test_without_an_outcome_there_is_no_diagnosis_but_a_reason(
    mangaops: Command, scenario: str, runbook: str, options: list[str], code: int, status: str
) -> None:
    done = mangaops.run("diagnose", runbook, "--sandbox", scenario, "--output", "json", *options)
    document = json.loads(done.out)
    assert (done.code, document["status"], document["diagnosis"]) == (code, status, None)
    assert document["reasons"]
