"""A comparison as JSON, `mangaops.bench-comparison/1`: everything that was found.

The same runs, rules and seed give the same bytes. An infinite latency (so many calls
failed) is the string "inf", what is not known is null.
"""

from __future__ import annotations

import math

from mangaops.bench.comparing.comparison import (
    ArmSummary,
    BudgetCheck,
    Comparison,
    Figure,
    Parts,
    Reason,
    Report,
)
from mangaops.model.evidence import JSON
from mangaops.model.time import iso

SCHEMA = "mangaops.bench-comparison/1"


def comparison_document(report: Report) -> dict[str, JSON]:
    """Latencies are in ms, ratios candidate over baseline, limits one-sided 95 % ones."""
    return {
        "schema": SCHEMA,
        "verdict": report.verdict.value,
        "severity": report.severity,
        "baseline_run": report.baseline_run,
        "candidate_run": report.candidate_run,
        "margin": report.margin,
        "seed": report.seed,
        "intents": [intent_document(one) for one in report.comparisons],
    }


def intent_document(one: Comparison) -> dict[str, JSON]:
    return {
        "intent": one.intent,
        "verdict": one.verdict.value,
        "severity": one.severity,
        "p95": {
            "ratio": said(one.ratio),
            "low": said(one.low),
            "high": said(one.high),
            "p_value": said(one.p_value),
            "holm_p": said(one.holm_p),
        },
        "shift": {
            "what": one.shift.value,
            "mann_whitney_p": said(one.mann_whitney_p),
            "cliffs_delta": said(one.cliffs_delta),
        },
        "cause": one.cause.value,
        "parts": _parts(one.parts),
        "baseline": _arm(one.baseline),
        "candidate": _arm(one.candidate),
        "figures": [_figure(figure) for figure in one.figures],
        "budgets": [budget_document(check) for check in one.budgets],
        "reasons": [_reason(reason) for reason in one.reasons],
    }


def budget_document(check: BudgetCheck) -> dict[str, JSON]:
    return {
        "name": check.name,
        "unit": check.unit,
        "limit": said(check.limit),
        "observed": said(check.observed),
        "kept": check.kept,
        "detail": check.detail,
    }


def said(value: float | None) -> JSON:
    """A number as JSON can have it."""
    if value is None or math.isnan(value):
        return None
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def _arm(arm: ArmSummary) -> JSON:
    return {
        "version": arm.version,
        "run": arm.run,
        "started_at": iso(arm.started_at) if arm.started_at else None,
        "samples": arm.samples,
        "failures": arm.failures,
        "prompt_tokens": said(arm.prompt_tokens),
        "p50_ms": said(arm.p50_ms),
        "p95_ms": said(arm.p95_ms),
        "p95_low_ms": said(arm.p95_low_ms),
        "p95_high_ms": said(arm.p95_high_ms),
        "p99_ms": said(arm.p99_ms),
        "mean_ms": said(arm.mean_ms),
    }


def _figure(figure: Figure) -> JSON:
    return {
        "name": figure.name,
        "unit": figure.unit,
        "baseline": said(figure.baseline),
        "candidate": said(figure.candidate),
        "ratio": said(figure.ratio),
        "low": said(figure.low),
        "high": said(figure.high),
    }


def _parts(parts: Parts | None) -> JSON:
    if parts is None:
        return None
    return {
        "total_ms": said(parts.total_ms),
        "first_token_ms": said(parts.first_token_ms),
        "output_length_ms": said(parts.output_length_ms),
        "generation_speed_ms": said(parts.generation_speed_ms),
        "remainder_ms": said(parts.remainder_ms),
    }


def _reason(reason: Reason) -> JSON:
    return {"doubt": reason.doubt.value, "text": reason.text, "decides": reason.decides}
