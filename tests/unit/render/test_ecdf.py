"""Curves and bars of characters, counted by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaops.render.ecdf import Curve, curve, ecdf_lines, histogram_lines

CURVES = """\
        answered within   o before   x after   # both
 100 % |                            o
       |                            o
  80 % |                   ooooooooox
       |                   o        x
  60 % |                   o        x
       |         ooooooooooxxxxxxxxx
  40 % |         o         x
       |oooooooooxxxxxxxxxx
  20 % |o        x
       |o        x
       +-----------------------------
       100  150  200 250  300     400 ms
        after: 1 of 4 calls failed
"""
LATENCY = st.one_of(st.floats(min_value=0, max_value=1e9, allow_nan=False), st.just(math.inf))


def test_failed_calls_are_counted_beside_the_answered_ones() -> None:
    one = curve("a", [30.0, math.inf, 10.0])
    assert (one.answered, one.failed, one.calls) == ([10.0, 30.0], 1, 3)
    assert [one.share(ms) for ms in (9, 10, 29.9, 30)] == [0, 1 / 3, 1 / 3, 2 / 3]


def test_two_curves_over_one_axis() -> None:
    before, after = curve("before", [100, 200, 300, 400]), curve("after", [200, 300, 400, math.inf])
    assert list(ecdf_lines(before, after, width=40, colour=False)) == CURVES.splitlines()


def test_a_curve_that_failed_ends_below_the_top() -> None:
    lines = list(ecdf_lines(curve("a", [1, 2]), curve("b", [1, math.inf]), width=60, colour=False))
    top = next(line for line in lines if line.startswith(" 100 %"))
    assert "o" in top
    assert "x" not in top
    assert lines[-1].strip() == "b: 1 of 2 calls failed"


def test_where_all_failed_there_is_nothing_to_draw() -> None:
    none = curve("a", [math.inf, math.inf])
    for draw in (ecdf_lines, histogram_lines):
        told = list(draw(none, none, width=80, colour=False))
        assert told == ["        a: 2 of 2 calls failed, a: 2 of 2 calls failed"]


def test_bars_hold_every_call_once() -> None:
    lines = list(
        histogram_lines(
            curve("before", [100, 150, 199, 300]),
            curve("after", [150, 250, 300, 300]),
            width=60,
            colour=False,
        )
    )
    assert lines[0].split() == ["ms", "before", "after"]
    assert sum(int(word) for line in lines[1:] for word in line.split()[3:] if word.isdigit()) == 8


@pytest.mark.parametrize("width", [1, 40, 80, 300])
@given(one=st.lists(LATENCY, min_size=1, max_size=30), other=st.lists(LATENCY, max_size=30))
def test_anything_can_be_drawn_and_fits(width: int, one: list[float], other: list[float]) -> None:
    a, b = curve("v2.0", one), curve("v2.1", other)
    for draw in (ecdf_lines, histogram_lines):
        lines = list(draw(a, b, width=width, colour=False))
        assert all(len(line) <= max(width, 110) for line in lines)


def test_a_curve_without_calls_has_no_share() -> None:
    assert Curve(label="a", answered=[]).share(100) == 0
