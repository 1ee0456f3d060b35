"""The whole circle: a slower prompt is measured, fails, is taken back, and then passes.

The paces have narrow spreads, so that few calls tell. The logarithm of a latency has a
standard deviation of 0.045; that of a ratio of two p95, of 70 calls each, a standard error of
0.045 * 2.11 / 70 ** 0.5 * 2 ** 0.5 = 0.016. SEV-2 lies between 1.25 and 1.5, and the true ratio
of 1.37 is over 5 such errors from either; a PASS has 7 to spare. So chance spoils a test less
than once in a million times, and the draws are the same each time. What a busy machine adds
meets both sides alike, since their calls are interleaved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from support.done import Done
from support.started import Started, started

SETTINGS = """\
schema: mangaops.config/1
environments:
  staging:
    region: ap-northeast-1
    endpoint_url: {endpoint}
    benchmarks: {{auto_rollback: true}}
"""
WORKLOAD = """\
schema: mangaops.workload/1
intents:
  recommendation:
    model: sonnet
    max_output_tokens: 350
    messages:
      - Something calm, like Yotsuba, for my daughter?
      - I finished Fullmetal Alchemist and want more of that.
"""
NARROW = {
    "intent": "recommendation",
    "first_token_spread": 0.06,
    "speed_spread": 0.06,
    "output_spread": 0.02,
    "per_1000_input_ms": 353,
}
BEFORE = {**NARROW, "version": "v2.0", "first_token_ms": 500, "output_tokens": 285}
AFTER = {**NARROW, "version": "v2.1", "first_token_ms": 560, "output_tokens": 410}
SAMPLES = ("--samples", "70", "--warm-up", "2", "--concurrency", "6")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    home = tmp_path_factory.mktemp("home")
    with started(home, "--scenario", "prompt-grew-with-answers", pauses=0.05) as one:
        settings = SETTINGS.format(endpoint=one.variables["AWS_ENDPOINT_URL"])
        (home / "mangaops.yaml").write_text(settings, encoding="utf-8")
        (home / "workload.yaml").write_text(WORKLOAD, encoding="utf-8")
        yield one


def pace(shop: Started, *, after_tokens_per_s: float) -> None:
    paces = [
        {**BEFORE, "tokens_per_s": 520},
        {**AFTER, "tokens_per_s": after_tokens_per_s},
    ]
    shop.put("models", {"speed": 0.05, "paces": paces})


def typed(shop: Started, *words: str) -> Done:
    return shop.command.run(*words, "--env", "staging", **shop.variables)


def measure(shop: Started, *words: str) -> None:
    done = typed(shop, "bench", "run", "workload.yaml", *words, *SAMPLES, "--yes")
    assert done.code == 0, done.err


def gate(shop: Started, *words: str) -> tuple[int, dict[str, Any]]:
    done = typed(shop, "bench", "gate", "last", *words, "--output", "json")
    return done.code, json.loads(done.out)


def active(shop: Started) -> list[str]:
    table = boto3.resource(
        "dynamodb",
        endpoint_url=shop.variables["AWS_ENDPOINT_URL"],
        region_name=shop.variables["AWS_REGION"],
        aws_access_key_id=shop.variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=shop.variables["AWS_SECRET_ACCESS_KEY"],
    ).Table("manga-prompt-templates")
    items = table.scan()["Items"]
    return [
        str(item["version"])
        for item in items
        if item["intent"] == "recommendation" and item["active"]
    ]


def test_a_slower_prompt_fails_is_rolled_back_and_then_the_gate_passes(shop: Started) -> None:
    pace(shop, after_tokens_per_s=520)
    measure(shop, "--baseline", "v2.0", "--candidate", "v2.1")
    code, document = gate(shop)
    (intent,) = document["comparison"]["intents"]
    assert (code, document["verdict"], intent["severity"]) == (3, "FAIL", "SEV-2")
    assert intent["cause"] == "longer prompt and longer output"
    done = typed(shop, "rollback-prompt", "recommendation", "--yes")
    assert (done.code, active(shop)) == (0, ["v2.0"]), done.err
    measure(shop, "--aa")
    code, document = gate(shop)
    assert (code, document["verdict"]) == (0, "PASS")
