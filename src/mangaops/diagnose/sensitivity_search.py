"""The range around a number in which a conclusion stays the same.

Outwards in geometric steps to the first value that leads elsewhere, then bisection
between it and the last one that does not. From 0, which has no shares, the steps are 1, 2,
5, 10 and so on, up to what was observed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from mangaops.model.diagnosis import Verdict

FARTHEST = 4.0
"""Values are looked at from a quarter to this many times the present one."""
STEPS = 12
RESOLUTION = 0.001
"""Ends of numbers that are not whole are told within this share of the present value."""
_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a walk says. Unknown, without id and verdict, where it `needs` evidence that was
    not read, or an answer to a `question` that was not asked.
    """

    id: str = ""
    verdict: Verdict = Verdict.NONE
    needs: tuple[str, ...] = ()
    question: str = ""

    @property
    def unknown(self) -> bool:
        return not self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """`last` is the farthest value that changes nothing, `at` one close behind it that
    leads to `becomes`.
    """

    last: float
    at: float
    becomes: Conclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Nothing changed up to here, the farthest value that was looked at."""

    looked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    below: Turn | End
    above: Turn | End


class Number(Protocol):
    """What can be shifted. `quantum` is the step of its values, None where any will do;
    `least` the smallest sensible one; `observed` what a value of 0 was compared with.
    """

    @property
    def value(self) -> float: ...
    @property
    def quantum(self) -> float | None: ...
    @property
    def least(self) -> float: ...
    @property
    def observed(self) -> float: ...


Conclude: TypeAlias = Callable[[float], Conclusion]


def ranged(number: Number, present: Conclusion, conclude: Conclude) -> Range:
    """The stable range around the present value of `number`."""
    return Range(
        below=_end(number, present, conclude, list(_outwards(number, up=False))),
        above=_end(number, present, conclude, list(_outwards(number, up=True))),
    )


def _outwards(number: Number, *, up: bool) -> Iterator[float]:
    """Values to look at, the nearest first; smaller means nearer to zero."""
    if number.value == 0:
        yield from _from_zero(number) if up == (number.observed >= 0) else ()
        return
    last = number.value
    for step in range(1, STEPS + 1):
        factor = FARTHEST ** ((step if up else -step) / STEPS)
        value = _on_lattice(number, number.value * factor, up=up)
        if value != last and abs(value) >= number.least:
            yield value
            last = value
    if not up and number.least == 0 and last != 0:
        yield 0


def _from_zero(number: Number) -> Iterator[float]:
    """Towards what was observed, that itself with its neighbours, or up to 10 of anything."""
    unit = number.quantum or _scale(number) / 1000
    farthest = abs(number.observed) or 10 * (number.quantum or 1)
    values = {farthest, max(unit, farthest - unit), farthest + unit}
    step = unit
    while step < farthest:
        values |= {step, 2 * step, 5 * step}
        step *= 10
    sign = math.copysign(1, number.observed)
    reached = sorted(value for value in values if value <= farthest + unit)
    yield from (sign * value for value in dict.fromkeys(_lattices(number, reached)))


def _lattices(number: Number, values: list[float]) -> Iterator[float]:
    return (_on_lattice(number, value, up=True) for value in values)


def _scale(number: Number) -> float:
    return abs(number.value) or abs(number.observed) or 1.0


def _on_lattice(number: Number, value: float, *, up: bool) -> float:
    if number.quantum is None:
        return value
    steps = value / number.quantum
    whole = math.ceil(steps) if up == (value > 0) else math.floor(steps)
    return whole * number.quantum


def _end(
    number: Number, present: Conclusion, conclude: Conclude, values: list[float]
) -> Turn | End:
    last = number.value
    for value in values:
        became = conclude(value)
        if became != present:
            return _bisected(
                number, present, conclude, last, Turn(last=last, at=value, becomes=became)
            )
        last = value
    return End(looked=last)


def _bisected(
    number: Number, present: Conclusion, conclude: Conclude, last: float, turn: Turn
) -> Turn:
    """The turn, as near to `last` as the resolution goes."""
    at, became = turn.at, turn.becomes
    while (middle := _between(number, last, at)) is not None:
        found = conclude(middle)
        if found == present:
            last = middle
        else:
            at, became = middle, found
    if number.quantum is not None:
        return Turn(last=last, at=at, becomes=became)
    told, behind = _rounded(last, towards=number.value), _rounded(at, towards=turn.at)
    return Turn(last=told, at=behind, becomes=conclude(behind))


def _between(number: Number, last: float, at: float) -> float | None:
    """A value between the two, None when they are neighbours."""
    if number.quantum is None:
        near = abs(at - last) <= RESOLUTION / 4 * _scale(number)
        return None if near else (last + at) / 2
    steps = round(abs(at - last) / number.quantum)
    if steps <= 1:
        return None
    return last + math.copysign(steps // 2 * number.quantum, at - last)


def _rounded(value: float, *, towards: float) -> float:
    """To four digits, never past `towards`: nobody reads more."""
    if value in {0, towards}:
        return value
    size = 10.0 ** (math.floor(math.log10(abs(value))) + 1 - _DIGITS)
    steps = math.ceil(value / size) if towards > value else math.floor(value / size)
    near = float(f"{steps * size:.{_DIGITS}g}")
    return near if abs(near - value) <= abs(towards - value) else towards
