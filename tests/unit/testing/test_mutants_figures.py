"""Numbers and lengths beside a given one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mangaops.testing.mutants.figures import minutes_half_and_double, nearby, written


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, (-1, 1)),
        (1, (0, 2)),
        (9, (8, 10)),
        (10, (9, 11)),
        (1500, (1350, 1650)),
        (0.05, (0.045, 0.055)),
        (0.0, ()),
    ],
)
def test_a_small_count_moves_by_one_and_all_else_by_a_tenth(
    value: float, expected: tuple[float, ...]
) -> None:
    assert nearby(value) == expected


def test_numbers_are_written_as_in_a_file() -> None:
    assert [written(value) for value in (1350, 0.045, -1, 2.0)] == ["1350", "0.045", "-1", "2"]


@pytest.mark.parametrize(("minutes", "expected"), [(10, (5, 20)), (5, (2, 10)), (1, (2,))])
def test_a_metric_is_read_in_whole_minutes(minutes: int, expected: tuple[int, ...]) -> None:
    found = minutes_half_and_double(timedelta(minutes=minutes))
    assert found == tuple(timedelta(minutes=one) for one in expected)
