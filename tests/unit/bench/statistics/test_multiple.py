"""Holm's adjustment."""

from __future__ import annotations

import math

import pytest

from mangaops.bench.statistics.multiple import holm
from mangaops.errors import InputError


def test_the_example_of_the_r_package_hdlssskst() -> None:
    """Seven p values, of which the third and the seventh are below 5 % (function `Holm`)."""
    adjusted = holm([0.50, 0.01, 0.001, 0.69, 0.02, 0.05, 0.0025])
    assert [p < 0.05 for p in adjusted] == [False, False, True, False, False, False, True]
    assert adjusted == pytest.approx((1.0, 0.05, 0.007, 1.0, 0.08, 0.15, 0.015))


def test_a_worked_example() -> None:
    """Of 0.01, 0.04, 0.03, 0.005: times 4, 3, 2, 1 from the smallest on, and never falling."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


def test_one_value_is_what_it_was_and_none_are_none() -> None:
    assert holm([0.04]) == (0.04,)
    assert holm([]) == ()


def test_equal_values_stay_equal() -> None:
    assert holm([0.05, 0.05, 0.05]) == pytest.approx((0.15, 0.15, 0.15))


def test_no_value_passes_one() -> None:
    assert holm([0.9, 0.8, 1.0, 0.0]) == (1.0, 1.0, 1.0, 0.0)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan, math.inf])
def test_what_is_no_p_value_is_refused(p: float) -> None:
    with pytest.raises(InputError):
        holm([0.5, p])
