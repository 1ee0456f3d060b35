"""Series in compact notation, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaops.testing.notation import MOST, NotationError, minutes, written


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("900", (900,)),
        ("900x3", (900, 900, 900)),
        ("900+100x5", (900, 1000, 1100, 1200, 1300)),
        ("900-100x3", (900, 800, 700)),
        ("900..1300x5", (900, 1000, 1100, 1200, 1300)),
        ("5..-5x3", (5, 0, -5)),
        ("-1-1x3", (-1, -2, -3)),
        ("0.1+0.1x3", (0.1, 0.2, 0.3)),
        ("1 _ 2 _x2", (1, None, 2, None, None)),
        ("  1x2\n  3", (1, 1, 3)),
    ],
)
def test_pieces_become_values_a_minute(text: str, values: tuple[float | None, ...]) -> None:
    assert minutes(text) == values


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "no value", 0),
        ("900y30", '"900y30" is no piece of a series', 0),
        ("1x3 2x", '"2x" is no piece of a series', 4),
        ("9" * 400, f'"{"9" * 40}" has too large a number', 0),
        ("1..1" + "0" * 120 + "x2", f'"1..1{"0" * 36}" has too large a number', 0),
        ("\u0663x3", '"\u0663x3" is no piece of a series', 0),
        ("1e9", '"1e9" is no piece of a series', 0),
        ("nan", '"nan" is no piece of a series', 0),
        ("1+1", '"1+1" does not say how many values it has', 0),
        ("1..5", '"1..5" does not say how many values it has', 0),
        ("1..5x1", '"1..5x1" has two ends and one value', 0),
        ("1x0", '"1x0" repeats 0 times', 0),
        ("1x99999", '"1x99999" repeats 99,999 times', 0),
        (f"1x{MOST} 2", f"more than {MOST:,} values", 8),
    ],
)
def test_what_is_no_series_is_told_with_its_place(text: str, message: str, offset: int) -> None:
    with pytest.raises(NotationError) as error:
        minutes(text)
    assert (error.value.message, error.value.offset) == (message, offset)


@given(st.lists(st.none() | st.integers(-10_000, 10_000).map(lambda n: n / 8), min_size=1))
def test_what_is_written_reads_back_the_same(values: list[float | None]) -> None:
    assert minutes(written(tuple(values))) == tuple(values)
