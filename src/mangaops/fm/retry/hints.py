"""When the server wants to be asked again, as its headers say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

LONGEST = 86_400.0
"""Seconds. Nobody is asked to wait for more than a day: such a number is a mistake."""

_NUMBER = re.compile(r"\d{1,40}(\.\d{1,20})?", re.ASCII)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, more than 0; None where there is no hint, or none to be believed.

    The first that can be believed of `x-amz-retry-after` and `retry-after-ms` (milliseconds)
    and `retry-after` (seconds, or an HTTP date, which is compared with `now`). Names of
    headers are taken in any case. A wait that is longer than the caller's deadline is
    returned as it is: it is for the retry policy not to wait for it.
    """
    folded = {name.lower(): str(value).strip() for name, value in headers.items()}
    for name, unit in (("x-amz-retry-after", 0.001), ("retry-after-ms", 0.001), ("retry-after", 1)):
        if (wait := _believed(_seconds(folded.get(name, ""), unit))) is not None:
            return wait
    return _believed(_until(folded.get("retry-after", ""), now))


def http_date(value: str) -> datetime | None:
    """The instant of a header; None for what is no date."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - only for a hint

    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # "-0000" is a time in UTC whose writer does not know the local zone (RFC 5322, 3.3)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _believed(wait: float | None) -> float | None:
    return wait if wait is not None and 0 < wait <= LONGEST else None


def _seconds(value: str, unit: float) -> float | None:
    return float(value) * unit if _NUMBER.fullmatch(value) else None


def _until(value: str, now: datetime) -> float | None:
    at = http_date(value)
    return None if at is None else (at - now).total_seconds()
