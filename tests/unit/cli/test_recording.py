"""What is told with --record is what the capsule tells; one that would mislead is not kept."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn, TextIO

import pytest

from mangaops.cli.context import AppContext
from mangaops.cli.diagnose import exit_code, told
from mangaops.cli.diagnosing import Walked, case_of
from mangaops.cli.options import Output, Show
from mangaops.cli.recording import Finished, kept
from mangaops.cli.replaying import recorded_case
from mangaops.cli.terminal import Terminal
from mangaops.cli.without_secrets import told_case
from mangaops.diagnose.walk import walk
from mangaops.errors import ExitCode
from mangaops.evidence.capsule.file import read, to_bytes
from mangaops.evidence.collect import Collected
from mangaops.model.diagnosis import Diagnosis
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState, Table
from mangaops.model.settings import Environment
from mangaops.render.document import case_document
from mangaops.runbook.bind import bind
from mangaops.runbook.load import load_text
from support.capsules import CAPSULE, NOW

PASSWORD = "hunter2-is-mine"
_TEXT = """\
schema: mangaops.runbook/1
name: leak
title: It knows a password
severity: SEV-3
description: It compares what was set with what was seen.
window: 30m
parameters:
  api_token: {default: none}
evidence:
  environment:
    kind: ecs_environment
    title: environment
    query: {cluster: c, service: s, container: app}
trigger:
  question: Is it ours?
  when: CONDITION
  on_missing: inconclusive
start: whose
nodes:
  whose:
    question: Whose?
    branches:
      - {answer: ours, otherwise: true, goto: found}
outcomes:
  found:
    title: Found
    cause: "It is {api_token}"
"""
_SEEN = 'lookup(environment, "DB_PASSWORD", "value")'


def finished(condition: str, sets: dict[str, str]) -> Finished:
    runbook = load_text(_TEXT.replace("CONDITION", condition), "leak.yaml")
    environment = Environment()
    bound = bind(runbook, environment, sets)
    value = Table(columns=("name", "value"), rows=({"name": "DB_PASSWORD", "value": PASSWORD},))
    item = Evidence(id="environment", kind="ecs_environment", state=EvidenceState.OK, value=value)
    evidence = EvidenceSet(items={item.id: item})
    diagnosis = walk(bound, evidence, CAPSULE.window)
    assert isinstance(diagnosis, Diagnosis)
    collected: Collected[Diagnosis] = Collected(
        result=diagnosis, evidence=evidence, interrupted=False, cost=CAPSULE.cost, seconds=1.5
    )
    walked = Walked(diagnosis=diagnosis, collected=collected, seconds=1.5)
    window = CAPSULE.window
    case = case_of(walked, bound, CAPSULE.site, window, run="r-1", suffix="", sets=sets)
    return Finished(case=case, walked=walked, runbook=runbook, environment=environment, at=NOW)


def test_the_answer_with_a_secret_is_told_without_it_and_replayed_so(tmp_path: Path) -> None:
    run = finished(f"known({_SEEN})", {"api_token": PASSWORD})
    found = kept(run)
    assert found.capsule is not None
    assert run.case.diagnosis.cause == f"It is {PASSWORD}"
    assert found.case.diagnosis.cause == "It is [redacted-2]"  # its default was the first
    assert PASSWORD not in gzip.decompress(to_bytes(found.capsule)).decode()
    (tmp_path / "a.capsule").write_bytes(to_bytes(found.capsule))
    again = recorded_case(read(tmp_path / "a.capsule"))
    assert case_document(again) == case_document(found.case)
    assert again == found.case


@pytest.mark.parametrize("condition", [f'contains({_SEEN}, "hunter2")', f"{_SEEN} == api_token"])
def test_a_capsule_that_would_conclude_otherwise_is_not_kept(condition: str) -> None:
    run = finished(condition, {"api_token": PASSWORD})
    found = kept(run)
    assert (found.case, found.capsule) == (run.case, None)
    assert found.why_not == "without its secrets the evidence leads to another conclusion"


def test_what_no_capsule_can_hold_is_said() -> None:
    run = finished(f"known({_SEEN})", {})
    case = replace(run.case, cost=replace(run.case.cost, usd_estimate=math.inf))
    found = kept(replace(run, case=case))
    assert found.capsule is None
    assert found.why_not == "a capsule cannot hold it: `cost.usd_estimate` is negative or too large"


class Machine:
    """A process with its three streams, and its state below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.terminal = Terminal(stdin=StringIO(), stdout=StringIO(), stderr=StringIO(), environ={})
        environ = {"MANGAOPS_STATE_DIR": str(folder)}
        self.context = AppContext(terminal=self.terminal, environ=environ, clock=lambda: NOW)

    @property
    def streams(self) -> tuple[str, str]:
        """What was written to stdout and to stderr."""
        return written(self.terminal.stdout), written(self.terminal.stderr)


def written(stream: TextIO) -> str:
    assert isinstance(stream, StringIO)
    return stream.getvalue()


_JSON = Show(output=Output.JSON)


@pytest.mark.parametrize(
    ("sets", "resources"),
    [
        ({"api_token": PASSWORD}, {}),
        ({}, {"service": f"svc-token={PASSWORD}"}),
        ({}, {"secret": PASSWORD}),
    ],
)
def test_secrets_that_were_typed_or_configured_are_not_told(
    tmp_path: Path, sets: dict[str, str], resources: dict[str, str]
) -> None:
    run = finished(f'{_SEEN} == "{PASSWORD}"', sets)
    machine = Machine(tmp_path)
    environment = Environment(resources={**run.environment.resources, **resources})
    case = told(machine.context, _JSON, replace(run, environment=environment), None)
    assert case.diagnosis.id == "found"
    out, err = machine.streams
    (record,) = tmp_path.glob("runs/*/diagnosis.json")
    assert out == record.read_text(encoding="utf-8")
    assert PASSWORD not in out + err
    assert "[redacted]" in out


def test_a_case_without_secrets_is_told_as_it_is() -> None:
    run = finished(f"known({_SEEN})", {"api_token": "none"})
    plain = replace(run.case, sets={"sustained": "5m"})
    assert told_case(plain, run.runbook, Environment()) is plain


class Interrupting(dict[str, Evidence]):
    """Ctrl-C arrives when the capsule is made."""

    def values(self) -> NoReturn:
        raise KeyboardInterrupt


class Broken(dict[str, Evidence]):
    def values(self) -> NoReturn:
        raise LookupError("no such thing")


@pytest.mark.parametrize(
    ("evidence", "note"),
    [
        (Interrupting(), "note: the evidence is not kept: interrupted\n"),
        (Broken(), "a bug in mangaops: LookupError: no such thing\n"),
    ],
)
def test_what_fails_once_the_answer_is_out_is_a_note(
    tmp_path: Path, evidence: dict[str, Any], note: str
) -> None:
    run = finished(f"known({_SEEN})", {})
    collected = replace(run.walked.collected, evidence=EvidenceSet(items=evidence))
    run = replace(run, walked=replace(run.walked, collected=collected))
    machine = Machine(tmp_path)
    case = told(machine.context, _JSON, run, None)
    out, err = machine.streams
    assert json.loads(out)["run"] == case.run == "r-1"
    assert err.endswith(note)
    assert exit_code(case) == ExitCode.PROBLEM_FOUND


def test_a_state_folder_that_goes_away_late_is_a_note(tmp_path: Path) -> None:
    run = finished(f"known({_SEEN})", {})
    machine = Machine(tmp_path / "state")
    gone = tmp_path / "gone" / "a.capsule"
    told(machine.context, _JSON, run, gone)
    out, err = machine.streams
    assert json.loads(out)["run"] == "r-1"
    assert err == f"note: {gone} was not written: No such file or directory\n"
