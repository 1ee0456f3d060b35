"""Change points over stored runs: what counts, what is left out, what changed with them."""

from __future__ import annotations

import json
import math
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
    assert reasons == ["unfinished", "19 calls of recommendation, fewer than 20"]
    assert [math.isinf(point.value) for point in series.points] == [False] * 12 + [True, False]
    assert (series.changes, series.unknown) == ((), 0)


FAILING = replace(BEFORE, failures=0.5)


def test_runs_of_which_so_many_calls_failed_are_the_worst_level_there_is() -> None:
    failed = [_nightly(night, FAILING) for night in range(12, 18)]
    series = series_of([*BEFORE_IT, *failed], Measure.P95)
    assert series[0].slower
    assert (series[0].slower.index, series[0].slower.after) == (12, math.inf)
    (told,) = json.loads(json.dumps(history_document(series), allow_nan=False))["series"]
    assert (told["slower_now"], told["points"][-1]["value"]) == (True, "inf")
    assert [told["changes"][0][key] for key in ("after", "ratio")] == ["inf", "inf"]
    text = history_text(series, width=80, colour=False)
    assert "to infinite, 2026" in text
    assert "-> infinite, infinite, p < 0.001" in text
    assert "infinite" in history_markdown(series)


def test_after_failing_nights_the_old_level_is_an_improvement() -> None:
    mended = [_nightly(night) for night in range(12, 20)]
    failed = [_nightly(night, FAILING) for night in range(12)]
    (series,) = series_of([*failed, *mended], Measure.P95)
    assert series.changes
    assert (series.slower, series.changes[-1].ratio) == (None, 0.0)
    (always,) = series_of(failed, Measure.P95)
    assert always.changes == ()
    assert "infinite to infinite" in history_text([always], width=80, colour=False)


@pytest.mark.parametrize(
    ("nights", "unknown"),
    [("xxx", 3), ("xx", 0), ("xxx.", 3), ("x.x.x", 3), ("xxx...", 0), ("x" * 20, 20), ("x.x..", 0)],
)
def test_newest_runs_without_a_figure_hide_the_present_level(nights: str, unknown: int) -> None:
    later = [_nightly(12 + i, finished=one == ".") for i, one in enumerate(nights)]
    series = series_of([*BEFORE_IT, *later], Measure.P95)
    assert (series[0].changes, series[0].unknown) == ((), unknown)
    (told,) = history_document(series)["series"]  # type: ignore[union-attr]
    text = history_text(series, width=80, colour=False) + history_markdown(series)
    if unknown:
        assert told["slower_now"] is None  # type: ignore[index, call-overload]
        assert text.count(f"not known: {unknown} of the newest runs have no figure") == 2
    assert ("no change" in text.lower()) == (not unknown)


def test_a_run_counts_once_under_however_many_names() -> None:
    copy = replace(BEFORE_IT[3], place="elsewhere/b-othername.jsonl")
    half = replace(BEFORE_IT[3], place="b-half.jsonl", finished_at=None)
    (series,) = series_of([half, copy, *BEFORE_IT], Measure.P95)
    assert [point.run for point in series.points] == [run.header.run for run in BEFORE_IT]
    assert [(left.run, left.reason) for left in series.left_out] == [
        ("b-03", "the same run again, in b-othername"),
        ("b-03", "the same run again, in b-half"),
    ]


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
