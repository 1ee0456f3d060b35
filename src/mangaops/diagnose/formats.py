"""Figures in sentences, as people read them: 2,410 ms; 12.4 s; 8.1 %; 19 min."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from mangaops.diagnose.operators import guarded, is_number
from mangaops.diagnose.plain import plain_text
from mangaops.diagnose.values import UNKNOWN, Absent
from mangaops.model.time import format_duration

UNKNOWN_WORD = "unknown"
_SECONDS_FROM_MS = 10_000
"""Milliseconds from here on are told in seconds: nobody reads five digits at night."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def formatted(value: object, form: str) -> str:
    """One value in the format of a slot; what is absent is the word `unknown`."""
    match value:
        case Absent() | None:
            return UNKNOWN_WORD
        case tuple():
            return ", ".join(formatted(entry, form) for entry in value)
        case _ if not is_number(value):
            return plain_text(value)
        case _ if guarded(value) is UNKNOWN:
            return UNKNOWN_WORD
        case _ if form in {"", "text"}:
            return plain_text(value)
        case _:
            return _FORMATS[form](value)


def _figure(value: float) -> str:
    """Three figures, or all whole ones with separators."""
    if value == round(value) or abs(value) >= 100:
        return f"{round(value):,}"
    if abs(value) >= 10:
        return _short(f"{value:.1f}")
    return _short(f"{value:.2f}") if abs(value) >= 0.01 else f"{value:.2g}"


def _short(text: str) -> str:
    return text.rstrip("0").rstrip(".")


def _milliseconds(value: float) -> str:
    if abs(value) >= _SECONDS_FROM_MS:
        return _seconds(value / 1000)
    return f"{_figure(value)} ms"


def _seconds(value: float) -> str:
    return f"{_short(f'{value:.1f}')} s" if 10 <= abs(value) < 100 else f"{_figure(value)} s"


def _duration(value: float) -> str:
    sign = "-" if value < 0 else ""
    try:
        return sign + format_duration(timedelta(seconds=round(abs(value))))
    except OverflowError:
        return UNKNOWN_WORD


def _ratio(value: float) -> str:
    return _percent(value * 100)


def _percent(value: float) -> str:
    if 0 < abs(value) < 0.1:
        return f"{value:.1g} %"
    return f"{_short(f'{value:,.1f}')} %"


def _factor(value: float) -> str:
    return f"{_short(f'{value:,.2f}')} times"


def _count(value: float) -> str:
    return f"{round(value):,}" if value == round(value) else f"{value:,.1f}"


def _age(value: float) -> str:
    """Seconds as a span of time, in the unit that people would use.

    What was written after the window's end has no age yet: 0 s.
    """
    size = max(0.0, value)
    if size < 2 * _MINUTE:
        return f"{round(size)} s"
    if size < 2 * _HOUR:
        return f"{round(size / _MINUTE)} min"
    if size < 2 * _DAY:
        return f"{_short(f'{size / _HOUR:.1f}')} h"
    return f"{round(size / _DAY):,} days"


def _time(value: float) -> str:
    try:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, OSError, ValueError):
        return UNKNOWN_WORD


_FORMATS: Mapping[str, Callable[[float], str]] = {
    "ms": _milliseconds,
    "s": _seconds,
    "duration": _duration,
    "%": _ratio,
    "percent": _percent,
    "factor": _factor,
    "count": _count,
    "age": _age,
    "time": _time,
}
