"""The mutants of a small runbook, by id and place."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangaops.runbook.load import load_runbook, load_text
from mangaops.testing.mutants.listing import mutants

RUNBOOKS = Path(__file__).parents[3] / "runbooks"
SMALL = """\
schema: mangaops.runbook/1
name: small
title: Answers are slow
severity: SEV-2
description: Answers take long.
window: 30m
parameters:
  limit_ms: {default: 2000, unit: ms}
  simple: {default: [greeting, faq]}
  pool_size: {default: 10}
  told_only: {default: 5}
evidence:
  answer:
    kind: metric
    query: {namespace: N, name: answer_ms, stat: p95, pool: 10m}
  told:
    kind: cached_answers
    query: {}
define:
  told_rows: rows(told) + told_only
trigger:
  question: Is it slow?
  when: latest(answer) > limit_ms
  on_missing: inconclusive
start: which
nodes:
  which:
    question: Which?
    branches:
      - {answer: first, when: latest(answer) > 3000, goto: slow, on_missing: next}
      - {answer: second, when: '"faq" in simple', goto: asked}
      - {answer: none, otherwise: true, goto: inconclusive}
  asked:
    ask: Is it?
    options: [{answer: "yes", goto: slow}, {answer: "no", goto: inconclusive}]
    on_missing: inconclusive
outcomes:
  slow:
    title: Slow
    severity: [{when: latest(answer) > 5000, is: SEV-1}]
    cause: "There are {told_rows:count}."
    remedies:
      - id: grow
        title: Grow
        urgency: immediate
        kind: executable
        command: "set-env SIZE={pool_size}"
"""


def test_everything_that_decides_has_its_mutants_and_what_is_only_told_has_none() -> None:
    found = [(one.id, one.place.line) for one in mutants(load_text(SMALL, "small.yaml"))]
    assert found == [
        ("parameters/limit_ms: 2000 becomes 1800", 8),
        ("parameters/limit_ms: 2000 becomes 2200", 8),
        ("parameters/simple: loses greeting", 9),
        ("parameters/simple: loses faq", 9),
        ("parameters/pool_size: 10 becomes 9", 10),
        ("parameters/pool_size: 10 becomes 11", 10),
        ("evidence/answer: p95 becomes p50", 13),
        ("evidence/answer: pool 10m becomes 5m", 13),
        ("evidence/answer: pool 10m becomes 20m", 13),
        ("evidence/answer is never there", 13),
        ("trigger: > becomes >=", 23),
        ("trigger: > becomes <=", 23),
        ("trigger: on_missing inconclusive becomes next", 23),
        ("nodes/which/0: > becomes >=", 30),
        ("nodes/which/0: > becomes <=", 30),
        ("nodes/which/0: 3000 becomes 2700", 30),
        ("nodes/which/0: 3000 becomes 3300", 30),
        ("nodes/which/0: asked after 1", 30),
        ("nodes/which/0: on_missing next becomes inconclusive", 30),
        ("nodes/which/1: in becomes not in", 31),
        ("nodes/asked: on_missing inconclusive becomes slow", 33),
        ("outcomes/slow/severity/0: > becomes >=", 40),
        ("outcomes/slow/severity/0: > becomes <=", 40),
        ("outcomes/slow/severity/0: 5000 becomes 4500", 40),
        ("outcomes/slow/severity/0: 5000 becomes 5500", 40),
    ]


def test_a_mutant_says_which_parts_of_the_tree_mention_it() -> None:
    text = SMALL.replace("pool: 10m", 'pool: 10m, dimensions: {A: "${pool_size}"}')
    found = {one.id: one for one in mutants(load_text(text, "small.yaml"))}
    pool = found["parameters/pool_size: 10 becomes 9"]
    assert (pool.seen_at, pool.reads) == (frozenset({"trigger", "which", "slow"}), True)
    simple = found["parameters/simple: loses faq"]
    assert (simple.seen_at, simple.reads) == (frozenset({"which"}), False)


@pytest.mark.parametrize("file", sorted(RUNBOOKS.glob("*.yaml")), ids=lambda file: file.name)
def test_each_mutant_of_a_shipped_runbook_has_an_id_of_its_own_and_is_another_runbook(
    file: Path,
) -> None:
    if file.name.endswith(".test.yaml"):
        return
    runbook = load_runbook(file)
    made = mutants(runbook)
    assert len({one.id for one in made}) == len(made) > 50
    assert all(one.removed or one.change(runbook) != runbook for one in made)
    assert {one.place.file for one in made} == {str(file)}
