"""What a value is: None (absent), a number, a flag, a text, or an instant.

Logs Insights has no declared types: a text that reads as a number is one in
comparisons, arithmetic, aggregates and ordering.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

_WHOLE = re.compile(r"\s*[+-]?\d{1,18}\s*\Z", re.ASCII)
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*\Z", re.ASCII)
_CHUNKS = re.compile(r"[0-9]+|[^0-9]+")


class Instant(int):
    """Milliseconds since the epoch, printed as `2026-11-21 11:00:00.000`."""

    __slots__ = ()


Value: TypeAlias = str | float | int | bool | Instant | None
Order: TypeAlias = tuple[int, float, tuple[tuple[int, float, str], ...]]


def number(value: Value) -> float | int | None:
    """The value as a number, or None when it is absent or no number; never an infinity."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        if not _NUMBER.match(value):
            return None
        value = int(value) if _WHOLE.match(value) else float(value)
    return value if value is not None and math.isfinite(value) else None


def text(value: Value) -> str | None:
    """The value as results show it; every result value is a text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Instant):
        return _instant(value)
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else repr(value)
    return str(int(value))


def sendable(text: str) -> str:
    """The text with a question mark for each half of a character, which UTF-8 has not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _instant(value: Instant) -> str:
    """A number outside the calendar stays one."""
    try:
        instant = datetime.fromtimestamp(int(value) // 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return str(int(value))
    return f"{instant:%Y-%m-%d %H:%M:%S}.{int(value) % 1000:03d}"


def truth(value: Value) -> bool:
    """What `filter` makes of a bare value: numbers other than 0 pass."""
    as_number = number(value)
    return as_number is not None and as_number != 0


def equal(left: Value, right: Value) -> bool | None:
    """Numerically if both are numbers, else as texts; None if either is absent."""
    if left is None or right is None:
        return None
    left_number, right_number = number(left), number(right)
    if left_number is not None and right_number is not None:
        return left_number == right_number
    for flag, other in ((left, right), (right, left)):
        if isinstance(flag, bool) and isinstance(other, str):
            return other == str(flag).lower()
    return text(left) == text(right)


def ordered(left: Value, right: Value, holds: Callable[[float, float], bool]) -> bool | None:
    """`holds(left, right)` by number, or by text where both are texts; None if absent.

    A number has no order against a text that is none.
    """
    if left is None or right is None:
        return None
    left_number, right_number = number(left), number(right)
    if left_number is not None and right_number is not None:
        return holds(left_number, right_number)
    if isinstance(left, str) and isinstance(right, str):
        return holds((left > right) - (left < right), 0)
    return None


def sort_key(value: Value) -> Order:
    """Natural order, ascending: absent, then texts, then numbers.

    Texts compare chunk by chunk, digits by their number (`task-2` before `task-10`).
    """
    if value is None:
        return (0, 0.0, ())
    as_number = number(value)
    if as_number is not None:
        return (2, as_number, ())
    return (1, 0.0, tuple(_chunk(part) for part in _CHUNKS.findall(str(value))))


def _chunk(part: str) -> tuple[int, float, str]:
    return (0, float(part), "") if "0" <= part[0] <= "9" else (1, 0.0, part)
