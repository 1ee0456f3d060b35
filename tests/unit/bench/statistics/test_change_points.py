"""Changes in a series: where they are, and that noise has none."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import scipy.stats

from mangaops.bench.statistics.change_points import Search, change_points
from mangaops.errors import InputError

Noise = Callable[[np.random.Generator, int], np.ndarray]

NILE = """
1120 1160 963 1210 1160 1160 813 1230 1370 1140 995 935 1110 994 1020 960 1180 799 958 1140
1100 1210 1150 1250 1260 1220 1030 1100 774 840 874 694 940 833 701 916 692 1020 1050 969
831 726 456 824 702 1120 1100 832 764 821 768 845 864 862 698 845 744 796 1040 759
781 865 845 944 984 897 822 1010 771 676 649 846 812 742 801 1040 860 874 848 890
744 749 838 1050 918 986 797 923 975 815 1020 906 901 1170 912 746 919 718 714 740
"""


def noisy(*levels: tuple[float, int], sigma: float = 5.0, seed: int = 1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.concatenate([generator.normal(level, sigma, n) for level, n in levels])


def test_the_nile_at_aswan_fell_after_1898() -> None:
    """Yearly flow from 1871 on. Cobb (1978), Biometrika 65, dates the change to 1898."""
    (one,) = change_points([float(flow) for flow in NILE.split()])
    assert 1871 + one.index == 1899
    assert (one.before, one.after) == pytest.approx((1097.75, 849.97), abs=0.01)


def energy(first: np.ndarray, second: np.ndarray) -> float:
    """Matteson and James (2013), the scaled statistic as written."""
    m, n = first.size, second.size
    between = np.abs(first[:, None] - second).mean()
    within = [
        np.abs(one[:, None] - one).sum() / (one.size * (one.size - 1)) for one in (first, second)
    ]
    return m * n / (m + n) * (2 * between - sum(within))


@pytest.mark.parametrize("n", [6, 7, 13, 30])
@pytest.mark.parametrize("least", [2, 3])
def test_the_best_split_is_that_of_the_definition(n: int, least: int) -> None:
    series = np.random.default_rng(n + least).lognormal(0, 1, n)
    series[n // 2 :] += 2
    splits = {
        (t, k): energy(series[:t], series[t:k])
        for k in range(2 * least, n + 1)
        for t in range(least, k - least + 1)
    }
    best = max(splits, key=splits.__getitem__)
    search = Search(n, least)
    for _ in range(2):  # a second use finds no trace of the first
        statistic, *split = search.best(series)
        assert statistic == pytest.approx(splits[best], rel=1e-9)
        assert tuple(split) == best


@pytest.mark.parametrize("size", [1.15, 0.8, 2.0])
def test_a_step_is_found_where_it_is(size: float) -> None:
    (one,) = change_points(noisy((100, 30), (100 * size, 20)))
    assert abs(one.index - 30) <= 1
    assert 0 < one.p_value < 0.001
    assert one.after / one.before == pytest.approx(size, rel=0.05)


def test_two_steps_are_two_points_with_the_levels_between_them() -> None:
    first, second = change_points(noisy((100, 30), (130, 30), (115, 30)))
    assert abs(first.index - 30) <= 1
    assert abs(second.index - 60) <= 1
    assert first.after == second.before == pytest.approx(130, abs=3)


def test_a_level_that_comes_and_goes_does_not_hide() -> None:
    points = change_points(noisy((100, 25), (120, 10), (100, 25)))
    assert [one.index for one in points] == pytest.approx([25, 35], abs=1)


def test_the_newest_nights_are_seen_as_soon_as_there_are_a_few() -> None:
    (one,) = change_points(noisy((100, 40), (140, 4)))
    assert one.index == 40


def test_a_slow_drift_is_told_as_steps_upwards() -> None:
    points = change_points(np.linspace(100, 130, 60) + noisy((0, 60), sigma=2))
    assert points
    levels = [points[0].before, *(one.after for one in points)]
    assert all(later > earlier for earlier, later in pairwise(levels))


@pytest.mark.parametrize("outliers", [1, 2])
def test_an_outlier_is_no_change(outliers: int) -> None:
    series = noisy((100, 40))
    series[20 : 20 + outliers] = 500
    assert change_points(series) == ()


@pytest.mark.parametrize("n", [1, 9, 10, 50])
def test_a_constant_series_has_no_change(n: int) -> None:
    assert change_points([120.0] * n) == ()


def test_fewer_than_ten_figures_show_nothing() -> None:
    assert change_points([1.0] * 5 + [9.0] * 4) == ()


def alarms(n: int, noise: Noise, series: int = 400) -> float:
    """The share of series without a change in which one is found."""
    generator = np.random.default_rng(n)
    return sum(bool(change_points(noise(generator, n))) for _ in range(series)) / series


def alike(generator: np.random.Generator, n: int, rho: float = 0.5) -> np.ndarray:
    """AR(1): each night resembles the one before."""
    moves = generator.standard_normal(n + 30)
    weights = rho ** np.arange(n + 30)
    return 2000 + 60 * np.convolve(moves, weights)[30 : n + 30]


@pytest.mark.parametrize("n", [10, 14, 30, 60])
@pytest.mark.parametrize(
    "noise",
    [
        lambda generator, n: generator.lognormal(7, 0.05, n),
        lambda generator, n: generator.lognormal(7, 0.5, n),
        lambda generator, n: 1 + generator.pareto(1.5, n),
        lambda generator, n: generator.normal(0, 1, n),  # not above 0: no logarithms
    ],
    ids=["lognormal", "wide", "heavy-tail", "about-zero"],
)
def test_independent_noise_has_no_change(n: int, noise: Noise) -> None:
    assert alarms(n, noise, series=250) <= 0.012


@pytest.mark.parametrize(("n", "most"), [(10, 0.03), (20, 0.1)])
def test_nights_that_resemble_each_other_are_a_change_now_and_then(n: int, most: float) -> None:
    """The figures of the docstring: p is that of independent nights."""
    assert alarms(n, alike, series=200) <= most


@pytest.mark.parametrize("n", [10, 11, 12, 14, 20, 30])
@pytest.mark.parametrize("nights", [3, 5])
def test_a_step_of_ten_times_the_noise_is_found_from_ten_figures_on(n: int, nights: int) -> None:
    found = 0
    for seed in range(100):
        series = noisy((100, n - nights), (130, nights), sigma=3, seed=seed)
        found += any(one.index == n - nights for one in change_points(series))
    assert found >= 85


def test_a_step_of_twice_the_noise_is_found_by_shuffling() -> None:
    """The bound of the t test is above the level: 190 splits of 24 figures were possible."""
    found = [
        change_points(noisy((100, 12), (115, 12), sigma=7, seed=seed), seed=seed)
        for seed in range(20)
    ]
    assert sum(bool(points) for points in found) >= 10
    assert 0.001 in {one.p_value for points in found for one in points}


def test_nights_at_ten_times_the_time_and_noise_are_found() -> None:
    """As slow calls are: the noise grows with the time."""
    generator = np.random.default_rng(3)
    series = generator.lognormal(0, 0.03, 10) * ([2100.0] * 5 + [23_000.0] * 5)
    (one,) = change_points(series)
    assert (one.index, one.p_value) == (5, pytest.approx(0, abs=1e-6))


def test_the_smallest_p_is_that_of_figures_without_noise() -> None:
    (one,) = change_points([1.0] * 5 + [9.0] * 5)
    assert (one.index, one.p_value, one.before, one.after) == (5, 0.0, 1.0, 9.0)


def test_the_chance_is_that_of_a_t_test_for_each_split_that_was_possible() -> None:
    """Where the figures alternate about their level, no autocorrelation is taken off."""
    series = [99.0, 101.0] * 3 + [104.0, 106.0] * 3
    (one,) = change_points(series)
    plain = scipy.stats.ttest_ind(np.log(series[:6]), np.log(series[6:])).pvalue
    assert (one.index, one.p_value) == (6, pytest.approx(28 * plain, rel=1e-9))


@pytest.mark.parametrize("series", [[], [1.0, math.nan] * 9, [1.0, math.inf] * 9])
def test_what_is_no_series_is_refused(series: list[float]) -> None:
    with pytest.raises(InputError):
        change_points(series)


def test_a_level_of_one_figure_is_refused() -> None:
    with pytest.raises(InputError, match="no noise to be measured by"):
        change_points([1.0] * 12, least_segment=1)
