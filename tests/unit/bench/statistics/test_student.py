"""Student's t against scipy, far into the tail."""

from __future__ import annotations

import math

import pytest
import scipy.stats

from mangaops.bench.statistics.student import two_sided
from mangaops.errors import InputError


@pytest.mark.parametrize("freedom", [0.3, 1.0, 2.5, 4.0, 8.0, 29.7, 58.0, 400.0])
def test_the_chance_is_that_of_scipy(freedom: float) -> None:
    for t in (0.0, 0.1, 0.7, 1.0, 1.96, 3.5, 8.0, 25.0, 300.0):
        expected = 2 * scipy.stats.t.sf(t, freedom)
        assert two_sided(t, freedom) == pytest.approx(expected, rel=1e-10)
        assert two_sided(-t, freedom) == two_sided(t, freedom)


def test_the_table_of_every_textbook() -> None:
    """2.262 at 9 degrees of freedom leaves 5 % on both sides."""
    assert two_sided(2.262157, 9) == pytest.approx(0.05, rel=1e-6)
    assert two_sided(12.706205, 1) == pytest.approx(0.05, rel=1e-6)


def test_hardly_any_t_keeps_its_digits() -> None:
    """One degree of freedom is the Cauchy distribution. scipy answers 1 here."""
    assert 1 - two_sided(1e-9, 1) == pytest.approx(2 * math.atan(1e-9) / math.pi, rel=1e-6)


def test_an_infinite_t_has_no_chance() -> None:
    assert two_sided(math.inf, 8) == two_sided(-math.inf, 8) == 0.0


@pytest.mark.parametrize(("t", "freedom"), [(1.0, 0.0), (1.0, math.nan), (math.nan, 3.0)])
def test_what_is_no_t_is_refused(t: float, freedom: float) -> None:
    with pytest.raises(InputError):
        two_sided(t, freedom)
