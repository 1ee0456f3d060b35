"""Numbers as an operator reads them: with their unit, in UTC, with their age."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from mangaops.model.evidence import Scalar

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_KB = 1000.0


def figure(value: Scalar, unit: str = "") -> str:
    """`1,801 ms`, `8.1 %`, `10 min`, `yes`; `unknown` for what was not seen."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value or "empty"
    if not math.isfinite(value):
        return "unknown"
    return _measured(float(value), unit)


def _measured(value: float, unit: str) -> str:
    if unit in _FORMS:
        from mangaops.diagnose.formats import formatted  # noqa: PLC0415 - not for a list of names

        return formatted(value, _FORMS[unit])
    if unit == "instant":
        return _to_the_second(value)
    return f"{number(value)} {unit}".rstrip()


def _to_the_second(seconds: float) -> str:
    """`2026-11-21 11:00:12 UTC`; a number outside the calendar stays one."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, OSError, ValueError):
        return number(seconds)


def number(value: float) -> str:
    """Three figures or all whole ones, thousands separated."""
    if value == int(value) or abs(value) >= 100:
        return f"{round(value):,}"
    digits = 1 if abs(value) >= 10 else 2
    if abs(value) < 0.01:
        return f"{value:.2g}"
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def length(seconds: float) -> str:
    """A length of time: `45 s`, `10 min`, `2.5 h`, `3 days`."""
    size = abs(seconds)
    if size < 2 * _MINUTE:
        return f"{number(seconds)} s"
    if size < 2 * _HOUR:
        return f"{number(round(seconds / _MINUTE))} min"
    if size < 2 * _DAY:
        return f"{number(round(seconds / _HOUR, 1))} h"
    return f"{number(round(seconds / _DAY))} days"


def margin(value: float | None) -> str:
    """How far over or under its limit: `+21 %`."""
    if value is None or not math.isfinite(value):
        return ""
    percent = value * 100
    if abs(percent) >= 10_000:
        return "far over" if percent > 0 else "far under"
    if 0 < abs(percent) < 1:
        return f"{percent:+.1g} %"
    return f"{percent:+,.0f} %"


def instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def age(at: datetime, now: datetime) -> str:
    """`3 min ago`; `just now` below a minute, also for a clock that is a little ahead."""
    seconds = (now - at).total_seconds()
    if -_MINUTE < seconds < _MINUTE:
        return "just now"
    if seconds < 0:
        return f"in {length(-seconds)}"
    return f"{length(seconds)} ago"


def account(number_text: str) -> str:
    """`1234-5678-9012`: groups of four can be compared by eye."""
    if len(number_text) != 12 or not number_text.isdecimal():
        return number_text
    return "-".join((number_text[:4], number_text[4:8], number_text[8:]))


def caller(arn: str) -> str:
    """`assumed-role/OnCall/ana` from the ARN of a caller."""
    return arn.rsplit(":", 1)[-1]


def scanned(size: int) -> str:
    """`1.2 GB`, `340 kB`, `0 B`."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < _KB or unit == "GB":
            return f"{number(amount)} {unit}"
        amount /= _KB
    raise AssertionError(size)


def dollars(amount: float) -> str:
    """Two figures of a small sum: `$0.0012`, `$0.14`, `$0`."""
    if amount <= 0:
        return "$0"
    if amount < 0.01:
        return f"${amount:.4f}" if amount >= 0.0001 else "<$0.0001"
    return f"${amount:.2f}"


_ALIKE = ("ms", "s", "duration", "%", "percent", "factor", "count", "age", "time", "text")
_FORMS: Mapping[str, str] = MappingProxyType(
    {form: form for form in _ALIKE} | {"ratio": "%", "seconds": "duration"}
)
"""Units that sentences have a format for; a figure reads the same in both."""


def counted(number: int, word: str) -> str:
    """`1 test`, `3 tests`."""
    return f"{number} {word}{'' if number == 1 else 's'}"
