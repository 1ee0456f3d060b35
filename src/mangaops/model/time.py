"""Windows and durations. Instants are aware UTC datetimes, durations are `timedelta`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time that evidence is about: `start` inclusive, `end` exclusive."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def last(self, length: timedelta) -> Window:
        """The newest part of this window, or more than it, of the given length."""
        return Window(start=self.end - length, end=self.end)


def parse_duration(text: str) -> timedelta | None:
    """`90s`, `10m`, `2h`, `7d` or a sum such as `1h30m`; None for anything else."""
    seconds = 0.0
    position = 0
    for match in _DURATION.finditer(text):
        if match.start() != position:
            return None
        seconds += float(match[1]) * _SECONDS[match[2]]
        position = match.end()
    if position != len(text) or position == 0:
        return None
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        return None


def format_duration(length: timedelta) -> str:
    """The shortest exact spelling in units of at most two parts: `10m`, `1h30m`, `45s`."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size}{unit}"
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{n}{unit}" for n, unit in parts if n) or "0s"


def floor_minute(instant: datetime) -> datetime:
    """The start of the minute that holds `instant`: the end of the newest complete minute."""
    return instant.replace(second=0, microsecond=0)


def iso(instant: datetime) -> str:
    """ISO 8601 in UTC, to the second: `2026-11-21T11:00:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: object) -> datetime | None:
    """ISO 8601, UTC when it names no zone; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
