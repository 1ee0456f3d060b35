"""Figures and sentences as people read them."""

from __future__ import annotations

import pytest

from mangaops.diagnose.formats import formatted
from mangaops.diagnose.template import command, sentence
from mangaops.diagnose.values import PENDING, UNKNOWN
from mangaops.model.evidence import EvidenceState
from support.evidence_building import (
    END,
    evidence,
    facts,
    logs,
    metric,
    scope,
    series,
    table,
    template,
)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (2410.4, "ms", "2,410 ms"),
        (1801, "ms", "1,801 ms"),
        (9999, "ms", "9,999 ms"),
        (10_000, "ms", "10 s"),
        (12_400, "ms", "12.4 s"),
        (3.25, "ms", "3.25 ms"),
        (0, "ms", "0 ms"),
        (-12_400, "ms", "-12.4 s"),
        (12.4, "s", "12.4 s"),
        (0.35, "s", "0.35 s"),
        (1204.6, "s", "1,205 s"),
        (600, "duration", "10m"),
        (5400, "duration", "90m"),
        (0.081, "%", "8.1 %"),
        (0.5, "%", "50 %"),
        (0, "%", "0 %"),
        (0.00012, "%", "0.01 %"),
        (-0.214, "%", "-21.4 %"),
        (12.5, "%", "1,250 %"),
        (93.04, "percent", "93 %"),
        (1.62, "factor", "1.62 times"),
        (2.0, "factor", "2 times"),
        (12345, "count", "12,345"),
        (12345.0, "count", "12,345"),
        (3.25, "count", "3.2"),
        (0, "age", "0 s"),
        (119, "age", "119 s"),
        (120, "age", "2 min"),
        (1140, "age", "19 min"),
        (7199, "age", "120 min"),
        (7200, "age", "2 h"),
        (9000, "age", "2.5 h"),
        (172_800, "age", "2 days"),
        (-1140, "age", "0 s"),
        (END.timestamp(), "time", "2026-11-21 11:00 UTC"),
        (1e20, "time", "unknown"),
        (1e20, "duration", "unknown"),
        (2000.0, "", "2000"),
        (0.6, "", "0.6"),
        (0.123456, "", "0.1235"),
        (12345.678, "", "12345.7"),
        (True, "", "yes"),
        ("sonnet", "text", "sonnet"),
        ("sonnet", "ms", "sonnet"),
        (("a", "b"), "", "a, b"),
        ((0.1, 0.2), "%", "10 %, 20 %"),
        (None, "ms", "unknown"),
        (UNKNOWN, "", "unknown"),
        (PENDING, "age", "unknown"),
        (float("nan"), "ms", "unknown"),
        (float("inf"), "age", "unknown"),
        (10**400, "count", "unknown"),
    ],
)
def test_formats(value: object, form: str, text: str) -> None:
    assert formatted(value, form) == text


NAMES = scope(
    {"p95": metric(), "lost": metric(), "calls": logs(intent="text")},
    {"limit": 2000, "intent": "faq", "product": "", "odd": "x; rm -rf ~"},
    definitions={"changed_intent": "join(r.intent for r in calls)", "gone": "latest(lost)"},
)
KNOWN = facts(
    NAMES,
    evidence(p95=series(2410.0), lost=EvidenceState.DENIED, calls=table(columns=["intent"])),
)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("p95 {latest(p95):ms} (limit {limit:ms})", "p95 2,410 ms (limit 2,000 ms)"),
        ("p95 {gone:ms} of {{x}}", "p95 unknown of {x}"),
        ("slow: {changed_intent}", "slow: none"),
        ("it {'is' if latest(p95) > limit else 'is not'} slow", "it is slow"),
        ("two  spaces\n and a line", "two spaces and a line"),
        ("slow: {latest(p95) > limit}", "slow: yes"),
    ],
)
def test_sentences(source: str, text: str) -> None:
    assert sentence(template(source, NAMES), KNOWN) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("scale-out --to {limit}", "scale-out --to 2000"),
        ("rollback-prompt {intent}", "rollback-prompt faq"),
        ("rollback-prompt {changed_intent}", "rollback-prompt CHANGED_INTENT"),
        ("set {gone}", "set GONE"),
        ("set {gone + 1}", "set VALUE"),
    ],
)
def test_what_is_not_known_in_a_command_is_a_word_to_replace(source: str, text: str) -> None:
    assert command(template(source, NAMES), KNOWN) == text


def test_what_was_read_is_one_word_of_a_command_whatever_it_contains() -> None:
    assert command(template("rollback-prompt {odd}", NAMES), KNOWN) == (
        "rollback-prompt 'x; rm -rf ~'"
    )
