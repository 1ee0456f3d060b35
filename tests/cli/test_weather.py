"""An unlucky environment: strangers for AWS, odd streams, folders that are gone, faults."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command import Command, credentials
from support.started import Started, started
from support.strangers import page, stranger


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    home = tmp_path_factory.mktemp("home")
    with started(home, "--scenario", "cold-connections") as one:
        yield one


@pytest.fixture
def faulty(sandbox: Started) -> Iterator[Started]:
    yield sandbox
    sandbox.put("faults", {"rules": []})


def shell(command: Command, line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`line` in bash; `$M` is mangaops."""
    program = f"{sys.executable} -m mangaops"
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line.replace('$M', program)}"],
        capture_output=True,
        text=True,
        cwd=command.home,
        env={**command.environ, **more},
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (page("200 OK"), "what answers is not AWS: HTTP 200, text/html"),
        (page("404 Not Found"), "what answers is not AWS: HTTP 404, text/html"),
        (page("403 Forbidden"), "what answers is not AWS: HTTP 403, text/html"),
        (page("200 OK", b"{}", "application/json"), "what answers is not AWS: HTTP 200, app"),
        (page("200 OK", b"\xff\xfe"), "what answers is not AWS: HTTP 200, text/html"),
        (b"\x00garbage\r\n\r\n", "Connection was closed"),
        (b"", "Connection was closed"),
    ],
    ids=["page", "404", "403", "json", "binary", "garbage", "closes"],
)
def test_an_endpoint_that_is_no_aws_is_1_and_said_so(
    mangaops: Command, answer: bytes, what: str
) -> None:
    with stranger(answer) as url:
        done = mangaops.run("diagnose", "first-token", **credentials(url))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error  {what}")
    assert "endpoint_url" in done.err.splitlines()[-1]


def test_no_trace_of_a_thread_appears_whatever_the_endpoint_answers(mangaops: Command) -> None:
    with stranger(page("200 OK")) as url:
        for words in (["triage"], ["logs", "errors"]):
            done = mangaops.run(*words, "--output", "json", **credentials(url))
            document = json.loads(done.out)
            assert (done.code, done.err, document["schema"]) == (1, "", "mangaops.error/1")


def test_an_endpoint_that_never_answers_costs_the_deadline_and_little_more(
    mangaops: Command,
) -> None:
    with stranger(None) as url:
        done = mangaops.run(
            "diagnose", "first-token", "--deadline", "1", timeout=8, **credentials(url)
        )
    assert (done.code, done.err) == (4, "")
    assert "not read within the deadline of 1 s" in done.out


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("*=custom:ExpiredTokenException:The token is expired:403", "sign in again"),
        ("*=custom:RequestTimeTooSkewed:Too large:403", "the clock of this machine is off"),
        ("*=custom:InvalidClientTokenId:Invalid:403", "set AWS_PROFILE"),
        ("*=drop", "check the network"),
    ],
    ids=["expired", "skewed", "unknown", "dropped"],
)
def test_credentials_and_clock_are_1_with_what_to_do(faulty: Started, rule: str, hint: str) -> None:
    faulty.put("faults", {"rules": [rule]})
    done = faulty.command.run("diagnose", "first-token", **faulty.variables)
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1].startswith(f"next   {hint}")


@pytest.mark.parametrize("rule", ["*=throttle", "*=server-error", "*=denied", "*=partial"])
def test_evidence_that_cannot_be_read_is_4(faulty: Started, rule: str) -> None:
    faulty.put("faults", {"rules": [rule]})
    words = ("diagnose", "first-token", "--output", "json", "--deadline", "20")
    done = faulty.command.run(*words, **faulty.variables)
    document = json.loads(done.out)
    assert (done.code, document["status"], document["verdict"]) == (4, "inconclusive", "none")
    assert document["coverage"]["missing"] == ["first_token"]


def test_a_caller_who_cannot_be_named_is_no_reason_to_fail(faulty: Started) -> None:
    faulty.put("faults", {"rules": ["sts:*=denied"]})
    done = faulty.command.run("diagnose", "first-token", **faulty.variables)
    assert (done.code, done.out.splitlines()[0][:33]) == (3, "default  account unknown  ap-nort")


def test_a_message_of_others_cannot_move_the_cursor(faulty: Started) -> None:
    message = "\x1b]0;title\x07\x1b[2J\x1b[31mred\x08\u202eright"
    rule = {"kind": "custom", "code": "Odd", "message": message, "status": 400}
    faulty.put("faults", {"rules": [rule]})
    for words in (["diagnose", "first-token"], ["triage"], ["logs", "errors"]):
        done = faulty.command.run(*words, **faulty.variables)
        said = done.out + done.err
        assert [sign for sign in "\x1b\x07\x08\u202e" if sign in said] == []
        assert "Odd" in said


@pytest.mark.parametrize(
    "words", ["diagnose first-token", "runbook list", "history list", "--version", "--help"]
)
def test_a_full_disk_is_told_in_a_line_or_three(sandbox: Started, words: str) -> None:
    done = shell(sandbox.command, f"$M {words} >/dev/full", **sandbox.variables)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("$M diagnose first-token <&-", 3),
        ("$M diagnose first-token >&-", 3),
        ("$M diagnose first-token <&- >&- 2>&-", 3),
        ("$M diagnose first-token --since x 2>&-", 2),
        ("$M diagnose first-token --since x 2>/dev/full", 2),
        ("$M --help >&-", 0),
        ("$M diagnose first-token --output json | head -1", 3),
        ("$M diagnose first-token | true", 3),
    ],
)
def test_streams_that_are_closed_change_no_exit_code(
    sandbox: Started, line: str, code: int
) -> None:
    done = shell(sandbox.command, line, **sandbox.variables)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize(
    "more",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"TERM": "dumb", "NO_COLOR": "1", "CI": "1"},
        {"COLUMNS": "5"},
        {"COLUMNS": "-1"},
        {"HOME": "/nonexistent"},
        {"TMPDIR": "/nonexistent"},
    ],
    ids=str,
)
def test_an_odd_environment_changes_no_verdict(sandbox: Started, more: dict[str, str]) -> None:
    done = sandbox.command.run("diagnose", "first-token", **sandbox.variables, **more)
    assert (done.code, done.err) == (3, "")
    assert "CONFIRMED" in done.out
    assert "\x1b" not in done.out


def test_a_current_folder_that_is_gone_is_no_reason_to_fail(sandbox: Started) -> None:
    line = "mkdir gone && cd gone && rmdir ../gone && $M diagnose first-token"
    done = shell(sandbox.command, line, **sandbox.variables)
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.parametrize("width", ["40", "60", "80", "120"])
def test_triage_cuts_nothing_at_any_width(sandbox: Started, width: str) -> None:
    done = sandbox.command.run("triage", COLUMNS=width, **sandbox.variables)
    lines = done.out.splitlines()
    assert done.code == 3
    assert "…" not in done.out
    assert max(map(len, lines)) <= int(width)
    assert next(line.split() for line in lines if line.startswith("on "))[:2] == [
        "on",
        "first-token",
    ]


def test_a_state_folder_of_nobody_is_wrong_input(mangaops: Command) -> None:
    done = mangaops.run("history", "list", MANGAOPS_STATE_DIR="~no-such-user/x")
    assert (done.code, done.err.splitlines()[0]) == (2, "error  there is no such user")


def test_a_dry_run_of_the_environment_still_diagnoses(sandbox: Started) -> None:
    done = sandbox.command.run("diagnose", "first-token", MANGAOPS_DRY_RUN="1", **sandbox.variables)
    assert done.code == 3


def test_a_read_only_folder_is_no_reason_to_fail(sandbox: Started, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    done = shell(sandbox.command, f"cd {folder} && $M diagnose first-token", **sandbox.variables)
    assert (done.returncode, done.stderr) == (3, "")
