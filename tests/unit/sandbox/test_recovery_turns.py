"""Telemetry that turns to calm and back, on a clock that stands still until it is moved."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from mangaops.sandbox.overlay import Call
from mangaops.sandbox.services.log_groups import events_between, group_of
from mangaops.sandbox.telemetry.changes import Change
from mangaops.sandbox.telemetry.log_mix import CallErrors, Calls, LogMix
from mangaops.sandbox.telemetry.shapes import Fixed
from mangaops.sandbox.telemetry.signals import Cell, Signal
from mangaops.sandbox.telemetry.writer import Plan, Writer
from mangaops.sandbox.world import World
from support.overlay_calls import NOON, StandingClock

ONSET, TAKES = 10, 4
SIGNAL = Signal(
    namespace="A",
    name="b",
    unit="Count",
    cells=(Cell(labels={"Task": "rag"}, shape=Fixed(values=(1.0,))),),
    published=((), ("Task",)),
)
INCIDENT = Change(metric="A:b", since=ONSET, shape=Fixed(values=(9.0, 9.0)))


_ACCOUNTS = count(300000000000)
"""Moto's log groups are one for the process, so each world has an account of its own."""


class Turning:
    """A writer over one metric whose normal value is 1, and 9 twice in the incident."""

    def __init__(self, *, calm: tuple[Change, ...] = (), mix: LogMix | None = None) -> None:
        self.clock = StandingClock(NOON)
        self.world = World(clock=self.clock, account=str(next(_ACCOUNTS)))
        self.calm = False
        plan = Plan(
            name="turning",
            signals=(SIGNAL,),
            changes=(INCIDENT,),
            calm=calm,
            mix=mix or LogMix(),
            onset=ONSET,
            history=2,
        )
        self.writer = Writer(self.world, plan)
        self.writer.catch_up()
        self.writer.watch(lambda: self.calm, takes=TAKES)

    def turn(self, *, calm: bool) -> None:
        self.calm = calm
        self.writer.follow()

    def minutes(self, **dimensions: str) -> list[tuple[float, ...]]:
        """The raw values of each minute, oldest first."""
        series = self.world.metrics.series("A", "b", dimensions)
        assert series is not None
        return [tuple(point.values) for _, point in series.between(0, 1e12, "Count")]


@pytest.fixture
def turning() -> Turning:
    return Turning()


NORMAL, BAD = (1.0,), (9.0, 9.0)


def test_nothing_is_written_again_while_nothing_turns(turning: Turning) -> None:
    turning.turn(calm=False)
    assert turning.minutes() == [NORMAL] * 2 + [BAD] * 11


def test_a_turn_to_calm_rewrites_the_last_minutes_of_every_series(turning: Turning) -> None:
    turning.turn(calm=True)
    expected = [NORMAL] * 2 + [BAD] * 6 + [NORMAL] * 5
    assert turning.minutes() == turning.minutes(Task="rag") == expected


def test_new_minutes_follow_the_state(turning: Turning) -> None:
    turning.turn(calm=True)
    turning.clock.move(120)
    turning.writer.catch_up()
    assert turning.minutes()[-7:] == [NORMAL] * 7


def test_a_turn_back_brings_the_incident_back_to_its_last_minutes(turning: Turning) -> None:
    turning.turn(calm=True)
    turning.clock.move(120)
    turning.writer.catch_up()
    turning.turn(calm=False)
    assert turning.minutes() == [NORMAL] * 2 + [BAD] * 6 + [NORMAL] * 2 + [BAD] * 5


def test_there_and_back_at_once_is_as_before(turning: Turning) -> None:
    before = turning.minutes()
    turning.turn(calm=True)
    turning.turn(calm=False)
    assert turning.minutes() == before


def test_a_minute_that_is_not_yet_written_follows_the_turn(turning: Turning) -> None:
    turning.clock.move(60)
    turning.turn(calm=True)
    assert turning.minutes()[-4:] == [NORMAL] * 4
    turning.writer.catch_up()
    assert turning.minutes()[-5:] == [NORMAL] * 5


def test_datapoints_of_others_stay(turning: Turning) -> None:
    at = NOON.timestamp()
    turning.world.metrics.put("A", "b", {}, at, [9.0, 5.0], [2.0, 1.0], unit="Count")
    turning.world.metrics.put("A", "b", {}, at, [3.0], unit="None")
    turning.turn(calm=True)
    assert turning.minutes()[-1] == (9.0, 5.0, 1.0)
    series = turning.world.metrics.series("A", "b", {})
    assert series is not None
    others = [tuple(point.values) for _, point in series.between(at, at + 60, "None")]
    assert others == [(3.0,)]


def test_calm_may_differ_from_normal() -> None:
    after = Change(metric="A:b", since=99, shape=Fixed(values=(4.0,)))
    turning = Turning(calm=(after,))
    turning.turn(calm=True)
    assert turning.minutes()[-5:] == [(4.0,)] * 5


def test_a_series_that_is_silent_in_calm_has_no_datapoint_left() -> None:
    turning = Turning(calm=(Change(metric="A:b", since=99),))
    turning.turn(calm=True)
    assert turning.minutes() == [NORMAL] * 2 + [BAD] * 6
    turning.turn(calm=False)
    assert turning.minutes() == [NORMAL] * 2 + [BAD] * 11


def test_logs_turn_as_well() -> None:
    failing = LogMix(calls=Calls(errors=(CallErrors(share=1.0, code="Broken"),)))
    turning = Turning(mix=failing)
    start = round((NOON - timedelta(minutes=TAKES)).timestamp() * 1000)

    def broken(since: int | None) -> int:
        call = Call(
            service="logs",
            operation="FilterLogEvents",
            params={},
            region=turning.world.region,
            account=turning.world.account,
            caller="",
        )
        group = group_of(call, "/mangaassist/orchestrator")
        events = events_between(group, since, None)
        return sum('"error_code": "Broken"' in event.message for event in events)

    before = broken(start)
    turning.turn(calm=True)
    assert before > 0
    assert broken(start) == 0
    assert broken(None) > 0
    turning.turn(calm=False)
    assert broken(start) == before
