"""Two distributions of latencies in characters: as curves (ECDF) or as a histogram.

A curve tells which share of all calls was answered by then. A call that failed never
was: its curve ends below 100 %.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mangaops.render.escaping import visible
from mangaops.render.painted import painted

_ROWS = 10
_WIDEST = 100
_NARROWEST = 24
_LABEL = 8
"""Columns of `100 % |`."""
_UNIT = 3
"""Columns of ` ms`, behind the last number of the axis."""
_TICKS = 6
_BINS = 12
_FAR = 0.995
"""The axis ends at this quantile: a single call must not flatten all others."""
_MARKS = ("o", "x")
_BOTH = "#"
_STYLES = {"o": "first", "x": "second", "#": "strong"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The latencies of one side, in ms, ascending; failed calls are only counted."""

    label: str
    answered: Sequence[float]
    failed: int = 0

    @property
    def calls(self) -> int:
        return len(self.answered) + self.failed

    def portion(self, count: int) -> float:
        return count / self.calls if self.calls else 0.0

    def share(self, ms: float) -> float:
        """How many of all calls were answered by then."""
        return self.portion(bisect_right(self.answered, ms))


def curve(label: str, latencies: Sequence[float]) -> Curve:
    """From latencies in any order, infinite for a failed call."""
    answered = sorted(ms for ms in latencies if math.isfinite(ms))
    return Curve(label=label, answered=answered, failed=len(latencies) - len(answered))


def ecdf_lines(one: Curve, other: Curve, *, width: int, colour: bool) -> Iterator[str]:
    """Both curves over one axis; `o` and `x` tell them apart without colour, `#` is both."""
    axis = _axis(one, other)
    if axis is None:
        yield from _failures(one, other)
        return
    columns = max(_NARROWEST, min(width, _WIDEST) - _LABEL - _UNIT)
    cells: dict[tuple[int, int], str] = {}
    for mark, each in zip(_MARKS, (one, other), strict=True):
        for place in _steps(each, axis, columns):
            cells[place] = _BOTH if cells.get(place, mark) != mark else mark
    yield _legend(one, other, colour=colour)
    for row in range(_ROWS, 0, -1):
        marks = (cells.get((row, column), " ") for column in range(columns))
        line = "".join(painted(c, _STYLES.get(c, ""), colour=colour) for c in marks)
        label = f"{row * 100 // _ROWS} %" if row % 2 == 0 else ""
        yield f"{label:>{_LABEL - 2}} |{line}".rstrip()
    yield " " * (_LABEL - 2) + " +" + "-" * columns
    yield _scale(axis, columns)
    yield from _failures(one, other)


def histogram_lines(one: Curve, other: Curve, *, width: int, colour: bool) -> Iterator[str]:
    """How many calls took how long, one side beside the other."""
    axis = _axis(one, other)
    if axis is None:
        yield from _failures(one, other)
        return
    edges = _edges(axis)
    sides = [_counted(each, edges) for each in (one, other)]
    while not any(side[-1] for side in sides):  # ends: somebody was answered
        edges = edges[:-1]
        sides = [side[:-1] for side in sides]
    names = [
        _edge_name(low, high) for low, high in zip(edges, _upper(one, other, edges), strict=True)
    ]
    left = max(map(len, names))
    bar = max(6, (min(width, _WIDEST) - left - 18) // 2)
    top = max(each.portion(max(side)) for side, each in zip(sides, (one, other), strict=True))
    yield f"{'ms':>{left}}  {visible(one.label):<{bar + 7}}  {visible(other.label)}".rstrip()
    for name, *numbers in zip(names, *sides, strict=True):
        parts = []
        for mark, count, each in zip(_MARKS, numbers, (one, other), strict=True):
            long = math.ceil(bar * each.portion(count) / top)
            text = f"{mark * long} {count or ''}".strip()
            blanks = " " * (bar + 7 - len(text))
            parts.append(painted(text, _STYLES[mark], colour=colour) + blanks)
        yield f"{name:>{left}}  {'  '.join(parts)}".rstrip()
    yield from _failures(one, other)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    low: float
    high: float
    step: float


def _axis(one: Curve, other: Curve) -> _Axis | None:
    """Whole steps around what was answered; None where nothing was."""
    answered = [each.answered for each in (one, other) if each.answered]
    if not answered:
        return None
    least = min(values[0] for values in answered)
    most = max(values[max(0, math.ceil(_FAR * len(values)) - 1)] for values in answered)
    step = _round_step((most - least) / _TICKS)
    low = math.floor(least / step) * step
    return _Axis(low=low, high=max(math.ceil(most / step) * step, low + step), step=step)


def _round_step(rough: float) -> float:
    """1, 2 or 5 of a power of ten, not below `rough`, at least 0.1 ms."""
    rough = max(rough, 0.1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


def _steps(one: Curve, axis: _Axis, columns: int) -> Iterator[tuple[int, int]]:
    """The cells (row, column) that a curve goes through, without gaps where it is steep."""
    before = 0
    for column in range(columns):
        ms = axis.low + (axis.high - axis.low) * (column + 1) / columns
        row = math.floor(one.share(ms) * _ROWS + 0.5)
        for each in range(min(before + 1, row), row + 1):
            if each:
                yield each, column
        before = row


def _legend(one: Curve, other: Curve, *, colour: bool) -> str:
    marks = (
        painted(f"{mark} {visible(each.label)}", _STYLES[mark], colour=colour)
        for mark, each in zip(_MARKS, (one, other), strict=True)
    )
    return " " * _LABEL + "answered within   " + "   ".join([*marks, f"{_BOTH} both"])


def _scale(axis: _Axis, columns: int) -> str:
    """Numbers below the axis, each under its place; the last one, with the unit, goes first."""
    line = [" "] * (_LABEL + columns + _UNIT)
    ticks = round((axis.high - axis.low) / axis.step)
    for tick in range(ticks, -1, -1):
        text = f"{axis.low + tick * axis.step:,g}"
        if tick == ticks:
            text += " ms"
        place = _LABEL + round(tick / ticks * columns)
        start = min(max(0, place - len(text) // 2), len(line) - len(text))
        if all(c == " " for c in line[max(0, start - 1) : start + len(text) + 1]):
            line[start : start + len(text)] = text
    return "".join(line).rstrip()


def _edges(axis: _Axis) -> list[float]:
    """The lower edges of the bins; the last bin has no upper one."""
    step = _round_step((axis.high - axis.low) / _BINS)
    bins = math.ceil((axis.high - axis.low) / step - 1e-9)
    return [axis.low + step * number for number in range(bins + 1)]


def _upper(one: Curve, other: Curve, edges: Sequence[float]) -> list[float | None]:
    """Where each bin ends; None for a last one that holds all that is above."""
    most = max(each.answered[-1] for each in (one, other) if each.answered)
    step = edges[1] - edges[0] if len(edges) > 1 else most
    ends = edges[-1] + step
    return [*edges[1:], ends if most < ends else None]


def _edge_name(low: float, high: float | None) -> str:
    return f"{low:,g} and more" if high is None else f"{low:,g} - {high:,g}"


def _counted(one: Curve, edges: Sequence[float]) -> list[int]:
    places = [*(bisect_left(one.answered, edge) for edge in edges), len(one.answered)]
    return [after - before for before, after in pairwise(places)]


def _failures(one: Curve, other: Curve) -> Iterator[str]:
    told = [
        f"{visible(each.label)}: {each.failed:,} of {each.calls:,} calls failed"
        for each in (one, other)
        if each.failed
    ]
    if told:
        yield " " * _LABEL + ", ".join(told)
