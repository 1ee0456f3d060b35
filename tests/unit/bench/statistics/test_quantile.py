"""Quantiles are measured values, and their limits are exact."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from mangaops.bench.statistics.quantile import limits, quantile, quantile_sorted, rank, within_p
from mangaops.errors import InputError

INF = math.inf


@pytest.mark.parametrize(
    ("n", "q", "expected"),
    [(1, 0.95, 1), (2, 0.5, 1), (3, 0.5, 2), (20, 0.95, 19), (60, 0.95, 57), (100, 0.07, 7)],
)
def test_the_rank_is_that_of_the_decimal_that_is_written(n: int, q: float, expected: int) -> None:
    assert rank(n, q) == expected


@pytest.mark.parametrize("q", [0.5, 0.9, 0.95, 0.99, 1.0])
@pytest.mark.parametrize("n", [1, 2, 7, 59, 60, 500])
def test_a_quantile_is_that_of_numpy_without_interpolation(n: int, q: float) -> None:
    values = np.random.default_rng(n).integers(0, 30, n).astype(float)
    expected = np.quantile(values, q, method="inverted_cdf")
    assert quantile(values, q) == quantile_sorted(np.sort(values), q) == expected


def test_failed_calls_are_the_greatest() -> None:
    assert quantile([1.0, INF, 2.0, INF], 0.5) == 2.0
    assert quantile([1.0, INF, 2.0, INF], 0.95) == INF


@pytest.mark.parametrize("values", [[], [1.0, math.nan], ["one"], [[1.0], [2.0]], [INF, math.nan]])
def test_what_is_no_sample_is_refused(values: list[float]) -> None:
    with pytest.raises(InputError):
        quantile(values, 0.5)


@pytest.mark.parametrize("q", [0.0, -1.0, 1.5, math.nan])
def test_what_is_no_quantile_is_refused(q: float) -> None:
    with pytest.raises(InputError):
        rank(10, q)


def oracle(n: int, q: float, confidence: float) -> tuple[int | None, int | None]:
    """Straight from the definition. A chance that misses by rounding alone does not miss."""
    ranks = np.arange(1, n + 1)
    below = scipy.stats.binom.cdf(ranks - 1, n, q)
    low = ranks[below <= 1 - confidence + 1e-12]
    high = ranks[below >= confidence - 1e-12]
    return (int(low[-1]) if low.size else None), (int(high[0]) if high.size else None)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("q", [0.05, 0.5, 0.95, 0.99])
def test_limits_are_those_of_the_binomial(q: float, confidence: float) -> None:
    for n in (1, 2, 3, 10, 58, 59, 60, 72, 200, 1000, 100_000):
        assert limits(n, q, confidence) == oracle(n, q, confidence), n


def test_an_upper_limit_of_p95_needs_59_samples() -> None:
    """1 - 0.95^59 is 0.9515, 1 - 0.95^58 is 0.949 (Wilks 1941)."""
    assert limits(58, 0.95, 0.95)[1] is None
    assert limits(59, 0.95, 0.95)[1] == 59


def test_the_limits_of_ten_million_samples() -> None:
    low, high = limits(10_000_000, 0.95, 0.95)
    assert low is not None
    assert high is not None
    assert scipy.stats.binom.cdf(low - 1, 10_000_000, 0.95) <= 0.05
    assert scipy.stats.binom.cdf(low, 10_000_000, 0.95) > 0.05
    assert scipy.stats.binom.cdf(high - 1, 10_000_000, 0.95) >= 0.95
    assert scipy.stats.binom.cdf(high - 2, 10_000_000, 0.95) < 0.95


def test_the_greatest_value_has_no_limits() -> None:
    assert limits(100, 1.0) == (None, None)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -1.0])
def test_what_is_no_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(InputError):
        limits(10, 0.5, confidence)


@pytest.mark.parametrize("n", [1, 10, 200, 5000])
@pytest.mark.parametrize("q", [0.5, 0.95])
def test_the_p_value_of_a_limit_is_the_binomial_one(n: int, q: float) -> None:
    """And it is at most 5 % just where the lower limit of the quantile is above."""
    low = limits(n, q)[0]
    for within in {0, n // 2, (low or 1) - 1, low or 1, rank(n, q), n}:
        p_value = within_p(n, q, within)
        assert p_value == pytest.approx(scipy.stats.binom.cdf(within, n, q), abs=1e-12)
        assert (p_value <= 0.05 + 1e-12) is (low is not None and within < low)


def test_the_p_value_of_a_limit_of_the_greatest_value() -> None:
    assert within_p(10, 1.0, 9) == 0.0
    assert within_p(10, 1.0, 10) == 1.0
