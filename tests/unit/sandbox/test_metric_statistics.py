"""CloudWatch's statistics over raw values, against numpy and against AWS's definitions."""

from __future__ import annotations

from array import array
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaops.sandbox.metrics import Point, StatisticSet
from mangaops.sandbox.services.cloudwatch.statistics import Sample, parse, pool

VALUES = st.lists(st.floats(0, 1e6), min_size=1, max_size=50)
COUNTS = st.integers(1, 5)


def _sample(values: list[float], counts: list[float] | None = None) -> Sample:
    pooled = pool([Point(array("d", values), array("d", counts or [1.0] * len(values)))])
    assert pooled is not None
    return pooled


def _stat(text: str, values: list[float]) -> float | None:
    statistic = parse(text)
    assert statistic is not None
    return statistic(_sample(values))


@given(st.lists(st.tuples(st.floats(0, 1e6), COUNTS), min_size=1, max_size=30), st.floats(0, 100))
def test_a_percentile_is_numpys_over_the_values_written_out(
    pairs: list[tuple[float, int]], q: float
) -> None:
    statistic = parse(f"p{q:.4f}")
    assert statistic is not None
    sample = _sample([value for value, _ in pairs], [float(count) for _, count in pairs])
    expanded = [value for value, count in pairs for _ in range(count)]
    expected = float(np.percentile(expanded, float(f"{q:.4f}")))
    assert statistic(sample) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(VALUES)
def test_percentiles_never_fall(values: list[float]) -> None:
    told = [_stat(f"p{q}", values) or 0.0 for q in range(0, 101, 10)]
    assert all(low <= high + 1e-6 for low, high in pairwise(told))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sum", 55.0),
        ("Average", 5.5),
        ("Minimum", 1.0),
        ("Maximum", 10.0),
        ("SampleCount", 10.0),
        ("p50", 5.5),
        ("p100", 10.0),
        ("p99.9", 9.991),
        ("tm90", 5.0),
        ("tc90", 9.0),
        ("ts90", 45.0),
        ("TM(10%:90%)", 5.5),
        ("TM(2:4)", 3.5),
        ("TC(:3)", 3.0),
        ("PR(5:8)", 30.0),
        ("PR(:1)", 10.0),
        ("WM(:5)", 4.0),
        ("IQM", 5.5),
    ],
)
def test_each_statistic_of_one_to_ten(text: str, expected: float) -> None:
    assert _stat(text, [float(value) for value in range(1, 11)]) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", ["", "avg", "p101", "p", "P95", "p-1", "TM(5:1)", "TM(:)", "PR(1%:2%)", "TM(1.2.3:4)"]
)
def test_what_is_no_statistic_is_none(text: str) -> None:
    assert parse(text) is None


def _set(count: float, low: float, high: float) -> StatisticSet:
    return StatisticSet(sample_count=count, total=count * low, minimum=low, maximum=high)


def test_a_statistic_set_hides_percentiles_and_nothing_else() -> None:
    pooled = pool([Point(array("d", [5.0]), array("d", [1.0])), Point(sets=[_set(3, 1.0, 9.0)])])
    assert pooled == Sample(count=4, total=8.0, minimum=1.0, maximum=9.0, values=None)
    statistic = parse("p95")
    assert statistic is not None
    assert statistic(pooled) is None


@pytest.mark.parametrize("summary", [_set(1, 7.0, 7.0), _set(4, 7.0, 7.0)])
def test_a_set_of_one_value_is_that_value(summary: StatisticSet) -> None:
    pooled = pool([Point(sets=[summary])])
    assert pooled is not None
    assert pooled.values == ((7.0, summary.sample_count),)


def test_negative_values_have_no_percentile() -> None:
    assert _stat("p50", [-1.0, 2.0]) is None
    assert _stat("Minimum", [-1.0, 2.0]) == -1.0


def test_no_values_are_no_sample() -> None:
    assert pool([]) is None
    assert pool([Point()]) is None
