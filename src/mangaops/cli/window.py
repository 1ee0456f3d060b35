"""--since, --from and --to: from what was typed to a window of complete minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mangaops.cli.options import Budget, When
from mangaops.errors import InputError
from mangaops.model.time import MINUTE, Window, floor_minute, format_duration, iso, parse_duration

LONGEST = timedelta(days=15)
"""CloudWatch keeps one-minute datapoints for 15 days."""
_TOO_LONG = "at most 15d: older metrics have no single minutes"
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC, microsecond=0)


def window_of(when: When, *, default: timedelta, now: datetime, of_events: bool = False) -> Window:
    """The window that was asked for; `default` is the runbook's own length.

    Without --to it ends with the newest complete minute; events come by themselves, so that
    theirs with --from ends now. Raises InputError for a window that conflicts, is empty or
    reversed, in the future, or too long.
    """
    if when.since is not None and when.start is not None:
        raise _wrong("--since", "conflicts with --from", "give one of them")
    until_now = of_events and when.start is not None and when.end is None
    newest = now.replace(microsecond=0) if until_now else floor_minute(now)
    end = newest if when.end is None else _instant("--to", when.end)
    length = default if when.since is None else _since(when.since)
    if when.start is not None:
        start = _instant("--from", when.start)
    elif end - _BEGINNING > length:
        start = end - length
    else:
        raise _wrong("--since", f"the window starts {format_duration(length)} ago", _TOO_LONG)
    if when.end is None and newest - (timedelta(0) if until_now else MINUTE) < start <= now:
        what = f"the newest complete minute ended at {iso(newest)}: --from is less before it"
        raise _wrong("--from", what, "begin a minute earlier, or wait for the next one")
    _check(start, end, now, least=timedelta(seconds=1) if of_events else MINUTE)
    return Window(start=start, end=end)


def span_of(when: When, *, now: datetime) -> Window | None:
    """The window over records that are all there: as long as is wanted, open where none is said."""
    if when.since is None and when.start is None and when.end is None:
        return None
    if when.since is not None and when.start is not None:
        raise _wrong("--since", "conflicts with --from", "give one of them")
    end = _END if when.end is None else _instant("--to", when.end)
    start = _BEGINNING if when.start is None else _instant("--from", when.start)
    if when.since is not None:
        start = min(end, now) - min(_since(when.since), min(end, now) - _BEGINNING)
    if start >= end:
        what = f"the window ends before it starts: {iso(start)} to {iso(end)}"
        raise _wrong("--from/--to", what, "check both times")
    return Window(start=start, end=end)


def duration(option: str, text: str) -> timedelta:
    """A duration as it is typed: `30m`, `1h30m`, or a bare number of seconds."""
    length = parse_duration(text if not text.isdecimal() else f"{text}s")
    if length is None:
        raise _wrong(option, f"`{text}` is not a duration", "write it as 90s, 30m, 2h or 1d")
    if length <= timedelta(0):
        raise _wrong(option, "must be longer than nothing", "for example 30m")
    return length


def deadline_of(budget: Budget) -> float:
    """Seconds; raises InputError also for a scan budget that is none."""
    if not budget.max_scan_gb >= 0:  # that is also said of "not a number"
        raise _wrong("--max-scan-gb", "must not be negative", "0 reads no logs")
    return duration("--deadline", budget.deadline).total_seconds()


def _since(text: str) -> timedelta:
    length = duration("--since", text)
    if length < MINUTE:
        raise _wrong("--since", "must be at least one minute", "metrics come by the minute")
    return length


def _instant(option: str, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        example = "write ISO 8601 such as 2026-11-21T11:00 (UTC) or 2026-11-21T20:00+09:00"
        raise _wrong(option, f"`{text}` is not a time", example) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise _wrong(option, f"`{text}` is out of range", "give a time near to now") from None


def _check(start: datetime, end: datetime, now: datetime, *, least: timedelta) -> None:
    length = end - start
    if length <= timedelta(0):
        what = "the window is empty" if not length else "the window ends before it starts"
        raise _wrong("--from/--to", f"{what}: {iso(start)} to {iso(end)}", "check both times")
    if length < least:
        what = f"the window is shorter than {format_duration(least)}"
        raise _wrong("--from/--to", what, "widen it")
    if end > now + MINUTE:
        ahead = format_duration(timedelta(seconds=int((end - now).total_seconds())))
        hint = f"it is {iso(now)} now; times without an offset are UTC"
        raise _wrong("--to", f"the window ends {ahead} in the future", hint)
    if length > LONGEST:
        what = f"the window is {format_duration(length)} long"
        raise _wrong("--from/--to", what, _TOO_LONG)


def _wrong(option: str, what: str, hint: str) -> InputError:
    return InputError(
        what if what.startswith(("the", "`")) else f"{option} {what}", where=option, hint=hint
    )
