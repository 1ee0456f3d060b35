from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mangaops.cli.options import When
from mangaops.cli.window import duration, window_of
from mangaops.errors import InputError
from mangaops.model.time import Window

NOW = datetime(2026, 11, 21, 11, 31, 20, tzinfo=UTC)
DEFAULT = timedelta(minutes=30)


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 21, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "window"),
    [
        (When(), Window(start=at(11, 1), end=at(11, 31))),
        (When(since="2h"), Window(start=at(9, 31), end=at(11, 31))),
        (When(start="2026-11-21T11:00"), Window(start=at(11, 0), end=at(11, 31))),
        (When(end="2026-11-21T11:00:00Z"), Window(start=at(10, 30), end=at(11, 0))),
        (
            When(start="2026-11-21T18:00+09:00", end="2026-11-21T19:00+09:00"),
            Window(start=at(9, 0), end=at(10, 0)),
        ),
        (When(since="1h", end="2026-11-21T11:00"), Window(start=at(10, 0), end=at(11, 0))),
    ],
)
def test_a_window_ends_with_the_newest_complete_minute_unless_told(
    when: When, window: Window
) -> None:
    assert window_of(when, default=DEFAULT, now=NOW) == window


@pytest.mark.parametrize(
    ("when", "what"),
    [
        (When(start="2026-11-21T11:31:10"), "the newest complete minute ended at"),
        (When(start="2026-11-21T11:30:10"), "the newest complete minute ended at"),
        (When(since="30m", start="2026-11-21T11:00"), "--since conflicts with --from"),
        (When(since="soon"), "`soon` is not a duration"),
        (When(since="0m"), "--since must be longer than nothing"),
        (When(since="-5m"), "`-5m` is not a duration"),
        (When(since="20s"), "--since must be at least one minute"),
        (When(start="yesterday"), "`yesterday` is not a time"),
        (When(end="2026-11-21T12:31"), "the window ends 59m40s in the future"[:30]),
        (
            When(start="2026-11-21T11:00", end="2026-11-21T10:00"),
            "the window ends before it starts",
        ),
        (When(start="2026-11-21T11:00", end="2026-11-21T11:00"), "the window is empty"),
        (When(since="30d"), "the window is 30d long"),
        (When(end="0001-01-01T00:00+09:00"), "`0001-01-01T00:00+09:00` is out of range"),
    ],
)
def test_a_wrong_window_is_told_with_what_to_do(when: When, what: str) -> None:
    with pytest.raises(InputError) as caught:
        window_of(when, default=DEFAULT, now=NOW)
    assert caught.value.what.startswith(what)
    assert caught.value.where.startswith("--")
    assert caught.value.hint


def test_a_bare_number_is_seconds() -> None:
    assert duration("--deadline", "90") == timedelta(seconds=90)


@pytest.mark.parametrize("text", ["", "x", "1e3", "999999999999d", "-1"])
def test_any_other_text_is_no_duration(text: str) -> None:
    with pytest.raises(InputError):
        duration("--deadline", text)


def test_the_newest_events_can_be_asked_for() -> None:
    when = When(start="2026-11-21T11:30:50")
    window = window_of(when, default=DEFAULT, now=NOW, of_events=True)
    assert window.length == timedelta(seconds=30)
    assert window_of(When(), default=DEFAULT, now=NOW, of_events=True).end == at(11, 31)
