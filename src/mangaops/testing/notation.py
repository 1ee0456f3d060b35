"""Series in a compact form: repeats, ramps and gaps, one value a minute, the newest last.

    900           one value             900x30        thirty of them
    900+100x5     900 1000 1100 1200 1300             900-100x3     900 800 700
    900..1300x5   the same by its ends  _  _x10       a gap, ten of them

The number behind `x` counts values. Pieces stand behind each other: `900x10 _x2 3400x18`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

MOST = 20_160
"""Values of one series: two weeks by the minute, more than any window of a runbook."""

LARGEST = 1e100
"""Numbers up to here can be summed up without an end."""

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_PIECE = re.compile(
    rf"(?:(?P<gap>_)|(?P<first>{_NUMBER})"
    rf"(?:(?P<step>[+-][0-9]+(?:\.[0-9]+)?)|\.\.(?P<last>{_NUMBER}))?)(?:x(?P<times>[0-9]{{1,6}}))?"
)
_HINT = "for example 900x30, 900+100x5, 900..1300x5 or 900x10 _x5 900x15"

StatisticMinutes = Mapping[str, tuple[float | None, ...]]
NO_MINUTES: StatisticMinutes = MappingProxyType({})


class NotationError(Exception):
    """What cannot be read as a series; `offset` is its place in the text, from 0."""

    def __init__(self, message: str, *, offset: int = 0, hint: str = _HINT) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint


def minutes(text: str) -> tuple[float | None, ...]:
    """The value of each minute, None in a gap; raises NotationError."""
    values: list[float | None] = []
    for piece in re.finditer(r"\S+", text):
        values += _piece(piece[0], piece.start())
        if len(values) > MOST:
            what = f"more than {MOST:,} values"
            raise NotationError(what, offset=piece.start(), hint="one value is one minute")
    if not values:
        raise NotationError("no value", hint=_HINT)
    return tuple(values)


def written(values: tuple[float | None, ...]) -> str:
    """The notation of these values, with repeats put together; `minutes` reads it back."""
    pieces = []
    for value, times in _runs(values):
        word = "_" if value is None else f"{value:.12f}".rstrip("0").rstrip(".")
        pieces.append(word if times == 1 else f"{word}x{times}")
    return " ".join(pieces)


def _runs(values: tuple[float | None, ...]) -> Iterator[tuple[float | None, int]]:
    start = 0
    for position in range(1, len(values) + 1):
        if position == len(values) or values[position] != values[start]:
            yield values[start], position - start
            start = position


def _piece(word: str, offset: int) -> list[float | None]:
    found = _PIECE.fullmatch(word)
    if found is None:
        raise NotationError(f'"{word[:40]}" is no piece of a series', offset=offset)
    times = int(found["times"] or 1)
    if not 1 <= times <= MOST:
        what = f'"{word[:40]}" repeats {times:,} times'
        raise NotationError(what, offset=offset, hint=f"1 to {MOST:,} times")
    if found["gap"]:
        return [None] * times
    if any(abs(float(found[name] or 0)) >= LARGEST for name in ("first", "step", "last")):
        raise NotationError(f'"{word[:40]}" has too large a number', offset=offset)
    first = float(found["first"])
    if found["times"] is None and (found["step"] or found["last"]):
        what = f'"{word[:40]}" does not say how many values it has'
        raise NotationError(what, offset=offset, hint=f"{word[:40]}x30")
    if found["step"]:
        step = float(found["step"])
        return [_rounded(first + step * n) for n in range(times)]
    if found["last"]:
        return _between(first, float(found["last"]), times, word, offset)
    return [first] * times


def _between(first: float, last: float, times: int, word: str, offset: int) -> list[float | None]:
    if times == 1:
        what = f'"{word[:40]}" has two ends and one value'
        raise NotationError(what, offset=offset, hint="at least x2")
    return [_rounded(first + (last - first) * n / (times - 1)) for n in range(times)]


def _rounded(value: float) -> float:
    """Without the dust of binary fractions: 0.1+0.1x3 ends with 0.3."""
    return round(value, 9)
