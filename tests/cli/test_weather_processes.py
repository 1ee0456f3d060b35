"""Ctrl-C at every phase, and sandboxes that are killed, doubled, or left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.command import Command, Done, credentials
from support.pseudo_terminal import plain, typed_on_a_terminal
from support.started import Started, exports, started
from support.strangers import stranger

ASKING = """\
schema: mangaops.runbook/1
name: asking
title: Somebody must look
severity: SEV-3
window: 30m
evidence:
  first: {kind: metric, query: {namespace: MangaAssist/Streaming, name: first_token_latency_ms,
    stat: p95}}
trigger: {question: Is it slow?, when: max(first) > 1, on_missing: inconclusive}
start: look
nodes:
  look:
    ask: Does the page load?
    options: [{answer: loads, goto: fine}, {answer: hangs, goto: broken}]
    on_missing: inconclusive
outcomes:
  fine: {title: It loads, cause: It loads.}
  broken: {title: It hangs, cause: It hangs.}
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    home = tmp_path_factory.mktemp("home")
    (home / "asking.yaml").write_text(ASKING, encoding="utf-8")
    with started(home, "--scenario", "cold-connections") as one:
        yield one


def interrupted(command: Command, *words: str, after: float, twice: bool, **more: str) -> Done:
    """What the command says when Ctrl-C comes `after` seconds, and once more a bit later."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mangaops", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=command.home,
        env={**command.environ, **more},
        start_new_session=True,
    )
    time.sleep(after)
    os.killpg(process.pid, signal.SIGINT)
    if twice:
        time.sleep(0.2)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=6)
    assert "Traceback" not in err, err
    return Done(code=process.returncode, out=out, err=err)


@pytest.mark.parametrize(
    ("words", "twice"),
    [("diagnose first-token", False), ("triage", True), ("logs errors", False)],
)
def test_ctrl_c_while_metrics_or_logs_are_read_is_130_and_one_document(
    mangaops: Command, words: str, twice: bool
) -> None:
    with stranger(None) as url:
        done = interrupted(
            mangaops,
            *words.split(),
            "--output",
            "json",
            after=1,
            twice=twice,
            **credentials(url),
        )
    assert done.code == 130
    assert json.loads(done.out)["schema"].startswith("mangaops.")


def test_ctrl_c_during_a_slow_log_query_shows_what_there_is(sandbox: Started) -> None:
    sandbox.put("query-time", {"seconds": 20})
    done = interrupted(sandbox.command, "triage", after=2, twice=False, **sandbox.variables)
    sandbox.put("query-time", {"seconds": 0.5})
    assert done.code == 130
    assert "first-token p95" in done.out
    assert "interrupted" in done.out


def test_a_deadline_shorter_than_the_query_leaves_the_rest(sandbox: Started) -> None:
    sandbox.put("query-time", {"seconds": 4})
    done = sandbox.command.run("triage", "--deadline", "1", **sandbox.variables)
    sandbox.put("query-time", {"seconds": 0.5})
    assert done.code == 3
    assert "the deadline of 1 s" in " ".join(done.out.split())


@pytest.mark.parametrize("after", [0.6, 1.2])
def test_ctrl_c_while_a_sandbox_starts_leaves_no_process(
    mangaops: Command, tmp_path: Path, after: float
) -> None:
    words = ("diagnose", "first-token", "--sandbox", "cold-connections")
    done = interrupted(mangaops, *words, after=after, twice=False, TMPDIR=str(tmp_path))
    assert done.code in {130, 3}  # 3: the machine was faster
    assert soon(lambda: not list(tmp_path.glob("mangaops-cache-*")))  # its Redis is gone too


def test_a_narrow_terminal_does_not_lose_the_sandbox(sandbox: Started) -> None:
    done = sandbox.command.run("sandbox", "status", "--output", "json", COLUMNS="20")
    assert (done.code, len(json.loads(done.out)["sandboxes"])) == (0, 1)


def test_ctrl_c_at_a_question_is_130(sandbox: Started) -> None:
    code, shown = typed_on_a_terminal(
        sandbox.command,
        "diagnose",
        "./asking.yaml",
        keys=lambda text: b"\x03" if text.endswith("not answered] ") else b"",
        **sandbox.variables,
    )
    assert code == 130
    assert "interrupted" in plain(shown).lower()


@pytest.mark.parametrize("more", [{}, {"CI": "1"}], ids=["no terminal", "CI"])
def test_a_question_without_a_terminal_names_the_option(
    sandbox: Started, more: dict[str, str]
) -> None:
    done = sandbox.command.run("diagnose", "./asking.yaml", **sandbox.variables, **more)
    assert done.code == 4
    assert "--answer look=loads|hangs" in done.err


def test_a_sandbox_killed_with_9_takes_its_redis_along_and_is_forgotten(tmp_path: Path) -> None:
    with started(tmp_path) as one:
        second = one.command.run("sandbox", "start", "--port", "0", "--detach")
        port = exports(second.out)["AWS_ENDPOINT_URL"].rpartition(":")[2]
        redis = int(exports(second.out)["MANGAOPS_CACHE_URL"].rpartition(":")[2].partition("/")[0])
        states = tmp_path / "state" / "sandbox"
        os.kill(json.loads((states / f"{port}.json").read_text())["pid"], signal.SIGKILL)
        assert soon(lambda: not listens(redis))
        (states / "1.json").write_text("{half a fi")
        (states / "2.json").write_text('{"pid": -1, "port": 2}')
        listed = one.command.run("sandbox", "status", "--output", "json")
        found = [sandbox["endpoint"] for sandbox in json.loads(listed.out)["sandboxes"]]
        assert (listed.code, found) == (0, [one.variables["AWS_ENDPOINT_URL"]])
        again = one.command.run("sandbox", "start", "--port", found[0].rpartition(":")[2])
        assert (again.code, again.err[:29]) == (1, "error  a sandbox is running o")
    stopped = one.command.run("sandbox", "stop")
    assert (stopped.code, stopped.err.splitlines()[0]) == (1, "error  no sandbox is running")


def test_a_port_that_something_else_has_is_told(mangaops: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = mangaops.run("sandbox", "start", "--port", port, "--detach")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[0] == f"error  port {port} is taken"


def test_a_state_folder_that_cannot_be_written_is_told_by_the_sandbox(mangaops: Command) -> None:
    words = ("sandbox", "start", "--port", "0", "--detach")
    done = mangaops.run(*words, MANGAOPS_STATE_DIR="/dev/null/x")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error  the state folder cannot be written")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def soon(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False
