"""Changes in a series: where they are, and that noise has none."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from mangaops.bench.statistics.change_points import Search, change_points
from mangaops.errors import InputError

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
    for _ in range(2):  # what is reused between shufflings leaves no trace
        statistic, split = search.best(series)
        assert statistic == pytest.approx(splits[best], rel=1e-9)
        assert split == best[0]


@pytest.mark.parametrize("size", [1.15, 0.8, 2.0])
def test_a_step_is_found_where_it_is(size: float) -> None:
    (one,) = change_points(noisy((100, 30), (100 * size, 20)))
    assert abs(one.index - 30) <= 1
    assert one.p_value == 0.001
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


@pytest.mark.parametrize("n", [10, 30, 60])
def test_noise_has_no_change(n: int) -> None:
    alarms = sum(
        bool(change_points(np.random.default_rng(seed).lognormal(7, 0.2, n), seed=seed))
        for seed in range(100)
    )
    assert alarms <= 2


def test_the_same_series_and_seed_give_the_same_points() -> None:
    series = noisy((100, 20), (110, 20))
    assert repr(change_points(series, seed=3)) == repr(change_points(series, seed=3))


@pytest.mark.parametrize("series", [[], [1.0, math.nan] * 9, [1.0, math.inf] * 9])
def test_what_is_no_series_is_refused(series: list[float]) -> None:
    with pytest.raises(InputError):
        change_points(series)


def test_too_few_permutations_for_the_level_are_refused() -> None:
    with pytest.raises(InputError, match="99 permutations cannot show"):
        change_points([1.0] * 12, permutations=99)
