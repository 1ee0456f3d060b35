"""What a run says at its end: order statistics, failures by name, and what is left of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mangaops.bench.measuring.measurement import Measurement, refuse_changed
from mangaops.bench.measuring.prompts import Prompt
from mangaops.bench.measuring.summary import summary
from mangaops.bench.measuring.workload import IntentLoad, Workload
from mangaops.bench.runs.sample import CacheMode, Run, RunHeader, Sample
from mangaops.errors import InputError
from mangaops.model.settings import Benchmarks
from mangaops.render.bench_run import RunAnswer, run_document, run_markdown, run_text
from mangaops.render.json_text import to_json

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
PRICES = Benchmarks().prices
PROMPT = Prompt(version="v2.0", text="Be brief.", max_output_tokens=100, prompt_tokens=1000)
WORKLOAD = Workload(
    file="workload.yaml",
    intents={"faq": IntentLoad(intent="faq", model="haiku", max_output_tokens=9, messages=("?",))},
)
HEADER = RunHeader(
    run="b-1",
    started_at=NOW,
    arms=("v2.0",),
    prompts={"faq": (PROMPT.used,)},
    workload=WORKLOAD.name,
    region="ap-northeast-1",
    samples_per_arm=4,
    warm_up=1,
    seed=3,
)


def sample(number: int, total: float | None, **other: object) -> Sample:
    fields = {"intent": "faq", "arm": 0, "started_at": NOW, "model": "claude-haiku-4-5", **other}
    tokens = {} if total is None else {"input_tokens": 1000, "output_tokens": 100}
    first = {"first_token_ms": None if total is None else total / 3}
    return Sample(number=number, total_ms=total, **{**first, **tokens, **fields})  # type: ignore[arg-type]  # of a test


def run(*samples: Sample) -> Run:
    return Run(header=HEADER, samples=samples, place="b-1.jsonl")


def measurement(before: Run | None = None) -> Measurement:
    return Measurement(
        header=HEADER,
        workload=WORKLOAD,
        prompts={"faq": (PROMPT,)},
        models={"faq": "claude-haiku-4-5"},
        prices=PRICES,
        before=before,
    )


def test_quantiles_are_order_statistics_and_failures_are_infinite() -> None:
    fine = [sample(number, 100.0 * (number + 1)) for number in range(19)]
    (figures,) = summary(run(*fine, sample(19, None, failure="timeout")), PRICES)
    assert (figures.samples, figures.failures, figures.failed_with) == (20, 1, {"timeout": 1})
    assert (figures.p50_ms, figures.p95_ms) == (1000, 1900)
    two = [*fine[:18], *(sample(n, None, failure="timeout") for n in (18, 19))]
    (figures,) = summary(run(*two), PRICES)
    assert figures.p95_ms == figures.first_token_p95_ms == float("inf")
    assert (figures.input_tokens, figures.output_tokens) == (1000, 100)
    assert figures.usd == pytest.approx(18 * 0.0015)


def test_a_first_token_counts_where_it_came_and_is_infinite_where_the_call_failed_before() -> None:
    late = [sample(n, None, failure="interrupted", first_token_ms=50.0) for n in range(20)]
    (figures,) = summary(run(*late), PRICES)
    assert (figures.p95_ms, figures.first_token_p95_ms) == (float("inf"), 50)
    silent = [sample(n, 100, first_token_ms=None) for n in range(20)]
    (figures,) = summary(run(*silent), PRICES)
    assert (figures.p95_ms, figures.first_token_p95_ms) == (100, None)


def test_few_samples_have_no_p95_and_the_warm_up_counts_in_nothing_but_the_cost() -> None:
    (figures,) = summary(run(sample(0, 900, warm_up=True), sample(1, 100)), PRICES)
    assert (figures.samples, figures.p50_ms, figures.p95_ms) == (1, 100, None)
    assert figures.usd == pytest.approx(2 * 0.0015)
    (empty,) = summary(run(), PRICES)
    assert (empty.samples, empty.p50_ms, empty.usd) == (0, None, None)


def test_an_infinity_is_a_word_on_every_screen() -> None:
    found = run(*(sample(number, None, failure="Throttled") for number in range(20)))
    answer = RunAnswer(status="finished", next="x", run=found, arms=summary(found, PRICES))
    assert json.loads(to_json(run_document(answer)))["arms"][0]["p95_ms"] == "inf"
    text = run_text(answer)
    assert "failed: faq v2.0: 20 Throttled" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "| faq | v2.0 | 20 | 20 | failed |" in run_markdown(answer)


def test_a_resumed_run_has_the_rest_of_its_calls_after_a_warm_up() -> None:
    whole = list(measurement().calls())
    assert len(whole) == 5
    rest = list(measurement(run(*(sample(number, 1) for number in (0, 1, 3)))).calls())
    assert [(call.number, call.warm_up) for call in rest] == [(5, True), (2, False), (4, False)]
    again = measurement(run(*(sample(number, 1) for number in (0, 1, 3, 5))))
    assert [call.number for call in again.calls()] == [6, 2, 4]
    assert sum(load.calls for load in again.loads()) == again.left() == 3


def test_the_request_has_what_the_arm_says() -> None:
    call = next(iter(measurement().calls()))
    request = measurement().request(call)
    assert (request.system, request.message, request.cached) == ("Be brief.", "?", False)
    assert request.metadata == {"prompt_version": "v2.0", "intent": "faq"}
    warm = replace(measurement(), header=replace(HEADER, cache=CacheMode.WARM))
    assert warm.request(call).cached


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"prompts": {"faq": (replace(PROMPT, text="Be long."),)}}, "the text of faq v2.0"),
        ({"models": {"faq": "claude-haiku-5"}}, "measured with claude-haiku-4-5"),
        ({"workload": replace(WORKLOAD, file="other.yaml")}, "the workload has changed"),
    ],
    ids=["prompt", "model", "workload"],
)
def test_a_run_goes_on_under_the_same_conditions_only(now: dict[str, object], said: str) -> None:
    before = run(sample(0, 1))
    refuse_changed(before, measurement())
    with pytest.raises(InputError, match=said):
        refuse_changed(before, replace(measurement(), **now))  # type: ignore[arg-type]  # of a test
