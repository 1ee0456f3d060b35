"""The whole circle: a slower prompt is measured, fails, is taken back, and then passes.

The paces have narrow spreads and a ratio of 2, so that few calls tell: the logarithm of a
latency has a standard deviation of 0.05, and that of a ratio of two p95, of 70 calls each, a
standard error of 0.05 * 2.11 / 70 ** 0.5 * 2 ** 0.5 = 0.018. SEV-1 begins at 1.5 and a PASS
ends at 1.3, each 14 such errors away; the draws are the same each time. What is left is the
machine: it meets both sides alike, since their calls are interleaved, and would have to add
120 ms to the p95 of calls of 120 and 240 ms. A machine that stands still for 40 ms makes two
equal sides INCONCLUSIVE, never a FAIL: they are measured again then, as the gate advises.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
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
    benchmarks: {{auto_rollback: true, margin: 0.3}}
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
    "first_token_ms": 300,
    "first_token_spread": 0.06,
    "per_1000_input_ms": 2000,
    "tokens_per_s": 520,
    "speed_spread": 0.06,
    "output_spread": 0.005,
}
MODELS = {
    "speed": 0.1,
    "paces": [
        {**NARROW, "version": "v2.0", "output_tokens": 285},
        {**NARROW, "version": "v2.1", "output_tokens": 590},
    ],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """v2.1 of the recommendation prompt was activated 42 minutes ago."""
    home = tmp_path_factory.mktemp("home")
    with started(home, "--scenario", "prompt-grew-with-answers", pauses=0.05) as one:
        settings = SETTINGS.format(endpoint=one.variables["AWS_ENDPOINT_URL"])
        (home / "mangaops.yaml").write_text(settings, encoding="utf-8")
        (home / "workload.yaml").write_text(WORKLOAD, encoding="utf-8")
        one.put("models", MODELS)
        yield one


def typed(shop: Started, *words: str) -> Done:
    return shop.command.run(*words, "--env", "staging", **shop.variables)


def measure(shop: Started, command: str, *words: str) -> Done:
    many = ("--samples", "70", "--concurrency", "8", "--yes")
    return typed(shop, "bench", command, "workload.yaml", *words, *many)


INCONCLUSIVE = 4


def told_surely(measured: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
    """The exit code and what was told, of the first of four measurements that decides."""
    for _ in range(3):
        code, told = measured()
        if code != INCONCLUSIVE:
            return code, told
    return measured()


def gate(shop: Started, run: str, *words: str) -> tuple[int, dict[str, Any]]:
    done = typed(shop, "bench", "gate", run, *words, "--output", "json")
    assert done.out, done.err
    return done.code, json.loads(done.out)


def table_of(shop: Started) -> Any:
    return boto3.resource(
        "dynamodb",
        endpoint_url=shop.variables["AWS_ENDPOINT_URL"],
        region_name=shop.variables["AWS_REGION"],
        aws_access_key_id=shop.variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=shop.variables["AWS_SECRET_ACCESS_KEY"],
    ).Table("manga-prompt-templates")


def active(shop: Started) -> list[str]:
    items = [item for item in table_of(shop).scan()["Items"] if item["intent"] == "recommendation"]
    return [str(item["version"]) for item in items if item["active"]]


@pytest.fixture(scope="module")
def compared(shop: Started) -> str:
    """The run of both versions."""
    done = measure(shop, "run", "--baseline", "v2.0", "--candidate", "v2.1", "--output", "json")
    assert done.code == 0, done.err
    return str(json.loads(done.out)["run"])


@pytest.fixture
def slower(shop: Started, compared: str) -> str:
    """The same, where v2.1 is active again if a test before has taken it back."""
    if active(shop) != ["v2.1"]:
        done = typed(shop, "undo", "last", "--yes")
        assert done.code == 0, done.err
    return compared


def test_a_slower_prompt_fails_is_rolled_back_and_then_the_gate_passes(
    shop: Started, slower: str
) -> None:
    code, document = gate(shop, slower, "--rollback")
    (intent,) = document["comparison"]["intents"]
    assert (code, intent["verdict"], intent["severity"]) == (3, "FAIL", "SEV-1")
    assert intent["cause"] == "longer prompt and longer output"
    assert active(shop) == ["v2.1"]
    done = typed(shop, "rollback-prompt", "recommendation", "--yes")
    assert (done.code, active(shop)) == (0, ["v2.0"]), done.err
    code, document = told_surely(lambda: measured_twice(shop))
    (intent,) = document["comparison"]["intents"]
    versions = [intent[side]["version"] for side in ("baseline", "candidate")]
    assert (code, document["verdict"], versions) == (0, "PASS", ["v2.0", "v2.0"])


def measured_twice(shop: Started) -> tuple[int, dict[str, Any]]:
    """The gate of a run of the active prompt against itself."""
    assert measure(shop, "run", "--aa").code == 0
    return gate(shop, "last")


def test_a_gate_takes_a_prompt_back_that_is_far_slower(shop: Started, slower: str) -> None:
    code, document = gate(shop, slower, "--auto-rollback")
    assert (code, document["verdict"], active(shop)) == (3, "FAIL", ["v2.0"])


@pytest.mark.usefixtures("slower")
def test_a_watch_takes_a_prompt_back_that_is_far_slower(shop: Started) -> None:
    done = measure(shop, "watch", "--once", "--auto-rollback")
    assert (done.code, active(shop)) == (3, ["v2.0"]), done.err
    code, told = told_surely(lambda: watched(shop))
    assert code == 0, told


def watched(shop: Started) -> tuple[int, str]:
    done = measure(shop, "watch", "--once", "--auto-rollback")
    return done.code, done.err


def put_text(shop: Started, version: str, text: str) -> str:
    """The text that it replaces."""
    found = table_of(shop).update_item(
        Key={"intent": "recommendation", "version": version},
        UpdateExpression="SET template = :t",
        ExpressionAttributeValues={":t": text},
        ReturnValues="UPDATED_OLD",
    )
    return str(found["Attributes"]["template"])


@pytest.mark.usefixtures("slower")
def test_a_text_that_is_changed_while_a_watch_measures_is_not_what_it_measured(
    shop: Started,
) -> None:
    store = shop.command.home / "state" / "bench"
    before = set(store.glob("*.jsonl"))
    with ThreadPoolExecutor(1) as pool:
        watch = pool.submit(measure, shop, "watch", "--once", "--auto-rollback")
        while set(store.glob("*.jsonl")) == before and not watch.done():
            wait([watch], timeout=0.02)
        text = put_text(shop, "v2.1", "a hotfix")
    put_text(shop, "v2.1", text)
    done = watch.result()
    assert (done.code, active(shop)) == (3, ["v2.1"]), done.err
    assert "the text of v2.1 in manga-prompt-templates is not the one" in " ".join(done.out.split())


def test_a_run_says_that_the_times_of_its_sandbox_are_not_real_ones(shop: Started) -> None:
    words = ("bench", "run", "workload.yaml", "--samples", "1", "--warm-up", "0")
    done = shop.command.run(*words, "--env", "sandbox")
    assert (done.code, "0.1 of real ones" in done.err) == (0, True), done.err
