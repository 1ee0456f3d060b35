"""A small runbook that is right in every way, for tests to spoil one thing at a time."""

from __future__ import annotations

from mangaops.errors import RunbookError
from mangaops.runbook.finding import Finding
from mangaops.runbook.load import load_text

FILE = "folder/slow-answers.yaml"

GOOD = """\
schema: mangaops.runbook/1
name: slow-answers
title: Answers are slow
severity: SEV-2
description: >
  Answers take
  longer than they should.
window: 30m

parameters:
  limit_ms: {default: 2000, unit: ms, description: above this is slow}
  sustained: {default: 10m, unit: duration}
  simple: {default: [greeting, faq]}
  watch: {default: true}
  model: {default: haiku}

evidence:
  answer:
    kind: metric
    title: answer p95
    unit: ms
    query: {namespace: "${streaming_namespace}", name: answer_ms, stat: p95}
  by_intent:
    kind: metric
    query: {namespace: Own, name: answer_ms, stat: p95, pool: 10m, dimensions: {Intent: "*"}}
  calls:
    kind: logs
    query:
      groups: ["${orchestrator_log}"]
      query: |
        filter model = "${model}" and intent in [${simple}]
        | stats count(*) as calls by intent
      columns: {intent: text, calls: number}

define:
  busy: sum(r.calls for r in calls if r.intent in simple)

trigger:
  question: Is it slow?
  when: watch and min(answer, sustained) > limit_ms
  on_missing: inconclusive
  healthy: "Not above {limit_ms:ms}."

start: which

nodes:
  which:
    question: Which intents?
    branches:
      - answer: all of them
        when: >-
          all(latest(s) > limit_ms
              for s in by_intent
              if known(s))
        goto: worth-it
        on_missing: inconclusive
      - answer: some
        otherwise: true
        goto: one-intent
  worth-it:
    ask: Is the quality worth it?
    options:
      - {answer: "yes", goto: kept}
      - {answer: "no", goto: one-intent}
    on_missing: one-intent

outcomes:
  kept:
    title: It is meant to be so
    status: healthy
    cause: "{busy:count} calls."
  one-intent:
    title: One intent is slow
    cause: >-
      The slowest intent has
      {max(latest(s) for s in by_intent):ms}.
    severity:
      - {when: busy > 100, is: SEV-1}
    confirm:
      - when: busy > 10
        otherwise: "Only {busy:count} calls."
    remedies:
      - id: scale-out
        title: More tasks
        urgency: immediate
        kind: executable
        command: scale-out
      - {id: look, title: Look closer, urgency: short-term, kind: manual}
    prevention: [Alarm earlier]
    continue_with: fm-errors
"""


def spoiled(before: str, after: str) -> str:
    """The good text with one passage replaced; the passage must be there exactly once."""
    assert GOOD.count(before) == 1, f"{GOOD.count(before)} times: {before}"
    return GOOD.replace(before, after)


def findings_of(text: str) -> tuple[Finding, ...]:
    """What loading refuses; nothing when it loads."""
    try:
        load_text(text, FILE)
    except RunbookError as error:
        return tuple(each for each in error.findings if isinstance(each, Finding))
    return ()


def said(text: str) -> list[tuple[str, str, int, int]]:
    """Rule, message, line and column of each finding of loading."""
    return [
        (each.rule, each.message, each.place.line, each.place.column) for each in findings_of(text)
    ]


def place_of(text: str, passage: str) -> tuple[int, int]:
    """Line and column of a passage's first character."""
    before = text[: text.index(passage)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
