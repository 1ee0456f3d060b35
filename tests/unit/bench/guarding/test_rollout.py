"""Stages of a prompt: what may go on, and on what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaops.bench.comparing.comparison import ArmSummary, Comparison, Doubt, Reason, Verdict
from mangaops.bench.guarding.rollout import (
    SERVED,
    SHARES,
    Back,
    Hold,
    Pool,
    Promote,
    Quality,
    RollBack,
    Stage,
    Stay,
    Step,
    next_step,
    pooled,
    stage_of,
)
from support.bench_runs import FAQ, START, bench_run

OFF, SHADOW, CANARY, FULL = Stage
SHORT, LONG = timedelta(minutes=59), timedelta(hours=25)


def compared(verdict: Verdict | None) -> Comparison | None:
    if verdict is None:
        return None
    arm = ArmSummary(version="v2.0", samples=100, failures=0)
    return Comparison(intent="faq", verdict=verdict, baseline=arm, candidate=arm, ratio=1.3)


def outcome(step: Step) -> str:
    """The step in a word, and how much is missing for it."""
    match step:
        case Promote(to=to):
            return to.value
        case Hold(needs=needs):
            return f"hold {len(needs)}"
        case RollBack(back=back):
            return back.name.lower()
        case Stay():
            return "stay"


def expected(stage: Stage, verdict: Verdict | None, quality: Quality, time: object) -> str:
    """The table: bad quality, then a slower prompt, then what is missing, then the next stage."""
    early = stage in {OFF, SHADOW}
    if quality is Quality.FAIL:
        return "reject" if early else "previous"
    if verdict is Verdict.FAIL:
        return "optimise" if early else "previous"
    served = time == LONG or stage in {OFF, FULL}
    missing = [verdict is not Verdict.PASS, quality is Quality.UNKNOWN, not served].count(True)
    if missing:
        return f"hold {missing}"
    return {OFF: "shadow", SHADOW: "canary", CANARY: "full", FULL: "stay"}[stage]


@pytest.mark.parametrize("stage", Stage)
def test_every_combination_of_verdict_quality_and_time_has_its_step(stage: Stage) -> None:
    for verdict, quality, time in product([*Verdict, None], Quality, [None, SHORT, LONG]):
        found = next_step(stage, compared(verdict), quality, time)
        assert outcome(found) == expected(stage, verdict, quality, time), (verdict, quality, time)


@given(
    stage=st.sampled_from(Stage),
    verdict=st.sampled_from([*Verdict, None]),
    quality=st.sampled_from(Quality),
    held=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3)),
    wanted=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3)),
)
def test_nothing_is_promoted_on_less_than_all_and_no_stage_is_left_out(
    stage: Stage,
    verdict: Verdict | None,
    quality: Quality,
    held: timedelta | None,
    wanted: timedelta | None,
) -> None:
    step = next_step(stage, compared(verdict), quality, held, wanted=wanted)
    limit = SERVED[stage] if wanted is None else wanted
    served = not limit or (held is not None and held >= limit)
    fine = verdict is Verdict.PASS and quality is Quality.PASS and served
    assert isinstance(step, Promote | Stay) is fine
    if isinstance(step, Promote):
        stages = [*Stage]
        assert stages.index(step.to) == stages.index(stage) + 1


def test_what_is_missing_is_told_at_once() -> None:
    unsure = compared(Verdict.INCONCLUSIVE)
    assert unsure is not None
    why = Reason(doubt=Doubt.TOO_FEW, text="59 are too few", decides=True)
    unsure = replace(unsure, reasons=(why,))
    assert next_step(CANARY, unsure, Quality.UNKNOWN, timedelta(minutes=75)) == Hold(
        why="not all is known that canary must show",
        needs=(
            "more samples: 100 a side do not decide (59 are too few)",
            "a verdict on its quality: --quality pass or fail",
            "time: 45m more of 2h",
        ),
    )
    run = "mangaops bench run WORKLOAD --baseline V --candidate V"
    assert next_step(SHADOW, None, Quality.PASS, None) == Hold(
        why="not all is known that shadow must show",
        needs=(
            f"samples of this stage, none are stored: {run}",
            "how long the stage was served, of 1d: --held DURATION",
        ),
    )


@pytest.mark.parametrize("verdict", Verdict)
def test_samples_of_another_text_move_nothing_forward_or_back(verdict: Verdict) -> None:
    step = next_step(CANARY, compared(verdict), Quality.PASS, LONG, strange=("v2.1 is another",))
    assert isinstance(step, Hold)
    assert step.needs == ("samples of what is in use: v2.1 is another",)


def test_from_a_stage_that_is_not_served_nothing_goes_on_but_back() -> None:
    why = ("the share of shadow, 5: it is 0",)
    step = next_step(SHADOW, compared(Verdict.PASS), Quality.PASS, LONG, unserved=why)
    assert step == Hold(why="not all is known that shadow must show", needs=why)
    step = next_step(SHADOW, compared(Verdict.FAIL), Quality.PASS, LONG, unserved=why)
    assert isinstance(step, RollBack)


def test_a_slower_prompt_is_told_by_how_much() -> None:
    slower = compared(Verdict.FAIL)
    assert slower is not None
    found = next_step(CANARY, replace(slower, severity="SEV-2"), Quality.PASS, LONG)
    why = "its p95 is 1.30 times the baseline's, SEV-2"
    assert found == RollBack(why=why, back=Back.PREVIOUS)
    found = next_step(SHADOW, replace(slower, ratio=None), Quality.PASS, LONG)
    assert found == RollBack(why="its latency fails", back=Back.OPTIMISE)


@pytest.mark.parametrize(
    ("share", "stage"),
    [
        *((str(percent), stage) for stage, percent in SHARES.items()),
        (" 25\n", CANARY),
        ("05", SHADOW),
        *((odd, None) for odd in ("10", "", "-5", "5.0", "25%", "\u0665", "\u00b2", None)),
    ],
    ids=lambda one: repr(one.value) if isinstance(one, Stage) else ascii(one),
)
def test_a_share_is_a_stage_or_none(share: str | None, stage: Stage | None) -> None:
    assert stage_of(share) is stage


BOTH = {"faq": (FAQ, FAQ), "recommendation": (FAQ, FAQ)}


def test_the_runs_of_a_stage_are_one_where_their_conditions_are_the_same() -> None:
    first = bench_run(intents=BOTH, n=4, name="b-1")
    second = bench_run(intents=BOTH, n=4, name="b-2", seed=2)
    other = bench_run(intents=BOTH, n=4, name="b-3", arms=("v2.0", "v2.2"))
    one_arm = bench_run(intents={"faq": (FAQ,)}, n=4, name="b-4", arms=("v2.0",))
    pool = pooled([first, other, one_arm, second], "faq")
    assert (pool.used, pool.left_out) == (("b-1", "b-2"), ("b-3", "b-4"))
    assert pool.run is not None
    assert pool.run.header.intents == ("faq",)
    counted = [len(pool.run.arm("faq", arm)) for arm in (0, 1)]
    assert counted == [8, 8]
    assert [one.number for one in pool.run.samples] == [*range(len(pool.run.samples))]
    assert pool.run.finished_at is not None


def test_an_unfinished_run_makes_an_unfinished_pool_and_no_run_none() -> None:
    first = bench_run(intents=BOTH, n=4, name="b-1")
    second = replace(bench_run(intents=BOTH, n=4, name="b-2"), finished_at=None)
    pool = pooled([second, first], "faq")
    assert pool.run is not None
    assert pool.run.finished_at is None
    assert pool.run.header.started_at == START
    assert pooled([], "faq") == Pool(run=None)
    assert pooled([first], "size") == Pool(run=None, left_out=("b-1",))
