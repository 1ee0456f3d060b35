"""Ratios of quantiles and of means: against full resampling, and at every odd value."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from mangaops.bench.statistics import ratio as module
from mangaops.bench.statistics.pair import Pair
from mangaops.bench.statistics.quantile import limits
from mangaops.bench.statistics.ratio import Ratio, divided, mean_ratio, quantile_ratio
from mangaops.errors import InputError

INF = math.inf


def lognormal(n: int, seed: int, scale: float = 1000.0) -> np.ndarray:
    return scale * np.random.default_rng(seed).lognormal(0, 0.434, n)


def resampled(a: np.ndarray, b: np.ndarray, q: float) -> np.ndarray:
    """Every resample drawn in full: what the product never does."""
    generator = np.random.default_rng(7)
    sides = [
        np.quantile(
            generator.choice(side, size=(4000, side.size)), q, axis=1, method="inverted_cdf"
        )
        for side in (a, b)
    ]
    return sides[1] / sides[0]


@pytest.mark.parametrize("n", [60, 200])
@pytest.mark.parametrize("q", [0.5, 0.95])
def test_limits_of_equal_sizes_are_those_of_full_resampling(n: int, q: float) -> None:
    a, b = lognormal(n, 1), lognormal(n, 2, 1200)
    ours = Pair.of(a, b).quantile_ratio(q)
    full = resampled(a, b, q)
    # Both are shares of steps: the share below a limit and that up to it enclose the 5 %.
    assert (full < ours.low).mean() - 0.015 <= 0.05 <= (full <= ours.low).mean() + 0.015
    assert (full > ours.high).mean() - 0.015 <= 0.05 <= (full >= ours.high).mean() + 0.015
    assert ours.p_value == pytest.approx((full <= 1).mean(), abs=0.02)


@pytest.mark.parametrize(("n", "q"), [(1, 0.95), (2, 0.5), (60, 0.95), (1000, 0.5)])
def test_a_drawn_rank_has_the_distribution_of_a_resampled_order_statistic(n: int, q: float) -> None:
    """At most j: at least k of n draws are among the j smallest, which is binomial (n, j/n)."""
    drawn = module._drawn_ranks(n, q, 40_000, 3, 0) + 1
    ranks = np.arange(1, n + 1)
    exact = scipy.stats.binom.sf(module.rank(n, q) - 1, n, ranks / n)
    empirical = np.searchsorted(np.sort(drawn), ranks, side="right") / drawn.size
    assert np.abs(empirical - exact).max() < 0.01


@pytest.mark.parametrize(("n", "q"), [(1, 0.95), (60, 0.95), (1000, 0.5)])
def test_a_quantile_lies_between_two_values_whose_ranks_are_binomial(n: int, q: float) -> None:
    drawn = np.sort(module._quantile_ranks(n, q, 40_000, 3, 0))
    ranks = np.arange(n + 2)
    below, up_to = scipy.stats.binom.cdf(ranks - 1, n, q), scipy.stats.binom.cdf(ranks, n, q)
    empirical = np.searchsorted(drawn, ranks, side="right") / drawn.size
    assert np.abs(empirical - (below + up_to) / 2).max() < 0.01


@pytest.mark.parametrize("n", [60, 79, 200, 1001])
def test_against_a_known_baseline_the_limits_are_the_exact_ones_or_next_to_them(n: int) -> None:
    """The exact ones are never passed too often; a mid p value hits 5 % on average."""
    values = np.arange(1.0, n + 1)
    one = quantile_ratio(np.ones(7 * n), values, 0.95)
    low, high = limits(n, 0.95)
    assert low is not None
    assert high is not None
    assert one.low in (low, low + 1)
    assert one.high in (high, high - 1)


def test_unequal_sizes_too_few_for_a_limit_have_none() -> None:
    """The p95 of 30 calls may be above their greatest in 21 of 100 cases."""
    one = quantile_ratio(np.full(100, 100.0), np.full(30, 130.0), 0.95)
    assert (one.ratio, one.low, one.high) == (1.3, 1.3, INF)
    assert quantile_ratio(np.full(30, 100.0), np.full(100, 130.0), 0.95).low == 0.0


def test_the_same_samples_and_seed_give_the_same_bytes() -> None:
    pair = Pair.of(lognormal(500, 1), lognormal(500, 2))
    first = repr(pair.quantile_ratio(0.95, seed=5))
    module._drawn_ranks.cache_clear()
    assert repr(Pair.of(pair.baseline[::-1], pair.candidate).quantile_ratio(0.95, seed=5)) == first
    assert repr(pair.quantile_ratio(0.95, seed=6)) != first


def test_identical_samples_have_a_ratio_of_one_and_limits_around_it() -> None:
    values = lognormal(300, 1)
    one = Pair.of(values, values).quantile_ratio(0.95)
    assert one.ratio == 1.0
    assert one.low < 1 < one.high
    assert 0.3 < one.p_value < 0.7


def test_constant_samples_have_limits_of_no_width() -> None:
    one = Pair.of([100.0] * 80, [130.0] * 80).quantile_ratio(0.95)
    assert (one.ratio, one.low, one.high) == (1.3, 1.3, 1.3)
    assert one.p_value == 1 / 4001
    assert Pair.of([5.0] * 9, [5.0] * 9).quantile_ratio(0.5).p_value == 1.0


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_samples_give_the_limits_of_what_was_seen(n: int) -> None:
    one = Pair.of([100.0] * n, [250.0] * n).quantile_ratio(0.95)
    assert one.ratio == 2.5


@pytest.mark.parametrize(
    ("baseline", "candidate", "expected"),
    [
        ([1.0], [INF], Ratio(ratio=INF, low=INF, high=INF, p_value=1 / 4001)),
        ([INF], [1.0], Ratio(ratio=0.0, low=0.0, high=0.0, p_value=1.0)),
        ([INF], [INF], Ratio(ratio=None, low=0.0, high=INF, p_value=1.0)),
        ([0.0], [0.0], Ratio(ratio=None, low=0.0, high=INF, p_value=1.0)),
        ([0.0], [1.0], Ratio(ratio=INF, low=INF, high=INF, p_value=1 / 4001)),
        ([1.0], [0.0], Ratio(ratio=0.0, low=0.0, high=0.0, p_value=1.0)),
    ],
)
def test_failures_and_zeros(baseline: list[float], candidate: list[float], expected: Ratio) -> None:
    assert Pair.of(baseline, candidate).quantile_ratio(0.95) == expected


def test_a_few_undefined_resamples_count_for_neither_side() -> None:
    """6 % failed on both sides: p95 is infinite in most of the resamples."""
    values = np.sort(np.append(lognormal(94, 1), [INF] * 6))
    one = quantile_ratio(values, values, 0.95)
    assert (one.ratio, one.low, one.high) == (None, 0.0, INF)
    assert one.p_value > 0.6


@pytest.mark.parametrize("failed", [0, 2, 3, 4, 5])
def test_limits_are_those_of_the_rule_written_out(failed: int) -> None:
    """With 3 of 100 failed, about 1 % of the ratios are undefined, and the limits are not."""
    a = np.sort(np.append(lognormal(100 - failed, 1), [INF] * failed))
    b = np.sort(np.append(lognormal(100 - failed, 2), [INF] * failed))
    below = a[module._drawn_ranks(100, 0.95, 4000, 0, 0)]
    above = b[module._drawn_ranks(100, 0.95, 4000, 0, 1)]
    pairs = [divided(float(y), float(x)) for x, y in zip(below, above, strict=True)]
    one = quantile_ratio(a, b, 0.95)
    assert one.low == sorted(0.0 if ratio is None else ratio for ratio in pairs)[199]
    assert one.high == sorted(INF if ratio is None else ratio for ratio in pairs)[-200]
    assert one.p_value == (1 + sum(ratio is None or ratio <= 1 for ratio in pairs)) / 4001
    assert (failed == 3) <= (0 < pairs.count(None) < 200)


def test_the_lower_limit_is_above_one_just_when_p_says_so() -> None:
    for seed in range(300):
        pair = Pair.of(lognormal(60, seed), lognormal(60, seed + 1000, 1000 + 3 * seed))
        one = pair.quantile_ratio(0.95, resamples=300, seed=seed)
        assert (one.low > 1) is (one.p_value <= 0.05)


def test_limits_that_no_resample_can_show_are_none() -> None:
    """The first looks of a sequence ask for a confidence of 0.99999 and more."""
    pair = Pair.of([100.0] * 99, [300.0] * 99)
    assert pair.quantile_ratio(0.95, confidence=0.9997).low == 3.0
    unknown = pair.quantile_ratio(0.95, confidence=0.9999)
    assert (unknown.low, unknown.high) == (0.0, INF)


def test_failures_of_unequal_sizes_are_sound() -> None:
    failing, whole = np.sort(np.append(lognormal(92, 1), [INF] * 8)), np.sort(lognormal(300, 2))
    worse, better = quantile_ratio(whole, failing, 0.95), quantile_ratio(failing, whole, 0.95)
    assert (worse.ratio, worse.high) == (INF, INF)
    assert (better.ratio, better.low) == (0.0, 0.0)
    assert worse.p_value < 0.5 < better.p_value
    both = quantile_ratio(failing, np.sort(np.append(whole[:270], [INF] * 30)), 0.95)
    assert (both.ratio, both.low, both.high) == (None, 0.0, INF)


def test_rare_failures_widen_the_limits_alone() -> None:
    base = lognormal(200, 1)
    whole = Pair.of(base, base).quantile_ratio(0.95)
    failing = Pair.of(base, np.append(base[:-8], [INF] * 8)).quantile_ratio(0.95)
    assert failing.ratio is not None
    assert math.isfinite(failing.ratio)
    assert failing.high == INF
    assert failing.low >= whole.low


def test_more_confidence_is_more_width() -> None:
    pair = Pair.of(lognormal(200, 1), lognormal(200, 2))
    wide, narrow = (pair.quantile_ratio(0.95, confidence=level) for level in (0.99, 0.9))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_limits_of_the_mean_are_those_of_the_delta_method() -> None:
    a, b = lognormal(200, 1), lognormal(150, 2, 1300)
    one = mean_ratio(a, b)
    error = math.sqrt(
        scipy.stats.sem(a) ** 2 / a.mean() ** 2 + scipy.stats.sem(b) ** 2 / b.mean() ** 2
    )
    expected = b.mean() / a.mean() * np.exp(scipy.stats.norm.ppf([0.05, 0.95]) * error)
    assert (one.low, one.high) == pytest.approx(tuple(expected), rel=1e-9)
    p_value = scipy.stats.norm.sf(math.log(b.mean() / a.mean()) / error)
    assert one.p_value == pytest.approx(p_value, rel=1e-9)


def test_the_limits_of_the_mean_cover_it() -> None:
    """One-sided at 95 %: each limit is passed by about 5 % of the samples."""
    ratios = [mean_ratio(lognormal(100, 2 * i), lognormal(100, 2 * i + 1)) for i in range(600)]
    assert sum(one.low > 1 for one in ratios) / 600 == pytest.approx(0.05, abs=0.02)
    assert sum(one.high < 1 for one in ratios) / 600 == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize(
    ("baseline", "candidate", "ratio"),
    [([2.0], [3.0, 5.0], 2.0), ([1.0, 2.0], [1.0, INF], INF), ([INF, 1.0], [1.0, 1.0], 0.0),
     ([INF], [INF], None), ([0.0, 0.0], [0.0, 0.0], None), ([0.0, 0.0], [1.0, 2.0], INF)],
)  # fmt: skip
def test_means_of_which_no_spread_is_known(
    baseline: list[float], candidate: list[float], ratio: float | None
) -> None:
    assert mean_ratio(baseline, candidate) == Ratio(ratio=ratio, low=0.0, high=INF, p_value=1.0)


def test_equal_constant_means() -> None:
    assert mean_ratio([5.0, 5.0], [5.0, 5.0]) == Ratio(ratio=1.0, low=1.0, high=1.0, p_value=1.0)
    assert mean_ratio([5.0, 5.0], [6.0, 6.0]).p_value == 0.0


@pytest.mark.parametrize(("above", "below", "expected"), [(6.0, 3.0, 2.0), (0.0, 3.0, 0.0)])
def test_division(above: float, below: float, expected: float) -> None:
    assert divided(above, below) == expected


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError):
        mean_ratio([-1.0, 2.0], [1.0, 2.0])
    with pytest.raises(InputError):
        mean_ratio([], [1.0])
    with pytest.raises(InputError):
        Pair.of([1.0], [2.0]).quantile_ratio(0.95, resamples=0)
    with pytest.raises(InputError):
        Pair.of([1.0], [2.0]).quantile_ratio(0.95, confidence=1.0)
    with pytest.raises(InputError, match="seed -1"):
        Pair.of([1.0], [2.0]).quantile_ratio(0.95, seed=-1)
