"""What a probe shows: percentiles, times and tokens, and nothing that is not known."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any, cast

from mangaops.fm.answer import Answer, Mode, Usage
from mangaops.fm.defaults import SONNET
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.target import Target
from mangaops.render.probe import probe_markdown, probe_text
from mangaops.render.probe_document import probe_document
from mangaops.render.probed import (
    BreakerShown,
    Outcome,
    ProbeAnswer,
    Probed,
    Spending,
    first_tokens_ms,
    percentile,
    totals_ms,
)

MODEL = Target(model_id="jp.anthropic.claude-sonnet-4-6", region="ap-northeast-1")


def call(
    mode: Mode,
    *attempts: dict[str, Any],
    outcome: Outcome = Outcome.HEALTHY,
    broken: str | None = None,
    **more: Any,
) -> Probed:
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
        failure=more.get("failure"),
    )
    records = tuple({"log_type": "bedrock_attempt", **one} for one in attempts)
    return Probed(
        answer=answer,
        outcome=outcome,
        records=records,
        broken=broken,
        said=more.get("said"),
        spending=more.get("spending", Spending(input=9, output=1)),
    )


def shown(*calls: Probed, wanted: int = 1, **more: Any) -> ProbeAnswer:
    return ProbeAnswer(
        environment="prod",
        region=MODEL.region,
        intent="faq",
        model_id=MODEL.model_id,
        streamed=False,
        wanted=wanted,
        outcome=Outcome.HEALTHY,
        calls=calls,
        spending=more.pop("spending", Spending(input=9, output=1, usd=0.01)),
        next="mangaops logs latency",
        **more,
    )


OK: dict[str, Any] = {"http_status": 200}
BUSY: dict[str, Any] = {"failure_class": "throttle", "http_status": 429}


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


def test_a_text_of_ours_has_no_first_token() -> None:
    one = call(Mode.APOLOGY, BUSY, outcome=Outcome.DEGRADED, first=5.4)
    assert "first token" not in probe_text(shown(one), width=80, colour=False)
    (told,) = cast("list[dict[str, Any]]", probe_document(shown(one))["calls"])
    assert told["first_token_ms"] is None


def test_tokens_that_no_model_told_are_not_none_at_all() -> None:
    cut = Spending(untold=9, untold_input=54, usd=None)
    one = call(Mode.APOLOGY, BUSY, outcome=Outcome.DEGRADED, spending=cut)
    answer = shown(one, spending=cut)
    text = probe_text(answer, width=80, colour=False)
    assert "  tokens   not told by 9 attempts (about 54 in); cost not known\n" in text
    document = probe_document(answer)
    assert (document["usd"], document["attempts_without_usage"]) == (None, 9)
    (told,) = cast("list[dict[str, Any]]", document["calls"])
    assert (told["spent"], told["attempts_without_usage"]) == (None, 9)
    some = Spending(input=6, output=1, untold=1, untold_input=6, usd=0.5)
    text = probe_text(shown(one, spending=some), width=80, colour=False)
    assert "6 in, 1 out, and not told by 1 attempt (about 6 in); at least $0.5" in text


def test_blocked_content_is_called_so_and_aws_is_heard() -> None:
    blocked = Failure.of(FailureClass.BLOCKED, "refusal")
    one = call(Mode.TEMPLATE, OK, outcome=Outcome.DEGRADED, failure=blocked, said="no\x1b[2K")
    text = probe_text(shown(one), width=80, colour=False)
    assert "mode     4: blocked content: a model was asked, and the refusal is given" in text
    assert 'AWS said "no\\u001b[2K"' in text


def test_an_arn_stays_within_the_screen_and_a_short_wait_is_one() -> None:
    arn = f"arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/{SONNET}"
    one = call(Mode.PRIMARY, BUSY, OK | {"retry_wait_ms": 0.3}, outcome=Outcome.RETRIED)
    answer = replace(shown(one, notes=(f"look at {arn}",)), model_id=arn)
    text = probe_text(answer, width=80, colour=False)
    assert max(map(len, text.splitlines())) <= 80
    assert arn in "".join(part.strip() for part in text.splitlines())
    assert re.search(r"^ +2 .* 0 ms", text, re.MULTILINE)
