"""Values in the words of a test file: flow YAML, and series in compact notation.

Everything is written so that it is read back as exactly the same value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mangaops.errors import InputError
from mangaops.model.time import format_duration
from mangaops.testing.notation import LARGEST

Minutes = Sequence[float | None]

_SERIES = re.compile(r"(?!0x)[\d_][\d._x+-]*[x ][\d._x+ -]*|\d+[smhd]")
"""A series or a duration that YAML reads as text without quotes: `0x30` would be 48."""
_PLAIN = re.compile(r"[A-Za-z_/][\w./-]*(?: [\w./-]+)*")
_AMBIGUOUS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_DIGITS = 9
"""The notation rounds what it computes to so many digits behind the point."""
_LONG_ENOUGH = 5
"""A ramp of fewer values is luck, and no shorter than the values."""
_OLDEST_AGE = 2 * 86400


def flow(value: object) -> str:
    """One value, mapping or list on one line. Raises InputError for a number without end."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number(value)
        case Mapping():
            return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(flow, value)) + "]"
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    if (_PLAIN.fullmatch(text) and text.lower() not in _AMBIGUOUS) or _SERIES.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def number(value: float) -> str:
    """The shortest digits that are read back as this number, without an exponent."""
    if not math.isfinite(value):
        raise InputError(f"{value} cannot be written into a test")
    if isinstance(value, int):
        return str(value)
    text = format(Decimal(repr(value)), "f")
    return text if "." in text else f"{text}.0"


def moment(at: float, end: datetime) -> str:
    """An age before the window's end where that is whole seconds, else the instant."""
    age = end.timestamp() - at
    if 0 <= age <= _OLDEST_AGE and age == int(age) and end.timestamp() - age == at:
        return f"-{format_duration(timedelta(seconds=age))}"
    try:
        return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):
        raise InputError(f"{at:g} is no time that a test can say") from None


def series(values: Minutes) -> str | float:
    """One value a minute as repeats, ramps and gaps: `900x10 _x2 900+100x5`; one as a number.

    Raises InputError for what the notation cannot say.
    """
    if any(value is not None and not abs(value) < LARGEST for value in values):
        raise InputError("a number without end cannot be written into a test")
    if len(values) == 1 and values[0] is not None:
        return _whole(values[0])
    return " ".join(_pieces(list(values)))


def _whole(value: float) -> float:
    return int(value) if value == int(value) else value


def _pieces(values: list[float | None]) -> Iterator[str]:
    at = 0
    while at < len(values):
        same, ramp = _same(values, at), _ramp(values, at)
        first = values[at]
        if same < ramp and ramp >= _LONG_ENOUGH and first is not None:
            step = round((values[at + 1] or 0.0) - first, _DIGITS)
            yield f"{_short(first)}{'+' if step >= 0 else ''}{_short(step)}x{ramp}"
            at += ramp
            continue
        word = "_" if first is None else _short(first)
        yield word if same == 1 else f"{word}x{same}"
        at += same


def _short(value: float) -> str:
    return number(float(value)).removesuffix(".0")


def _same(values: list[float | None], at: int) -> int:
    """How many values from here on are equal."""
    end = at
    while end < len(values) and values[end] == values[at]:
        end += 1
    return end - at


def _ramp(values: list[float | None], at: int) -> int:
    """How many values from here on the notation of a ramp gives exactly."""
    first, second = values[at], values[at + 1] if at + 1 < len(values) else None
    if first is None or second is None:
        return 1
    step = round(second - first, _DIGITS)
    length = 0
    for value in values[at:]:
        if value is None or value != round(first + step * length, _DIGITS):
            break
        length += 1
    return length
