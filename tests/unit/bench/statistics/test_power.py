"""Calibration: what the rule of the verdicts does with noise, and with a real change.

The samples are grids of exact quantiles, so that the distribution is known and is no draw.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from mangaops.bench.statistics.power import (
    detectable,
    enough,
    failed,
    found,
    simulated,
    smoothing,
)
from mangaops.bench.statistics.quantile import limits
from mangaops.bench.statistics.ratio import Ratio, quantile_ratio
from mangaops.errors import InputError

GRID = (np.arange(4000) + 0.5) / 4000
SHAPES = {
    "lognormal": scipy.stats.lognorm.ppf(GRID, 0.434, scale=1000),
    "heavy tail": 1000 * scipy.stats.pareto.ppf(GRID, 2.5),
    "bimodal": np.concatenate(
        [scipy.stats.norm.ppf(GRID, 1000, 80)] * 9 + [scipy.stats.norm.ppf(GRID, 2500, 250)]
    ),
}
N = (60, 100, 200, 400)


MARGIN = 0.15


@pytest.mark.parametrize("n", N)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_version_against_itself_fails_at_most_once_in_twenty(shape: str, n: int) -> None:
    ratios = simulated(SHAPES[shape], n, simulations=600, seed=n)
    assert failed(ratios, MARGIN) <= found(ratios, 0.0) <= 0.05


def unequal(shape: str, n: int, m: int, q: float = 0.95) -> list[Ratio]:
    """A version against itself, with other numbers of calls."""
    generator = np.random.default_rng([n, m])
    drawn = ((generator.choice(SHAPES[shape], size) for size in (n, m)) for _ in range(500))
    return [quantile_ratio(np.sort(a), np.sort(b), q) for a, b in drawn]


@pytest.mark.parametrize(("n", "m"), [(60, 200), (60, 1000), (79, 1000), (100, 60), (1000, 60)])
@pytest.mark.parametrize("shape", SHAPES)
def test_unequal_sizes_fail_and_pass_by_chance_as_seldom(shape: str, n: int, m: int) -> None:
    """The bootstrap of equal sizes is passed by 8 to 16 of 100 here. 500 draws err by 0.01.

    A candidate that is slower by just the margin passes when 1 is above the upper limit.
    """
    ratios = unequal(shape, n, m)
    assert found(ratios, 0.0) <= 0.065
    assert sum(one.high < 1 for one in ratios) / len(ratios) <= 0.065


def test_more_calls_of_one_side_find_more() -> None:
    few, more = (unequal("lognormal", *sizes) for sizes in ((100, 90), (100, 1000)))
    assert found(few, 0.33) < found(more, 0.33)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_shift_of_a_third_fails_at_200_samples(seed: int) -> None:
    """Both conditions: the lower limit above 1, and a ratio of 1.15 or more."""
    assert failed(simulated(SHAPES["lognormal"], 200, shift=0.33, seed=seed), MARGIN) >= 0.9


def rate(n: int, shift: float, tail: float = 1.0) -> float:
    ratios = simulated(SHAPES["lognormal"], n, shift=shift, tail=tail, simulations=300)
    return failed(ratios, MARGIN)


def test_power_grows_with_the_samples_and_with_the_shift() -> None:
    by_n = [rate(n, 0.33) for n in N]
    by_shift = [rate(200, shift) for shift in (0.0, 0.15, 0.33)]
    assert by_n == sorted(by_n)
    assert by_shift == sorted(by_shift)


def test_a_tail_alone_is_found_too() -> None:
    """8 % of the calls three times as slow: four of five are found at 200 samples."""
    assert 0.7 < rate(200, 2.0, tail=0.08) < 0.95


@pytest.mark.parametrize("q", [0.5, 0.95])
@pytest.mark.parametrize("shape", SHAPES)
def test_each_limit_of_the_ratio_holds_in_95_of_100(shape: str, q: float) -> None:
    ratios = simulated(SHAPES[shape], 200, q=q, simulations=600, seed=5)
    assert sum(one.low <= 1 for one in ratios) / 600 == pytest.approx(0.96, abs=0.03)
    assert sum(one.high >= 1 for one in ratios) / 600 == pytest.approx(0.96, abs=0.03)


@pytest.mark.parametrize("n", [59, 100, 400])
def test_the_exact_limits_of_p95_hold_in_95_of_100_at_least(n: int) -> None:
    low, high = limits(n, 0.95)
    assert low is not None
    assert high is not None
    drawn = np.sort(np.random.default_rng(n).random((4000, n)), axis=1)
    for held in (drawn[:, low - 1] <= 0.95, drawn[:, high - 1] >= 0.95):
        assert held.mean() >= 0.94


def test_one_simulation_answers_for_every_slow_down() -> None:
    """What is found by multiplying the limits is found by multiplying the calls."""
    unchanged = simulated(SHAPES["lognormal"], 200, simulations=400)
    for shift in (0.1, 0.25, 0.5):
        tried = simulated(SHAPES["lognormal"], 200, shift=shift, simulations=400)
        assert found(unchanged, shift) == pytest.approx(found(tried, 0.0), abs=0.003)
    assert found(unchanged, detectable(unchanged, 0.8) + 1e-9) == pytest.approx(0.8, abs=0.003)


def test_what_is_detectable_shrinks_with_the_samples_and_grows_with_the_power() -> None:
    runs = [simulated(SHAPES["lognormal"], n, simulations=200) for n in N]
    smallest = [detectable(ratios, 0.8) for ratios in runs]
    assert smallest == sorted(smallest, reverse=True)
    assert 0.2 < smallest[2] < 0.3
    assert detectable(runs[2], 0.95) > smallest[2]


@pytest.mark.parametrize(
    ("smallest", "slow_down", "calls"),
    [
        ({100: 0.4, 400: 0.2}, 0.4, 100),
        ({100: 0.4, 400: 0.2}, 0.1, None),
        ({100: 1.0, 400: 0.25}, math.exp((math.log(2) + math.log(1.25)) / 2) - 1, 200),
        ({60: 0.1, 100: 0.3, 200: 0.2}, 0.2, 200),  # the 0.1 was luck
        ({60: math.inf, 100: 0.1}, 0.3, 100),
        ({60: math.inf}, 0.3, None),
    ],
)
def test_enough_calls_lie_between_simulated_sizes(
    smallest: dict[int, float], slow_down: float, calls: int | None
) -> None:
    assert enough(smallest, slow_down) == calls


def test_smoothing_is_as_wide_as_the_rule_says() -> None:
    """Silverman (1986): 0.9 of the smaller spread, over the fifth root of the size."""
    few = SHAPES["lognormal"][::40]
    assert smoothing(few) == pytest.approx(0.9 * 0.434 * 100**-0.2, rel=0.03)
    assert smoothing([*few, 0.0, math.inf]) == smoothing(few)
    assert smoothing([5.0] * 9) == smoothing([math.inf, 0.0, 3.0]) == 0.0
    assert smoothing([5.0] * 8 + [50.0] * 2) > 0.3


def test_a_smoothed_sample_has_noise_where_a_tied_one_has_none() -> None:
    ratios = simulated([100.0] * 40 + [200.0] * 20, 100, simulations=40, width=0.1)
    assert len({one.ratio for one in ratios}) == 40
    failing = simulated([100.0] * 90 + [0.0] * 5 + [math.inf] * 5, 90, simulations=9, width=0.1)
    assert {one.low for one in failing} >= {0.0}


def test_without_noise_everything_is_detectable() -> None:
    ratios = simulated([250.0], 100, simulations=20)
    assert detectable(ratios, 0.8) == 0.0
    assert found(ratios, 0.01) == 1.0
    assert failed(simulated([250.0], 5, shift=0.2, simulations=10), MARGIN) == 1.0


def test_failures_in_the_p95_hide_every_slow_down() -> None:
    ratios = simulated([100.0] * 90 + [math.inf] * 10, 100, simulations=50)
    assert detectable(ratios, 0.8) == math.inf
    assert failed(ratios, MARGIN) <= 0.05


def test_the_same_sample_and_seed_give_the_same_ratios() -> None:
    runs = [simulated(SHAPES["bimodal"], 60, simulations=20, seed=9) for _ in range(2)]
    assert repr(runs[0]) == repr(runs[1])


def test_what_cannot_be_simulated_is_refused() -> None:
    for wrong in (
        lambda: simulated([], 10),
        lambda: simulated([math.nan], 10),
        lambda: simulated([1.0], 10, shift=-1.0),
        lambda: simulated([1.0], 0),
        lambda: simulated([1.0], 10, tail=0.0),
        lambda: simulated([1.0], 10, simulations=0),
        lambda: detectable(simulated([1.0], 10, simulations=1), 1.0),
    ):
        with pytest.raises(InputError):
            wrong()
