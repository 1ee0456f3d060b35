"""When a record happened, by its own fields: for exported records that come without AWS's time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

KEYS = ("@timestamp", "timestamp", "ts", "time")
"""The first of these members that is a time is the record's."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
SECONDS_BELOW = 1e11
"""Epoch numbers below this are seconds: as milliseconds this is March 1973."""
LAST = 253_402_300_800_000
"""Milliseconds of the end of the year 9999: what is not before it is no time."""


def own_time(record: Mapping[str, object]) -> int | None:
    """Milliseconds since the epoch, rounded down; None without a time."""
    found = (milliseconds(record[key]) for key in KEYS if key in record)
    return next((at for at in found if at is not None), None)


def milliseconds(value: object) -> int | None:
    """ISO 8601 (UTC unless it names an offset), or epoch seconds or milliseconds."""
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value < LAST:
        return None
    return int(value * 1000) if value < SECONDS_BELOW else int(value)


def _of_text(text: str) -> int | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    at = (aware - _EPOCH) // _MILLISECOND
    return at if at >= 0 else None
