"""A capsule with evidence of every shape, of a small runbook that uses all of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.model.evidence import (
    Evidence,
    EvidenceSet,
    EvidenceState,
    Record,
    Series,
    SeriesGroup,
    Table,
    Value,
)
from mangaops.model.settings import DEFAULT_RESOURCES
from support.capsules import CAPSULE, END

BOOK = """\
schema: mangaops.runbook/1
name: slow
title: Slow
severity: SEV-2
description: It is slow.
window: 30m
parameters:
  limit: {default: 2000, unit: ms}
  sustained: {default: 10m, unit: duration}
  simple: {default: [faq]}
evidence:
  latency: {kind: metric, query: {namespace: N, name: l, stat: p95}}
  by_intent:
    kind: metric
    query: {namespace: N, name: l, stat: p95, pool: 10m, dimensions: {Intent: "*"}}
  errors: {kind: metric, query: {namespace: N, name: e, stat: Sum, period: 5m, sparse: true}}
  usual: {kind: metric, query: {namespace: N, name: u, stat: p95, baseline: {days: 2}}}
  calls:
    kind: logs
    query:
      groups: ["${orchestrator_log}"]
      query: stats count(*) as calls by intent, bin(5m) as slot
      columns: {intent: text, slot: time, calls: number}
  threshold: {kind: parameter, query: {name: "/t", history: true}}
  health: {kind: health_events, query: {services: [BEDROCK]}}
  later: {kind: metric, query: {namespace: N, name: z, stat: Sum}}
trigger:
  question: Is it slow?
  when: min(latency, sustained) > limit
  on_missing: inconclusive
start: which
nodes:
  which:
    question: Which intents?
    branches:
      - answer: simple ones
        when: >-
          any(latest(s) > limit for s in by_intent if known(s) and s.Intent in simple)
          and sum(errors) >= 7 and avg(usual) > 1.5 * avg(baseline(usual))
          and sum(r.calls for r in calls if r.slot >= window_end - minutes(15)) == 12
          and threshold.number > 0.3
        goto: person
        on_missing: inconclusive
      - {answer: others, otherwise: true, goto: quiet}
  person:
    ask: Was it announced?
    options: [{answer: "yes", goto: busy}, {answer: "no", goto: quiet}]
    on_missing: inconclusive
outcomes:
  busy:
    title: Busy
    cause: "Busy since {age(threshold.modified_at):age}; {join(e.type for e in health)}"
    remedies:
      - id: scale-out
        title: More
        urgency: immediate
        kind: executable
        command: "scale-out --to 8"
      - {id: wait, title: Wait, urgency: immediate, kind: manual}
  quiet:
    title: Quiet
    cause: "{sum(later):count}"
"""
T = END.timestamp()


def per(
    period: float, *values: float | None, back: float = 0.0, earlier: tuple[Series, ...] = ()
) -> Series:
    first = T - back - len(values) * period
    points = tuple((first + n * period, v) for n, v in enumerate(values) if v is not None)
    return Series(
        start=first,
        end=T - back,
        period=period,
        points=points,
        newest=points[-1][0] + period,
        earlier=earlier,
    )


def pooled(intent: str, value: float, behind: int, samples: float) -> Series:
    return Series(
        labels={"Intent": intent},
        start=T - 600,
        end=T,
        period=600,
        points=((T - 600, value),),
        newest=T - behind,
        samples=samples,
    )


VALUES: dict[str, tuple[str, Value]] = {
    "latency": ("metric", per(60, *[900.25] * 18, None, None, *[3400.0 + n for n in range(10)])),
    "by_intent": (
        "metric",
        SeriesGroup(
            by=("Intent",),
            series=(pooled("comparison", 800.1, 0, 40), pooled("faq", 3100.0000000000005, 120, 7)),
        ),
    ),
    "errors": ("metric", replace(per(300, None, 3.0, None, None, 4.0, 1e-07), sparse=True)),
    "usual": (
        "metric",
        per(
            60,
            *[900.0] * 30,
            earlier=(per(60, *[300.0] * 30, back=86400), per(60, *[310.0] * 30, back=172800)),
        ),
    ),
    "calls": (
        "logs",
        Table(
            columns=("intent", "slot", "calls"),
            rows=(
                {"intent": "no", "slot": T - 600, "calls": 12},
                {"intent": 'it\'s: "x", {y}', "slot": T - 1800.25, "calls": 5.5},
                {"intent": None, "slot": T - 1500, "calls": 1},
            ),
        ),
    ),
    "threshold": (
        "parameter",
        Record(
            fields={
                "value": "0.4",
                "number": 0.4,
                "version": 3,
                "modified_at": T - 90_000.5,
                "history": Table(
                    columns=("version", "value", "modified_at", "modified_by"),
                    rows=(
                        {
                            "version": 3,
                            "value": "0.4",
                            "modified_at": T - 7200,
                            "modified_by": None,
                        },
                    ),
                ),
            }
        ),
    ),
}


def capsule(**more: object) -> Capsule:
    items = {
        name: Evidence(id=name, kind=kind, state=EvidenceState.OK, value=value)
        for name, (kind, value) in VALUES.items()
    }
    denied = Evidence(
        id="health", kind="health_events", state=EvidenceState.DENIED, detail="no: plan"
    )
    unread = Evidence(id="later", kind="metric", state=EvidenceState.NOT_NEEDED)
    made = replace(
        CAPSULE,
        runbook="slow",
        text=BOOK,
        digest=hashlib.sha256(BOOK.encode()).hexdigest(),
        evidence=EvidenceSet(items={**items, "health": denied, "later": unread}),
        resources=DEFAULT_RESOURCES,
        parameters={"slow": {"limit": 2500}},
        sets={"sustained": "5m", "simple": "faq,greeting"},
        answers={"person": "yes"},
    )
    return replace(made, **more)  # type: ignore[arg-type]
