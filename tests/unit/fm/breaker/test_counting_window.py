"""Counts over the last seconds, against a list of all that was counted."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops.fm.breaker.window import Window

STEPS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.3, 0.99, 1.0, 7.5, 61.0, 9e5]), st.sets(st.integers(0, 2))),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, seconds=st.sampled_from([1, 10, 60, 2.5]), start=st.floats(-1e4, 1e4))
def test_it_counts_what_a_list_counts(
    steps: list[tuple[float, set[int]]], seconds: float, start: float
) -> None:
    window, now = Window(seconds, 3), start
    counted: list[tuple[float, int]] = []
    size = -(-seconds // 1)
    for passed, which in steps:
        now += passed
        window.add(now, *which)
        counted += [(now, one) for one in which]
        recent = [one for at, one in counted if now // 1 - at // 1 < size]
        assert window.at(now) == [recent.count(one) for one in range(3)]
        assert len(window._buckets) <= size


def test_what_was_counted_goes_by_itself() -> None:
    window = Window(60, 1)
    window.add(0.9, 0)
    assert window.at(59.9) == [1]
    assert window.at(60.0) == [0]
    window.add(60.0, 0)
    window.clear()
    assert window.at(60.0) == [0]
