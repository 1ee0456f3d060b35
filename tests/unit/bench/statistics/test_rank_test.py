"""Mann-Whitney U against scipy, by hand, and with every kind of tie."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from mangaops.bench.statistics import rank_test as module
from mangaops.bench.statistics.pair import Pair
from mangaops.bench.statistics.rank_test import RankTest, rank_test
from mangaops.errors import InputError

INF = math.inf


def test_tortoises_and_hares() -> None:
    """The worked example of textbooks: T H H H H H T T T T T H gives U = 25 and U = 11."""
    order = "THHHHHTTTTTH"
    tortoises = [float(place) for place, who in enumerate(order) if who == "T"]
    hares = [float(place) for place, who in enumerate(order) if who == "H"]
    assert Pair.of(tortoises, hares).rank_test().u == 11
    assert Pair.of(hares, tortoises).rank_test().u == 25


def test_the_exact_example_of_scipy_s_documentation() -> None:
    """Ages at diagnosis of five men and four women: U = 17 and 3, exact p = 1/9."""
    one = Pair.of([20, 11, 17, 12], [19, 22, 16, 29, 24]).rank_test()
    assert one.u == 17
    assert one.p_value == pytest.approx(1 / 9, rel=1e-12)
    assert one.cliffs_delta == pytest.approx(0.7)


def sample(generator: np.random.Generator, kind: str) -> np.ndarray:
    n = int(generator.integers(1, 45))
    match kind:
        case "continuous":
            return generator.lognormal(7, 0.434, n)
        case "ticks":
            return np.round(generator.lognormal(7, 0.434, n), -2)
        case "heavy ties":
            return generator.integers(0, 3, n).astype(float)
        case "failures":
            values = np.round(generator.lognormal(3, 1, n))
            return np.where(generator.random(n) < 0.3, INF, values)
        case _:
            return generator.choice([0.0, -0.0, 5e-324, 1.0, np.nextafter(1.0, 2), INF], n)


@pytest.mark.parametrize("kind", ["continuous", "ticks", "heavy ties", "failures", "odd values"])
def test_u_and_p_are_those_of_scipy(kind: str) -> None:
    generator = np.random.default_rng(len(kind))
    for _ in range(120):
        a, b = sample(generator, kind), sample(generator, kind)
        ours = Pair.of(a, b).rank_test()
        expected = scipy.stats.mannwhitneyu(b, a)
        assert ours.u == expected.statistic
        p_value = 1.0 if np.unique([*a, *b]).size == 1 else expected.pvalue
        assert ours.p_value == pytest.approx(p_value, abs=1e-9)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 40), (3, 3), (8, 200), (8, 8)])
def test_the_exact_distribution_is_that_of_scipy(n: int, m: int) -> None:
    generator = np.random.default_rng(n * m)
    for _ in range(10):
        a, b = generator.random(n), generator.random(m) + generator.choice([0, 0.5])
        expected = scipy.stats.mannwhitneyu(b, a, method="exact").pvalue
        assert Pair.of(a, b).rank_test().p_value == pytest.approx(expected, abs=1e-12)


def test_sizes_that_are_far_apart_are_exact_too() -> None:
    """One value among a million has a uniform rank: the normal form would say 0.80."""
    one = Pair.of([0.428], np.linspace(0, 1, 1_000_000)).rank_test()
    assert one.p_value == pytest.approx(0.856, abs=1e-5)


def test_large_samples_with_ties_over_the_borders_of_pieces(monkeypatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 64)
    generator = np.random.default_rng(5)
    for spread in (1, 3, 40, 5000):
        a, b = (generator.integers(0, spread, 3000).astype(float) for _ in range(2))
        expected = scipy.stats.mannwhitneyu(b, a)
        ours = Pair.of(a, b).rank_test()
        assert ours.u == expected.statistic
        p_value = 1.0 if spread == 1 else expected.pvalue
        assert ours.p_value == pytest.approx(p_value, abs=1e-9)


def test_the_sums_of_runs_are_those_of_their_lengths(monkeypatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 16)
    for seed in range(20):
        generator = np.random.default_rng(seed)
        values = np.sort(generator.integers(0, 1 + 8 * seed, 16 * 5 + seed)).astype(float)
        lengths = np.unique(values, return_counts=True)[1]
        assert module._powers_of_runs(values) == ((lengths**2).sum(), (lengths**3).sum())


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2), (50, 70)])
@pytest.mark.parametrize("value", [0.0, 12.5, INF])
def test_equal_values_everywhere_show_nothing(sizes: tuple[int, int], value: float) -> None:
    n, m = sizes
    one = Pair.of([value] * n, [value] * m).rank_test()
    assert one == RankTest(u=n * m / 2, p_value=1.0, cliffs_delta=0.0)


def test_identical_samples_show_nothing() -> None:
    values = np.random.default_rng(1).lognormal(7, 1, 200)
    one = Pair.of(values, values).rank_test()
    assert one.cliffs_delta == 0.0
    assert one.p_value == pytest.approx(1.0, abs=0.01)


def test_cliffs_delta_is_one_for_what_is_wholly_slower() -> None:
    assert Pair.of([1.0, 2.0], [3.0, INF]).rank_test().cliffs_delta == 1.0
    assert Pair.of([3.0, INF], [1.0, 2.0]).rank_test().cliffs_delta == -1.0


def test_one_bit_of_difference_is_no_tie() -> None:
    assert Pair.of([1.0], [np.nextafter(1.0, 2.0)]).rank_test().u == 1.0


def test_minus_zero_is_zero() -> None:
    assert Pair.of([0.0], [-0.0]).rank_test().u == 0.5


def test_neither_side_is_written_to() -> None:
    pair = Pair.of([3.0, 1.0], [2.0, 2.0])
    pair.rank_test()
    assert pair.baseline.tolist() == [1.0, 3.0]
    with pytest.raises(ValueError, match="read-only"):
        pair.baseline[0] = 9.0


def test_what_was_given_is_not_sorted_in_place() -> None:
    given = np.array([3.0, 1.0])
    Pair.of(given, given)
    assert given.tolist() == [3.0, 1.0]


@pytest.mark.parametrize(
    ("baseline", "candidate", "words"),
    [
        ([], [1.0], "the baseline is empty"),
        ([1.0], [], "the candidate is empty"),
        ([1.0, math.nan], [1.0], "the baseline holds NaN"),
        ([1.0, None], [1.0], "the baseline holds NaN"),
        ([1.0], [-1.0], "the candidate holds -1"),
        ([1.0], ["one"], "the candidate holds what is no number"),
    ],
)
def test_what_is_no_sample_is_refused_by_side(
    baseline: list[float], candidate: list[float], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        Pair.of(baseline, candidate)


def test_negative_values_are_refused_and_not_compared_wrongly() -> None:
    with pytest.raises(InputError):
        rank_test(np.array([-1.0]), np.array([1.0]))
