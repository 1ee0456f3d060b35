"""Change points over stored runs: what counts, what is left out, what changed with them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mangaops.bench.history import Measure, Nearby, series_of
from mangaops.bench.runs.sample import CacheMode, Run
from mangaops.errors import InputError
from mangaops.render.bench_history import history_document, history_markdown, history_text
from support.bench_runs import AFTER as SLOW
from support.bench_runs import BEFORE as QUICK
from support.bench_runs import FAQ, START, Behaviour, bench_run

BEFORE = replace(QUICK, p95=1500)
AFTER = replace(SLOW, p95=2100)


def _nightly(
    night: int, behaviour: Behaviour = BEFORE, version: str = "v2.0", n: int = 60, **more: Any
) -> Run:
    return bench_run(
        intents={"recommendation": (behaviour,)},
        arms=(version,),
        n=n,
        seed=night,
        name=f"b-{night:02}",
        at=START + timedelta(days=night),
        **more,
    )


BEFORE_IT = [_nightly(night) for night in range(12)]
SLOWER = [*BEFORE_IT, *(_nightly(night, AFTER, "v2.1") for night in range(12, 24))]


@pytest.mark.parametrize("measure", list(Measure), ids=str)
def test_a_slower_prompt_is_dated_sized_and_named(measure: Measure) -> None:
    (series,) = series_of(reversed(SLOWER), measure)
    if measure is Measure.MS_PER_TOKEN:
        return  # longer answers at the same speed
    assert series.slower
    assert (series.slower.index, series.slower.run, series.slower.since) == (12, "b-12", "b-11")
    assert series.slower.ratio > 1.1
    assert series.slower.nearby == (
        Nearby(run="b-12", what="prompt", before="v2.0", after="v2.1"),
        Nearby(run="b-12", what="prompt tokens", before="180", after="520"),
    )


def test_runs_that_are_alike_have_no_change() -> None:
    (series,) = series_of([_nightly(night) for night in range(24)], Measure.P95)
    assert (series.changes, series.slower) == ((), None)


def test_a_speed_up_is_a_change_and_no_slow_down() -> None:
    runs = [
        replace(run, header=replace(run.header, started_at=START - (run.header.started_at - START)))
        for run in SLOWER
    ]
    (series,) = series_of(runs, Measure.P95)
    assert series.changes
    assert series.slower is None


def test_what_changed_one_run_before_or_after_is_near() -> None:
    runs = [*BEFORE_IT[:-1], _nightly(11, version="v2.1"), *SLOWER[12:]]
    runs = [
        *runs[:13],
        *(replace(run, header=replace(run.header, region="us-east-1")) for run in runs[13:]),
    ]
    (series,) = series_of(runs, Measure.P95)
    assert series.slower
    told = [(near.run, near.what) for near in series.slower.nearby]
    assert told == [("b-12", "prompt tokens"), ("b-11", "prompt"), ("b-13", "region")]
    assert "prompt v2.0 -> v2.1 (from run b-11 on)" in " ".join(
        history_text([series], width=200, colour=False).split()
    )


def test_nine_runs_say_nothing() -> None:
    (series,) = series_of(BEFORE_IT[:9], Measure.P95)
    assert series.changes is None
    assert "9 runs, and a change is told by 10 at least" in history_text(
        [series], width=80, colour=False
    )


def test_what_carries_no_figure_is_left_out_with_the_reason() -> None:
    runs = [
        *BEFORE_IT,
        _nightly(12, finished=False),
        _nightly(13, n=19),
        _nightly(14, replace(BEFORE, failures=0.5)),
        _nightly(15, replace(BEFORE, failures=0.01)),
    ]
    (series,) = series_of(runs, Measure.P95)
    reasons = [left.reason for left in series.left_out]
    assert reasons[:2] == ["unfinished", "19 calls of recommendation, fewer than 20"]
    assert reasons[2].startswith("p95 is infinite: ")
    assert len(series.points) == 13


def test_other_environments_and_cache_modes_are_other_series() -> None:
    runs = [
        *BEFORE_IT,
        _nightly(20, environment="prod"),
        _nightly(21, cache=CacheMode.WARM),
    ]
    series = series_of(runs, Measure.P95)
    assert [(one.environment, one.cache.value, len(one.points)) for one in series] == [
        ("staging", "off", 12),
        ("prod", "off", 1),
        ("staging", "warm", 1),
    ]


def test_a_text_that_changed_under_its_version_is_told() -> None:
    later = [_nightly(night, AFTER) for night in range(12, 24)]
    altered = [
        replace(
            run,
            header=replace(
                run.header,
                region="us-east-1",
                prompts={
                    "recommendation": (
                        replace(
                            run.header.prompts["recommendation"][0],
                            digest="ff" * 32,
                            prompt_tokens=180,
                        ),
                    )
                },
            ),
        )
        for run in later
    ]
    (series,) = series_of([*BEFORE_IT, *altered], Measure.P95)
    assert series.slower
    assert [near.what for near in series.slower.nearby] == ["prompt text", "region"]


def test_an_intent_that_nobody_measured_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        series_of(BEFORE_IT, Measure.P95, "recomendation")
    assert caught.value.hint == 'did you mean "recommendation"?'


@pytest.mark.parametrize("width", [80, 120])
def test_the_text_fits_and_marks_the_change(width: int) -> None:
    long = [
        bench_run(intents={"faq": (FAQ if night < 100 else BEFORE,)}, arms=("v1",), n=20,
                  seed=night, name=f"b-{night:03}", at=START + timedelta(days=night))
        for night in range(160)
    ]  # fmt: skip
    text = history_text(series_of(long, Measure.P50), width=width, colour=False)
    assert max(map(len, text.splitlines())) <= width
    assert "^" in text
    assert "SLOWER  2026-04-17 03:00 UTC" in text
    assert "changed with it: prompt tokens 140 -> 180" in text


def test_every_form_tells_the_same() -> None:
    series = series_of(SLOWER, Measure.P95)
    document = history_document(series)
    (told,) = json.loads(json.dumps(document, allow_nan=False))["series"]
    assert (document["schema"], told["slower_now"], len(told["points"])) == (
        "mangaops.bench-history/1",
        True,
        24,
    )
    assert told["changes"][0]["nearby"][0] == {
        "run": "b-12",
        "what": "prompt",
        "before": "v2.0",
        "after": "v2.1",
    }
    assert "| 2026-01-19 03:00 UTC | b-12 |" in history_markdown(series)
    assert history_document(series_of(SLOWER, Measure.P95)) == document
