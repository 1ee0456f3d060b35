"""Numbers and lengths of time beside a given one: near enough to be a slip of the hand.

A number becomes nine tenths and eleven tenths of itself. A whole number below ten moves by
one instead, so that a count of 1 becomes 0 and 2; a whole number stays whole. A length of
time is halved and doubled.
"""

from __future__ import annotations

from datetime import timedelta

from mangaops.model.time import format_duration

_SMALL = 10
_MINUTE = timedelta(minutes=1)


def nearby(value: float) -> tuple[float, ...]:
    """The number below and the number above; empty for 0.0, which has no tenth."""
    if isinstance(value, int):
        step = 1 if abs(value) < _SMALL else max(1, round(abs(value) / 10))
        return (value - step, value + step)
    found = (round(value * 0.9, 12), round(value * 1.1, 12))
    return () if found[0] == value else found


def written(value: float) -> str:
    """As it stands in a file: `1350`, `0.045`, `-1`."""
    return str(value) if isinstance(value, int) else f"{value:.12g}"


def half_and_double(length: timedelta) -> tuple[timedelta, timedelta]:
    return (length / 2, length * 2)


def minutes_half_and_double(length: timedelta) -> tuple[timedelta, ...]:
    """In whole minutes, as CloudWatch wants them; what would be the same is left out."""
    half = max(1, (length // 2) // _MINUTE) * _MINUTE
    return tuple(one for one in (half, length * 2) if one != length)


def spelled(length: timedelta) -> str:
    """`2m30s`; a length below a second as it is."""
    return format_duration(length)
