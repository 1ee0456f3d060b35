"""The machine of three states, rule by rule."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from mangaops.errors import InputError
from mangaops.fm.breaker.circuit import CircuitBreaker
from mangaops.fm.breaker.config import BreakerConfig, BreakerMode
from mangaops.fm.breaker.permit import Permit
from mangaops.fm.breaker.registry import Breakers
from mangaops.fm.breaker.transitions import BreakerState, Transition
from mangaops.fm.failure import RULES, FailureClass
from mangaops.fm.requests.request import Operation
from mangaops.fm.target import Target
from support.fake_time import FakeClock

C = FailureClass
CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
UNCOUNTED = [kind for kind in FailureClass if not RULES[kind].counts_in_breaker]


class Desk:
    """A breaker, its clock, and what it reported."""

    def __init__(self, seed: int = 1, **config: Any) -> None:
        self.clock = FakeClock()
        self.changes: list[Transition] = []
        self.breaker = CircuitBreaker(
            BreakerConfig(**{"jitter": 0.0, **config}),
            clock=self.clock,
            rng=random.Random(seed),  # noqa: S311 - jitter
            on_transition=self.changes.append,
        )

    def permit(self, **limits: float) -> Permit:
        permit = self.breaker.acquire(**limits)
        assert permit is not None
        return permit

    def succeed(self, times: int = 1, duration: float = 0.5) -> None:
        for _ in range(times):
            self.permit().success(duration)

    def fail(
        self, times: int = 1, kind: FailureClass = C.TRANSIENT, hint: float | None = None
    ) -> None:
        for _ in range(times):
            self.permit().failure(kind, 0.5, retry_after=hint)

    def open(self, hint: float | None = None) -> None:
        self.fail(5, hint=hint)
        assert self.breaker.state is OPEN

    def half_open(self) -> Permit:
        self.open()
        self.clock.now += 30
        return self.permit()


@pytest.mark.parametrize("kind", [C.TRANSIENT, C.THROTTLE, C.CLIENT_TIMEOUT, C.STREAM_CUT])
def test_five_failures_in_a_row_open_it(kind: FailureClass) -> None:
    desk = Desk()
    desk.fail(4, kind)
    desk.succeed()
    desk.fail(4, kind)
    assert desk.breaker.state is CLOSED
    desk.fail(1, kind)
    assert desk.breaker.state is OPEN
    assert desk.breaker.acquire() is None
    (change,) = desk.changes
    assert change.reason == f"5 failures in a row, the last {kind.value}"
    assert (change.from_state, change.to_state, change.open_for) == (CLOSED, OPEN, 30)
    assert change.rates.calls == 10


def test_half_of_twenty_calls_that_fail_open_it() -> None:
    desk = Desk(consecutive=None)
    desk.fail(9)
    desk.succeed(10)
    assert desk.breaker.state is CLOSED
    desk.fail(1)
    assert desk.breaker.state is OPEN
    assert desk.changes[0].reason == "10 of 20 calls failed in 60 s"
    assert desk.changes[0].rates.failure == 0.5


def test_a_throttled_call_says_nothing_about_the_model_and_half_of_them_open_it() -> None:
    desk = Desk(consecutive=None)
    desk.fail(6)
    desk.fail(9, C.THROTTLE)
    desk.succeed(5)
    assert desk.breaker.state is CLOSED  # 6 of 11 calls failed, which are too few
    desk.succeed(2)
    desk.fail(4, C.THROTTLE)
    assert desk.breaker.state is OPEN
    assert desk.changes[0].reason == "13 of 26 calls were throttled in 60 s"
    assert desk.changes[0].rates.throttle == 0.5
    assert desk.changes[0].rates.failure == pytest.approx(6 / 13)


def test_ten_throttles_among_twenty_calls_are_enough_and_nine_of_nineteen_are_not() -> None:
    desk = Desk()
    for _ in range(9):
        desk.succeed()
        desk.fail(1, C.THROTTLE)
    desk.succeed()
    assert desk.breaker.state is CLOSED
    desk.fail(1, C.THROTTLE)
    assert desk.breaker.state is OPEN
    assert desk.changes[0].reason == "10 of 20 calls were throttled in 60 s"


def test_four_fifths_of_slow_calls_open_it() -> None:
    desk = Desk(slow_call=10.0)
    desk.succeed(4, 10.0)
    desk.succeed(15, 10.1)
    assert desk.breaker.state is CLOSED
    desk.succeed(1, 10.1)
    assert desk.breaker.state is OPEN
    assert desk.changes[0].reason == "16 of 20 calls were slow in 60 s"


def test_a_caller_who_knows_the_intent_says_what_is_slow() -> None:
    desk = Desk(slow_call=None, consecutive=None)
    for _ in range(10):
        desk.permit(slow_first_token=3.3).success(4.0, first_token=3.4)
        desk.permit(slow_call=2.0).success(2.1)
    assert desk.breaker.state is OPEN
    calm = Desk(slow_call=None)
    for _ in range(20):
        calm.permit(slow_first_token=3.3).success(900.0, first_token=3.3)
        calm.permit(slow_first_token=3.3).success(900.0)
    assert calm.breaker.state is CLOSED


def test_a_call_we_stopped_waiting_for_is_slow_as_well() -> None:
    desk = Desk(consecutive=None, failure_rate=1.0, slow_call=None)
    desk.fail(16, C.CLIENT_TIMEOUT)
    desk.succeed(4)
    assert desk.breaker.state is OPEN
    assert desk.changes[0].rates.slow == 0.8


def test_what_is_older_than_the_window_counts_no_longer() -> None:
    desk = Desk(consecutive=None)
    desk.fail(19)
    desk.clock.now += 60
    desk.fail(1)
    assert desk.breaker.state is CLOSED
    assert desk.breaker.snapshot().rates.calls == 1


@pytest.mark.parametrize("kind", UNCOUNTED)
def test_what_the_caller_did_wrong_is_not_counted(kind: FailureClass) -> None:
    desk = Desk()
    desk.fail(4)
    desk.fail(50, kind)
    assert desk.breaker.state is CLOSED
    assert desk.breaker.snapshot().rates.calls == 4
    assert desk.breaker.snapshot().consecutive == 4
    desk.fail(1)
    assert desk.breaker.state is OPEN


def test_two_probes_close_it_and_nothing_is_remembered() -> None:
    desk = Desk()
    desk.half_open().success(0.5)
    assert desk.breaker.state is HALF_OPEN
    desk.succeed()
    assert desk.breaker.state is CLOSED
    assert [change.to_state for change in desk.changes] == [OPEN, HALF_OPEN, CLOSED]
    assert [change.number for change in desk.changes] == [1, 2, 3]
    assert desk.changes[2].reason == "2 probes succeeded"
    desk.fail(4)
    assert desk.breaker.state is CLOSED
    desk.fail(1)
    assert desk.changes[3].open_for == 30  # the schedule begins again


def test_it_stays_open_longer_with_each_failed_probe() -> None:
    desk = Desk()
    desk.open()
    for open_for in (30, 30, 60, 120, 300, 300):
        desk.clock.now += open_for - 0.01
        assert desk.breaker.acquire() is None
        assert desk.breaker.snapshot().open_left == pytest.approx(0.01)
        desk.clock.now += 0.01
        assert desk.breaker.state is HALF_OPEN
        desk.fail()
        assert desk.breaker.state is OPEN
    assert desk.changes[-1].reason == "the probe failed: transient"


def test_the_times_differ_from_process_to_process() -> None:
    times = []
    for seed in range(200):
        desk = Desk(seed, jitter=0.1)
        desk.open()
        times.append(desk.changes[0].open_for or 0)
    assert 30 <= min(times) < 30.3
    assert 32.7 < max(times) <= 33


@pytest.mark.parametrize(("hint", "open_for"), [(None, 30), (10, 30), (45, 45), (9_999, 300)])
def test_a_server_s_hint_makes_it_longer_up_to_the_end_of_the_schedule(
    hint: float | None, open_for: float
) -> None:
    desk = Desk()
    desk.fail(1, C.THROTTLE, hint)
    desk.fail(4, C.THROTTLE)
    assert desk.changes[0].open_for == open_for


def test_one_probe_at_a_time() -> None:
    desk = Desk()
    probe = desk.half_open()
    assert probe.probe
    assert desk.breaker.acquire() is None
    assert desk.breaker.snapshot().refused == 1
    probe.success(0.5)
    assert desk.breaker.acquire() is not None


@pytest.mark.parametrize("kind", UNCOUNTED)
def test_a_probe_that_says_nothing_makes_room_undecided(kind: FailureClass) -> None:
    desk = Desk()
    desk.half_open().failure(kind, 0.1)
    assert desk.breaker.state is HALF_OPEN
    desk.succeed(2)
    assert desk.breaker.state is CLOSED


def test_a_slow_probe_is_no_recovery() -> None:
    desk = Desk()
    desk.half_open().success(10.5)
    assert desk.breaker.state is OPEN
    assert desk.changes[-1].reason == "the probe was slow"


def test_a_probe_that_never_comes_back_makes_room_when_its_lease_ends() -> None:
    desk = Desk(probe_lease=10)
    desk.half_open()
    desk.clock.now += 9.9
    assert desk.breaker.acquire() is None
    desk.clock.now += 0.1
    second = desk.permit(lease=30)
    assert desk.breaker.state is HALF_OPEN  # which was no failure
    assert desk.breaker.snapshot().expired == 1
    desk.clock.now += 30.9
    assert desk.breaker.acquire() is None
    second.success(29.0, None)
    assert desk.breaker.state is OPEN  # slow


def test_a_probe_that_comes_back_after_another_took_its_place_is_not_heeded() -> None:
    desk = Desk(successes_to_close=1)
    lost = desk.half_open()
    desk.clock.now += 30
    other = desk.permit()
    lost.failure(C.TRANSIENT, 30)
    assert desk.breaker.state is HALF_OPEN
    assert desk.breaker.acquire() is None  # and took nobody's place
    other.success(0.5)
    assert desk.breaker.state is CLOSED


def test_a_probe_that_runs_into_its_own_limit_is_heeded_before_another_takes_its_place() -> None:
    desk = Desk()
    desk.open()
    desk.clock.now += 30
    probe = desk.permit(lease=4)
    desk.clock.now += 4.2
    assert desk.breaker.acquire() is None
    probe.failure(C.CLIENT_TIMEOUT, 4.2)
    assert desk.breaker.state is OPEN
    assert desk.changes[-1].reason == "the probe failed: client_timeout"


def test_a_straggler_neither_closes_it_nor_keeps_it_open() -> None:
    desk = Desk(successes_to_close=1)
    stragglers = [desk.permit() for _ in range(3)]
    desk.open()
    desk.clock.now += 20
    stragglers[0].failure(C.TRANSIENT, 20, retry_after=300)
    desk.clock.now += 10
    probe = desk.permit()
    stragglers[1].success(30.0)
    assert desk.breaker.state is HALF_OPEN
    probe.success(0.5)
    assert desk.breaker.state is CLOSED
    stragglers[2].failure(C.TRANSIENT, 30)
    assert desk.breaker.snapshot().rates.calls == 0
    assert desk.breaker.snapshot().late == 3


def test_a_permit_has_one_outcome() -> None:
    desk = Desk()
    permit = desk.permit()
    for _ in range(9):
        permit.failure(C.TRANSIENT, 0.1)
    permit.success(0.1)
    assert desk.breaker.snapshot().rates.calls == 1
    assert desk.breaker.snapshot().consecutive == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit, ValueError])
def test_a_permit_left_without_an_outcome_counts_nothing(error: type[BaseException]) -> None:
    desk = Desk()
    with pytest.raises(error), desk.half_open():
        raise error
    assert desk.breaker.state is HALF_OPEN
    with desk.permit() as permit:
        permit.success(0.5)
    desk.succeed()
    assert desk.breaker.state is CLOSED
    with desk.permit():
        pass
    assert desk.breaker.snapshot().rates.calls == 0


def test_an_operator_may_close_the_road_and_open_it_again() -> None:
    desk = Desk()
    desk.breaker.order(BreakerMode.FORCED_OPEN)
    desk.clock.now += 1e9
    assert desk.breaker.state is OPEN
    assert desk.breaker.acquire() is None
    assert desk.changes[0].open_for == math.inf
    assert desk.changes[0].fields()["open_for_ms"] == "inf"
    desk.breaker.order(BreakerMode.AUTOMATIC)
    assert desk.breaker.state is CLOSED
    desk.open()
    assert [change.reason for change in desk.changes][:2] == [
        "an operator ordered forced open",
        "an operator ordered automatic",
    ]


def test_a_breaker_that_is_disabled_counts_nothing_and_one_for_metrics_concludes_nothing() -> None:
    off, metrics = Desk(mode=BreakerMode.DISABLED), Desk(mode=BreakerMode.METRICS_ONLY)
    for desk in (off, metrics):
        desk.fail(50)
        assert desk.breaker.state is CLOSED
        assert desk.changes == []
    assert off.breaker.snapshot().rates.calls == 0
    assert metrics.breaker.snapshot().rates.failure == 1.0
    forced = Desk(mode=BreakerMode.FORCED_OPEN)
    assert forced.breaker.acquire() is None


def test_a_clock_that_steps_back_keeps_nothing_open() -> None:
    """A monotonic clock does not; one that a caller hands in may."""
    desk = Desk(consecutive=None)
    desk.fail(3)
    desk.clock.now -= 3_600
    desk.fail(3)
    desk.clock.now += 3_660
    desk.fail(14)
    assert desk.breaker.snapshot().rates.calls == 14


def test_the_breakers_of_targets_are_apart_and_report_whose_they_are() -> None:
    clock, changes = FakeClock(), list[Transition]()
    breakers = Breakers(
        BreakerConfig(),
        clock=clock,
        rng=random.Random(1),  # noqa: S311 - jitter
        on_transition=changes.append,
    )
    tokyo = Target(model_id="jp.anthropic.claude", region="ap-northeast-1")
    osaka = Target(model_id="jp.anthropic.claude", region="ap-northeast-3")
    for _ in range(5):
        permit = breakers.of(tokyo, Operation.CONVERSE).acquire()
        assert permit is not None
        permit.failure(C.TRANSIENT, 0.1)
    assert breakers.of(tokyo, Operation.CONVERSE).state is OPEN
    assert breakers.of(tokyo, "converse").state is OPEN
    assert breakers.of(tokyo, "converse_stream").state is CLOSED
    assert breakers.of(osaka, Operation.CONVERSE).state is CLOSED
    assert [target for target, _, _ in breakers.each()] == [tokyo, tokyo, osaka]
    assert changes[0].fields() == {
        "log_type": "breaker_transition",
        "from": "closed",
        "to": "open",
        "reason": "5 failures in a row, the last transient",
        "model_id": "jp.anthropic.claude",
        "region": "ap-northeast-1",
        "operation": "converse",
        "n": 5,
        "failure_rate": 1.0,
        "throttle_rate": 0.0,
        "slow_rate": 0.0,
        "open_for_ms": round((changes[0].open_for or 0) * 1000),
        "transition": 1,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"failure_rate": 0},
        {"slow_rate": 1.1},
        {"min_calls": 0},
        {"consecutive": 0},
        {"successes_to_close": 0},
        {"jitter": 1},
        {"window": 0.5},
        {"open_schedule": ()},
        {"open_schedule": (30, math.inf)},
        {"probe_lease": 0},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_breaker_that_could_not_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        BreakerConfig(**wrong)
