"""What holds for any two samples: units, order, sides, failures, few samples."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops import bench
from mangaops.bench.comparing.comparison import Comparison, Verdict
from mangaops.bench.comparing.rules import Rules

RULES = Rules(resamples=1000)
VALUES = st.one_of(st.sampled_from([10.0, 11.0, 12.0, 50.0, math.inf]), st.floats(1, 1e4))


@st.composite
def samples(draw: st.DrawFn, least: int = 60) -> list[float]:
    """Some values drawn by hand, spread over as many as a p95 needs."""
    few = draw(st.lists(VALUES, min_size=1, max_size=12))
    n = draw(st.integers(least, 160))
    chosen = random.Random(draw(st.integers(0, 2**16)))  # noqa: S311 - a test's own
    return [chosen.choice(few) for _ in range(n)]


def compare(a: list[float], b: list[float]) -> Comparison:
    return bench.compare(a, b, RULES)


@settings(max_examples=60, deadline=None)
@given(a=samples(), b=samples(), unit=st.sampled_from([0.001, 0.5, 3.0, 1000.0]))
def test_another_unit_changes_neither_ratio_nor_verdict(
    a: list[float], b: list[float], unit: float
) -> None:
    plain, scaled = compare(a, b), compare([x * unit for x in a], [x * unit for x in b])
    for one, other in ((plain.ratio, scaled.ratio), (plain.low, scaled.low)):
        assert one == other or one == pytest.approx(other)
    assert plain.high == scaled.high or plain.high == pytest.approx(scaled.high)
    assert (plain.verdict, plain.severity) == (scaled.verdict, scaled.severity)
    assert plain.cliffs_delta == pytest.approx(scaled.cliffs_delta)


@settings(max_examples=60, deadline=None)
@given(a=samples(), b=samples(), seed=st.integers(0, 2**16))
def test_the_order_of_the_samples_changes_nothing(
    a: list[float], b: list[float], seed: int
) -> None:
    mixed = [*a], [*b]
    for side in mixed:
        random.Random(seed).shuffle(side)  # noqa: S311 - a test's own
    assert compare(*mixed) == compare(a, b)


@settings(max_examples=60, deadline=None)
@given(a=samples(), b=samples())
def test_swapped_sides_invert_the_ratio_and_never_both_fail(a: list[float], b: list[float]) -> None:
    there, back = compare(a, b), compare(b, a)
    if there.ratio is None:
        assert back.ratio is None
    elif there.ratio == 0:
        assert back.ratio == math.inf
    else:
        assert back.ratio == pytest.approx(1 / there.ratio)
    assert there.cliffs_delta == -(back.cliffs_delta or 0)
    assert there.mann_whitney_p == back.mann_whitney_p
    assert (there.verdict, back.verdict) != (Verdict.FAIL, Verdict.FAIL)


@settings(max_examples=60, deadline=None)
@given(a=samples(), b=samples(), failed=st.integers(1, 20))
def test_failures_of_the_candidate_never_make_it_pass(
    a: list[float], b: list[float], failed: int
) -> None:
    before, after = compare(a, b), compare(a, b + [math.inf] * failed)
    assert not (before.verdict is Verdict.FAIL and after.verdict is Verdict.PASS)


@settings(max_examples=60, deadline=None)
@given(a=samples(), b=samples(), failed=st.integers(1, 20))
def test_equal_failures_on_both_sides_never_turn_a_failure_into_a_pass(
    a: list[float], b: list[float], failed: int
) -> None:
    more = [math.inf] * failed
    before, after = compare(a, b), compare(a + more, b + more)
    assert not (before.verdict is Verdict.FAIL and after.verdict is Verdict.PASS)


@settings(max_examples=60, deadline=None)
@given(a=samples(least=1).map(lambda side: side[:59]), b=samples(least=1))
def test_fewer_than_sixty_never_have_a_verdict(a: list[float], b: list[float]) -> None:
    assert compare(a, b).verdict is Verdict.INCONCLUSIVE
    assert compare(b, a).verdict is Verdict.INCONCLUSIVE


@settings(max_examples=60, deadline=None)
@given(a=samples(), b=samples())
def test_a_verdict_is_inconclusive_just_when_a_reason_decides(
    a: list[float], b: list[float]
) -> None:
    found = compare(a, b)
    decides = any(reason.decides for reason in found.reasons)
    assert decides is (found.verdict is Verdict.INCONCLUSIVE)
    assert (found.severity is not None) is (found.verdict is Verdict.FAIL)


@settings(max_examples=30, deadline=None)
@given(a=samples(), b=samples())
def test_arrays_and_sequences_are_the_same(a: list[float], b: list[float]) -> None:
    before, after = np.array(a), np.array(b)
    assert bench.compare(before, after, RULES) == compare(a, b)
    assert before.tolist() == a
