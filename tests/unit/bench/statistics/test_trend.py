"""A drift over time, against scipy's Kendall tau."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from mangaops.bench.statistics.trend import Trend, trend
from mangaops.errors import InputError

INF = math.inf


@pytest.mark.parametrize("spread", [2, 5, 1_000_000])
def test_tau_and_p_are_those_of_scipy(spread: int) -> None:
    generator = np.random.default_rng(spread)
    for _ in range(60):
        n = int(generator.integers(3, 80))
        values = generator.integers(0, spread, n).astype(float)
        values[generator.random(n) < 0.1] = INF
        if np.unique(values).size == 1:
            continue
        expected = scipy.stats.kendalltau(np.arange(n), values, method="asymptotic")
        ours = trend(values)
        assert ours.tau == pytest.approx(expected.statistic, abs=1e-9)
        assert ours.p_value == pytest.approx(expected.pvalue, abs=1e-9)


def test_a_drift_is_found_with_its_size() -> None:
    noise = np.random.default_rng(1).normal(0, 5, 300)
    one = trend(np.linspace(100, 118, 300) + noise)
    assert one.p_value < 1e-6
    assert one.change == pytest.approx(0.12, abs=0.02)


def test_noise_is_rarely_a_drift() -> None:
    found = [trend(np.random.default_rng(seed).lognormal(7, 1, 100)) for seed in range(400)]
    assert sum(one.p_value < 0.05 for one in found) / 400 == pytest.approx(0.05, abs=0.025)


@pytest.mark.parametrize("values", [[3.0], [3.0, 3.0], [INF] * 5, [0.0] * 9])
def test_equal_values_have_no_trend(values: list[float]) -> None:
    one = trend(values)
    assert (one.tau, one.p_value) == (0.0, 1.0)
    assert one.change in {None, 0.0}


def test_a_run_that_ends_in_failures_grows_without_limit() -> None:
    assert trend([1.0, 1.0, 1.0, 2.0, INF, INF]).change == INF


def test_two_values() -> None:
    assert trend([1.0, 2.0]).tau == 1.0
    assert trend([2.0, 1.0]) == Trend(tau=-1.0, p_value=trend([1.0, 2.0]).p_value, change=None)


def test_many_values_are_no_square_of_work() -> None:
    values = np.random.default_rng(1).random(20_000)
    assert abs(trend(values).tau) < 0.02


@pytest.mark.parametrize("values", [[], [1.0, math.nan]])
def test_what_is_no_sample_is_refused(values: list[float]) -> None:
    with pytest.raises(InputError):
        trend(values)
