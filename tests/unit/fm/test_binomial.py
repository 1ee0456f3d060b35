"""Clopper and Pearson's bounds against scipy's."""

from __future__ import annotations

import pytest
import scipy.stats

from mangaops.fm.binomial import at_least, at_most, lower_bound, upper_bound

CALLS = (1, 2, 3, 7, 20, 59, 60, 100, 333, 2_000, 30_000)


def some(calls: int) -> list[int]:
    shares = (0, 0.01, 0.03, 0.05, 0.15, 0.5, 0.9, 1)
    return sorted({round(calls * share) for share in shares} | {min(1, calls)})


@pytest.mark.parametrize("calls", CALLS)
def test_the_bounds_are_those_of_scipy(calls: int) -> None:
    for failures in some(calls):
        exact = scipy.stats.binomtest(failures, calls)
        low = exact.proportion_ci(0.9, method="exact").low
        high = exact.proportion_ci(0.9, method="exact").high
        assert lower_bound(failures, calls) == pytest.approx(low, abs=1e-9)
        assert upper_bound(failures, calls) == pytest.approx(high, abs=1e-9)


@pytest.mark.parametrize("calls", CALLS)
@pytest.mark.parametrize("rate", [0.001, 0.03, 0.05, 0.5, 0.97])
def test_the_tails_are_those_of_scipy(calls: int, rate: float) -> None:
    for failures in some(calls):
        above = scipy.stats.binom.sf(failures - 1, calls, rate)
        below = scipy.stats.binom.cdf(failures, calls, rate)
        assert at_least(failures, calls, rate) == pytest.approx(above, rel=1e-9, abs=1e-12)
        assert at_most(failures, calls, rate) == pytest.approx(below, rel=1e-9, abs=1e-12)


def test_what_is_certain_and_what_nothing_is_known_of() -> None:
    assert (at_least(0, 10, 0.5), at_least(11, 10, 0.5)) == (1, 0)
    assert (at_least(1, 10, 0.0), at_least(1, 10, 1.0)) == (0, 1)
    assert (at_most(10, 10, 0.5), at_most(0, 0, 0.5)) == (1, 1)
    assert (lower_bound(0, 0), upper_bound(0, 0)) == (0, 1)
    assert upper_bound(5, 5) == 1


def test_the_figures_of_the_specification() -> None:
    """Of 20 calls, 3 failures trip as 15 %; without that rule it takes 4 to be certain of 5 %."""
    assert lower_bound(3, 20) < 0.05 < lower_bound(4, 20)
    assert upper_bound(0, 98) > 0.03 > upper_bound(0, 99)
