"""A watch over an unchanged prompt: how seldom it accuses it, and how surely it sees a slow one.

Simulated with the seed's log-normal latencies, with 6 % slow calls (the p95 lies between the
modes) and with a heavy tail. Of 1,000 watches each of one and of four rounds, with 60, 100 and
200 calls a side, at most 4.6 % had a FAIL and 1.0 % would have been rolled back; 60 % slower with
100 calls was a FAIL in all of 1,000 and rolled back within four rounds in 93 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest

from mangaops import bench
from mangaops.bench.comparing.comparison import (
    ArmSummary,
    BudgetCheck,
    Comparison,
    Doubt,
    Verdict,
)
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.guarding.rounds import Rounds, as_one_of, finer, judged, pooled
from mangaops.bench.guarding.safeguard import Activation
from mangaops.bench.runs.sample import Run
from support.bench_runs import AFTER, BEFORE, START, Behaviour, bench_run

Draw: TypeAlias = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]
ROUNDS = 4
WATCHES = 60


def seeds_own(draw: np.random.Generator, n: int) -> npt.NDArray[np.float64]:
    return draw.lognormal(math.log(1180), 0.434, n)


def two_modes(draw: np.random.Generator, n: int) -> npt.NDArray[np.float64]:
    slow = draw.random(n) < 0.06
    return np.where(slow, draw.lognormal(8.7, 0.2, n), draw.lognormal(7.2, 0.2, n))


def heavy_tail(draw: np.random.Generator, n: int) -> npt.NDArray[np.float64]:
    return 500 * (1 + draw.pareto(1.2, n))


def watch(how: Draw, n: int, slower: float, draw: np.random.Generator) -> tuple[bool, bool]:
    """Whether any round was a FAIL, and whether any would have been rolled back."""
    rules = finer(Rules(), ROUNDS)
    before, after = np.empty(0), np.empty(0)
    found = []
    for _ in range(ROUNDS):
        before = np.concatenate([before, how(draw, n)])
        after = np.concatenate([after, slower * how(draw, n)])
        found.append(as_one_of(bench.compare(before, after, rules), rules, ROUNDS))
    return any(one.verdict is Verdict.FAIL for one in found), any(map(acted_on, found))


def acted_on(one: Comparison) -> bool:
    """As far as the comparison decides."""
    return one.severity == "SEV-1" and not one.reasons and (one.low or 0) > 1


def shares(how: Draw, n: int, slower: float, watches: int) -> tuple[float, float]:
    draw = np.random.default_rng(1)
    found = [watch(how, n, slower, draw) for _ in range(watches)]
    failed, acted = np.mean(found, axis=0)
    return float(failed), float(acted)


@pytest.mark.parametrize("how", [seeds_own, two_modes, heavy_tail])
def test_an_unchanged_prompt_is_hardly_ever_accused_and_not_taken_back(how: Draw) -> None:
    failed, acted = shares(how, 60, 1.0, 80)
    assert failed <= 0.05
    assert acted <= 0.01


def test_a_prompt_that_is_far_slower_is_found_and_taken_back_within_the_hour() -> None:
    failed, acted = shares(seeds_own, 100, 1.6, 120)
    assert (failed, acted >= 0.9) == (1.0, True)


def rounds(after: Behaviour, count: int, n: int = 100) -> list[Run]:
    return [
        bench_run(
            intents={"recommendation": (BEFORE, after)},
            n=n,
            seed=number,
            name=f"b-{number}",
            at=START + timedelta(minutes=15 * number),
        )
        for number in range(count)
    ]


FAR_SLOWER = replace(AFTER, p50=2400, p95=4900)


def test_a_doubled_latency_need_not_wait_for_a_second_round() -> None:
    for planned in (1, ROUNDS):
        (one,) = judged(rounds(FAR_SLOWER, 1), Rules(), planned).comparisons
        assert (one.verdict, acted_on(one)) == (Verdict.FAIL, True)


def test_rounds_are_pooled_and_named_together() -> None:
    runs = rounds(BEFORE, 3)
    one = pooled(runs)
    assert (one.header.run, one.header.samples_per_arm) == ("b-0, b-1, b-2", 300)
    assert len({sample.number for sample in one.samples}) == len(one.samples) == 612
    assert one.finished_at == runs[-1].finished_at
    report = judged(runs, Rules(), ROUNDS)
    assert report.comparisons[0].candidate.samples == 300
    assert report.candidate_run == "b-0, b-1, b-2"


ACTIVATION = Activation(intent="recommendation", version="v2.1", activated_at=START, before="v2.0")


def test_another_activation_and_another_text_begin_anew() -> None:
    watched = Rounds(Rules())
    first, second, third = rounds(BEFORE, 3)
    other = replace(third.header.prompts["recommendation"][1], digest="ff" * 32)
    prompts = {"recommendation": (third.header.prompts["recommendation"][0], other)}
    third = replace(third, header=replace(third.header, prompts=prompts))
    again = replace(ACTIVATION, activated_at=START + timedelta(minutes=20))
    counts = [
        watched.judged(which, run, ROUNDS).comparisons[0].baseline.samples
        for which, run in (
            (ACTIVATION, first),
            (again, first),
            (ACTIVATION, second),
            (ACTIVATION, third),
        )
    ]
    assert counts == [100, 100, 200, 100]


def failed(p_value: float, ratio: float = 1.6, budget_p: float | None = None) -> Comparison:
    """A FAIL at 5 %, by its ratio or by its budget."""
    arm = ArmSummary(version="v2.0", samples=100, failures=0)
    check = BudgetCheck(name="p95_ms", unit="ms", limit=1, observed=2, kept=False, p_value=budget_p)
    return Comparison(
        intent="faq",
        verdict=Verdict.FAIL,
        baseline=arm,
        candidate=arm,
        severity="SEV-1",
        ratio=ratio,
        low=1.1,
        high=2.0,
        p_value=p_value,
        budgets=() if budget_p is None else (check,),
    )


@pytest.mark.parametrize(
    ("one", "verdict", "acted"),
    [
        (failed(0.0025), Verdict.FAIL, True),
        (failed(0.003), Verdict.FAIL, False),
        (failed(0.0125), Verdict.FAIL, False),
        (failed(0.013), Verdict.INCONCLUSIVE, False),
        (failed(0.04, budget_p=0.001), Verdict.FAIL, False),
        (failed(0.04, budget_p=0.03), Verdict.INCONCLUSIVE, False),
        (failed(0.001, ratio=1.1, budget_p=0.03), Verdict.INCONCLUSIVE, False),
        (failed(0.001, ratio=math.inf), Verdict.FAIL, True),
    ],
)
def test_the_chance_of_an_error_is_divided_by_the_rounds(
    one: Comparison, verdict: Verdict, *, acted: bool
) -> None:
    found = as_one_of(one, Rules(), ROUNDS)
    assert (found.verdict, acted_on(found)) == (verdict, acted)
    if verdict is Verdict.INCONCLUSIVE:
        assert [reason.doubt for reason in found.reasons] == [Doubt.SEVERAL_ROUNDS]
        assert all(check.kept is None for check in found.budgets)
