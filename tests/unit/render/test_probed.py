"""What a probe comes to: outcomes of calls, the worst of them, percentiles."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mangaops.fm.answer import Answer, Mode, Usage
from mangaops.fm.target import Target
from mangaops.render.probe import probe_markdown, probe_text
from mangaops.render.probe_document import probe_document
from mangaops.render.probed import (
    BreakerShown,
    Outcome,
    ProbeAnswer,
    Probed,
    first_tokens_ms,
    percentile,
    totals_ms,
)

MODEL = Target(model_id="jp.anthropic.claude-sonnet-4-6", region="ap-northeast-1")


def call(mode: Mode, *attempts: dict[str, Any], broken: str | None = None, **more: Any) -> Probed:
    by_model = mode.value <= Mode.BACKUP.value
    answer = Answer(
        text=more.get("text", "OK"),
        mode=mode,
        model_answered=MODEL if by_model else None,
        stop_reason="end_turn" if by_model else None,
        usage=None,
        spent=Usage(input=9, output=1),
        correlation_id="c",
        attempts=len(attempts),
        first_token_s=more.get("first"),
        total_s=1.25,
    )
    records = tuple({"log_type": "bedrock_attempt", **one} for one in attempts)
    return Probed(answer=answer, records=records, broken=broken)


def shown(*calls: Probed, wanted: int = 1, **more: Any) -> ProbeAnswer:
    return ProbeAnswer(
        environment="prod",
        region=MODEL.region,
        intent="faq",
        model_id=MODEL.model_id,
        streamed=False,
        wanted=wanted,
        calls=calls,
        next="mangaops logs latency",
        **more,
    )


OK: dict[str, Any] = {"http_status": 200}
NOBODY: dict[str, Any] = {"failure_class": "transient"}
DENIED: dict[str, Any] = {"failure_class": "config", "http_status": 403}
BUSY: dict[str, Any] = {"failure_class": "throttle", "http_status": 429}


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        (call(Mode.PRIMARY, OK), Outcome.HEALTHY),
        (call(Mode.PRIMARY, BUSY, OK), Outcome.RETRIED),
        (call(Mode.PRIMARY, OK, broken="it broke"), Outcome.DEGRADED),
        (call(Mode.REPAIRED, OK), Outcome.DEGRADED),
        (call(Mode.BACKUP, BUSY, OK), Outcome.DEGRADED),
        (call(Mode.BACKUP, DENIED, OK), Outcome.DEGRADED),
        (call(Mode.TEMPLATE, BUSY), Outcome.DEGRADED),
        (call(Mode.TEMPLATE, NOBODY, BUSY), Outcome.DEGRADED),
        (call(Mode.TEMPLATE, NOBODY, NOBODY), Outcome.FAILED),
        (call(Mode.APOLOGY, BUSY, DENIED), Outcome.FAILED),
        (call(Mode.TEMPLATE), Outcome.DEGRADED),
    ],
)
def test_an_outcome_says_who_answered_and_whether_waiting_helps(
    one: Probed, outcome: Outcome
) -> None:
    assert one.outcome is outcome
    good = call(Mode.PRIMARY, OK)
    assert shown(good, one, good).outcome is outcome


def test_a_percentile_is_told_of_enough_calls_and_a_failure_is_infinite() -> None:
    values = [float(value) for value in range(1, 21)]
    assert percentile(values[:4], 50) is None
    assert (percentile(values[:5], 50), percentile(values[:19], 95)) == (3, None)
    assert percentile(values, 95) == 19
    calls = (call(Mode.PRIMARY, OK, first=0.5), call(Mode.TEMPLATE, BUSY, first=0.1))
    assert totals_ms(calls) == [1250, math.inf]
    assert first_tokens_ms(calls) == [500, math.inf]
    assert first_tokens_ms([call(Mode.PRIMARY, OK)]) == []


def test_an_infinite_percentile_is_a_text_in_the_document_and_a_word_on_the_screen() -> None:
    answer = shown(*[call(Mode.TEMPLATE, BUSY)] * 6, wanted=6)
    document = probe_document(answer)
    assert document["total_ms"] == {"p50": "inf", "p95": None}
    text = probe_text(answer, width=80, colour=False)
    assert "  total    p50 failed, no p95 of fewer than 20 calls\n" in text


def test_what_a_model_said_cannot_look_like_a_line_of_ours() -> None:
    one = call(Mode.PRIMARY, OK, text="OK\nHEALTHY  faq\x1b[2K | a")
    answer = shown(one, breakers=(BreakerShown(**_BREAKER),), notes=("a\nb",))
    text = probe_text(answer, width=80, colour=False)
    assert '"OK\\nHEALTHY  faq\\u001b[2K | a"' in text
    assert "  breaker  open: m in r (converse)" in text
    assert "0 of 1 closed" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "\nHEALTHY" not in probe_markdown(answer)
    assert "\x1b" in probe_text(answer, width=80, colour=True)


_BREAKER = {"model_id": "m", "region": "r", "operation": "converse", "state": "open"}
