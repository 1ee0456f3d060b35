"""What is told with --record is what the capsule tells; one that would mislead is not kept."""

from __future__ import annotations

import gzip
from pathlib import Path

from mangaops.cli.diagnosing import Walked, case_of
from mangaops.cli.recording import Finished, kept
from mangaops.cli.replaying import recorded_case
from mangaops.diagnose.walk import walk
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
    run = finished(f"{_SEEN} == api_token", {"api_token": PASSWORD})
    found = kept(run)
    assert found.capsule is not None
    assert run.case.diagnosis.cause == f"It is {PASSWORD}"
    assert found.case.diagnosis.cause == "It is [redacted-2]"  # its default was the first
    assert PASSWORD not in gzip.decompress(to_bytes(found.capsule)).decode()
    (tmp_path / "a.capsule").write_bytes(to_bytes(found.capsule))
    again = recorded_case(read(tmp_path / "a.capsule"))
    assert case_document(again) == case_document(found.case)
    assert again == found.case


def test_a_capsule_that_would_conclude_otherwise_is_not_kept() -> None:
    run = finished(f'contains({_SEEN}, "hunter2")', {})
    found = kept(run)
    assert (found.case, found.capsule) == (run.case, None)
    assert found.why_not == "without its secrets the evidence leads to another conclusion"


def test_what_differs_differs_still() -> None:
    run = finished(f"{_SEEN} == api_token", {"api_token": "none"})
    assert run.case.diagnosis.id == "healthy"
    (check,) = kept(run).case.diagnosis.path[0].checks
    assert (check.observed, check.threshold) == ("[redacted-2]", "[redacted-1]")
