"""Ctrl-C, and questions to a person, on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command import Command
from support.pseudo_terminal import plain, typed_on_a_terminal
from support.started import started

ASKING = """\
schema: mangaops.runbook/1
name: asking
title: A runbook that asks
severity: SEV-4
description: For a test.
window: 30m
evidence:
  cpu:
    kind: metric
    title: orchestrator CPU
    unit: percent
    query:
      namespace: AWS/ECS
      name: CPUUtilization
      stat: Average
      dimensions: {ClusterName: "${cluster}", ServiceName: "${service}"}
trigger:
  question: Does the orchestrator run?
  when: latest(cpu) > 0
  on_missing: inconclusive
start: quality
nodes:
  quality:
    ask: Is the quality worth it?
    options:
      - {answer: "no", goto: away}
      - {answer: "yes", goto: kept}
    on_missing: away
outcomes:
  away:
    title: It goes away
    cause: "The CPU is {latest(cpu):percent}."
  kept:
    title: It is kept
    cause: "The CPU is {latest(cpu):percent}."
"""


ASKED = ("diagnose", "./asking.yaml", "--env", "sandbox")


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    home = tmp_path_factory.mktemp("home")
    (home / "asking.yaml").write_text(ASKING, encoding="utf-8")
    with started(home, "--scenario", "healthy-first-token") as sandbox:
        yield sandbox.command


def test_a_question_is_put_to_the_person_at_the_terminal(healthy: Command) -> None:
    def keys(shown: str) -> bytes:
        return b"2\r" if shown.endswith("not answered] ") else b""

    code, shown = typed_on_a_terminal(healthy, *ASKED, keys=keys)
    assert (code, "(kept, SEV-4)" in plain(shown)) == (3, True)


@pytest.mark.parametrize("options", [[], ["--no-input"]])
def test_nobody_is_waited_for_without_a_terminal(healthy: Command, options: list[str]) -> None:
    done = healthy.run(*ASKED, *options)
    assert (done.code, "(away, SEV-4)" in done.out) == (3, True)
    assert "--answer quality=no|yes" in done.err


def test_an_answer_can_be_given_beforehand(healthy: Command) -> None:
    done = healthy.run(*ASKED, "--answer", "quality=YES")
    assert (done.code, done.err, "(kept, SEV-4)" in done.out) == (3, "", True)


def test_an_answer_that_is_none_is_wrong_input(healthy: Command) -> None:
    done = healthy.run(*ASKED, "--answer", "quality=maybe")
    assert (done.code, done.err.splitlines()[0]) == (
        2,
        "error  `maybe` is no answer to `quality`",
    )


def test_ctrl_c_shows_what_there_is_and_exits_with_130(mangaops: Command) -> None:
    """The sandbox takes 3 s a call; Ctrl-C comes with the first sign of reading."""
    started = mangaops.run(
        "sandbox", "start", "--empty", "--latency", "3000", "--port", "0", "--detach"
    )
    variables = dict(re.findall(r"^export (\w+)=(.*)$", started.out, re.MULTILINE))
    pressed: list[str] = []

    def keys(shown: str) -> bytes:
        if pressed or "reading" not in shown:
            return b""
        pressed.append("Ctrl-C")
        return b"\x03"

    try:
        words = ["diagnose", "first-token"]
        code, shown = typed_on_a_terminal(mangaops, *words, keys=keys, **variables)
    finally:
        mangaops.run("sandbox", "stop")
    assert (code, pressed) == (130, ["Ctrl-C"])
    assert "Interrupted: this is what could be said by then." in plain(shown)
    assert "Traceback" not in shown


def test_a_sandbox_for_one_command_leaves_nothing_behind(mangaops: Command) -> None:
    mangaops.run("triage", "--sandbox", "healthy-first-token")
    assert mangaops.run("sandbox", "status").code == 3
    assert list(Path(mangaops.home, "state").rglob("*.json")) == []
