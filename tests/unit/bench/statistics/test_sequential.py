"""Boundaries for several looks, against published ones and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from mangaops.bench.statistics.sequential import boundaries
from mangaops.errors import InputError


def test_the_published_boundaries_of_five_equal_looks() -> None:
    """As the program of Reboussin, DeMets, Kim and Lan (R package ldbounds) gives them."""
    looks = boundaries((0.2, 0.4, 0.6, 0.8, 1.0), 0.025)
    expected = (4.8769, 3.3569, 2.6803, 2.2898, 2.0310)
    assert [one.z for one in looks] == pytest.approx(expected, abs=2e-4)
    assert looks[-1].spent == pytest.approx(0.025, rel=1e-12)


def test_one_look_spends_all_at_once() -> None:
    (one,) = boundaries(1, 0.05)
    assert one.z == pytest.approx(1.6448536269514722, rel=1e-9)
    assert one.confidence == pytest.approx(0.95)


def test_looks_double_and_the_last_one_costs_little() -> None:
    looks = boundaries(4)
    assert [one.share for one in looks] == [0.125, 0.25, 0.5, 1.0]
    assert [one.level for one in looks] == sorted(one.level for one in looks)
    assert 0.045 < looks[-1].level < 0.05
    assert [one.spent for one in looks] == sorted(one.spent for one in looks)


@pytest.mark.parametrize("looks", [2, 4])
def test_all_looks_together_alarm_as_often_as_promised(looks: int) -> None:
    found = boundaries(looks, 0.05)
    generator = np.random.default_rng(looks)
    steps = np.diff([0.0, *(one.share for one in found)])
    sums = np.cumsum(generator.normal(size=(200_000, looks)) * np.sqrt(steps), axis=1)
    passed = sums / np.sqrt([one.share for one in found]) > [one.z for one in found]
    assert passed.any(axis=1).mean() == pytest.approx(0.05, abs=0.002)


@pytest.mark.parametrize("looks", [0, 21, (), (0.5,), (0.0, 1.0), (0.5, 0.5, 1.0)])
def test_what_are_no_looks_is_refused(looks: int | tuple[float, ...]) -> None:
    with pytest.raises(InputError):
        boundaries(looks)


@pytest.mark.parametrize("alpha", [0.0, 0.5, -1.0])
def test_what_is_no_alpha_is_refused(alpha: float) -> None:
    with pytest.raises(InputError):
        boundaries(3, alpha)
