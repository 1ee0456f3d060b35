"""What tasks make of each other's clocks, of what they did not hear, of forks and of bad values."""

from __future__ import annotations

import json
import os
import random
import signal
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from mangaops.fm.breaker.config import BreakerConfig
from mangaops.fm.breaker.redis_state import RedisState
from mangaops.fm.breaker.shared import (
    Agreed,
    MemoryState,
    Opening,
    Refused,
    Seen,
    SharedState,
    ask_for_probe,
    tell_opening,
)
from mangaops.fm.breaker.shared_circuit import SharedCircuit
from mangaops.fm.breaker.sharing import Sharing
from mangaops.fm.breaker.stored import agreed_under, text_of
from mangaops.fm.breaker.transitions import BreakerState, Transition
from mangaops.fm.failure import FailureClass
from support.fake_time import FakeClock

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN


class Ahead:
    """The store as a task sees it whose clock is `ahead` seconds off."""

    margin = 2.0

    def __init__(self, state: MemoryState, ahead: float) -> None:
        self._state, self._ahead = state, ahead

    def read(self, key: str) -> Seen:
        seen = self._state.read(key)
        return replace(seen, now=seen.now + self._ahead)

    def write(self, key: str, agreed: Agreed, *, after: int) -> bool:
        return self._state.write(key, agreed, after=after)


class Task:
    def __init__(
        self, state: SharedState, clock: FakeClock, *, background: bool = False, **config: Any
    ) -> None:
        self.changes: list[Transition] = []
        self.sharing = Sharing(state, owner="a task", background=background)
        self.circuit = SharedCircuit(
            BreakerConfig(**{"jitter": 0.0, "successes_to_close": 1, **config}),
            key="k",
            sharing=self.sharing,
            clock=clock,
            rng=random.Random(1),  # noqa: S311 - no jitter is drawn
            on_transition=self.report,
        )

    def report(self, change: Transition) -> None:
        self.changes.append(change)

    def fail(self) -> None:
        for _ in range(5):
            permit = self.circuit.acquire()
            assert permit is not None
            permit.failure(FailureClass.TRANSIENT, 0.1)


class Mute(Task):
    def report(self, change: Transition) -> None:
        raise OSError(change.reason)


def test_a_probe_that_runs_into_its_own_limit_is_told_before_another_may_try() -> None:
    clock = FakeClock()
    state = MemoryState(clock)
    first, second = Task(state, clock), Task(state, clock)
    first.fail()
    first.sharing.sync()
    second.sharing.sync()
    clock.now += 30
    permit = first.circuit.acquire(lease=10)
    assert permit is not None
    clock.now += 11
    assert second.circuit.acquire(lease=10) is None
    permit.failure(FailureClass.CLIENT_TIMEOUT, 11)
    first.sharing.sync()
    second.sharing.sync()
    assert second.circuit.snapshot().open_left == 30


def test_who_did_not_hear_of_a_closing_opens_by_its_own_failures_after_it() -> None:
    clock = FakeClock()
    state = MemoryState(clock)
    first, fresh = Task(state, clock), Task(state, clock)
    first.fail()
    first.sharing.sync()
    clock.now += 30
    permit = first.circuit.acquire()
    assert permit is not None
    permit.success(0.1)
    first.sharing.sync()
    clock.now += 1
    fresh.fail()
    fresh.sharing.sync()
    first.sharing.sync()
    assert [change.to_state for change in fresh.changes] == [OPEN]
    assert (fresh.circuit.state, first.circuit.state) == (OPEN, OPEN)


def test_an_opening_that_nobody_was_told_of_ends_with_a_closing_that_came_after_it() -> None:
    clock = FakeClock()
    state = MemoryState(clock)
    task = Task(state, clock)
    task.fail()
    task.circuit.untold()  # lost on the way
    clock.now += 3
    state.write("k", Agreed(generation=4, state=CLOSED, until=clock.now - 5), after=0)
    task.sharing.sync()
    assert task.circuit.state is OPEN
    state.write("k", Agreed(generation=6, state=CLOSED, until=clock.now - 2), after=4)
    task.sharing.sync()
    assert task.circuit.state is CLOSED


def test_an_opening_that_is_told_late_is_no_longer_for_that() -> None:
    state = MemoryState(FakeClock())
    opening = Opening(generation=0, open_for=30, opened=1, reason="five", age=12)
    agreed = tell_opening(state, "k", opening).agreed
    assert agreed is not None
    assert agreed.until == 1018


@pytest.mark.parametrize("ahead", [3600.0, 20.0, -3600.0])
def test_a_clock_that_is_off_shuts_a_route_no_longer_than_the_schedule(ahead: float) -> None:
    clock = FakeClock()
    state = MemoryState(clock)
    wrong, right = Task(Ahead(state, ahead), clock), Task(state, clock, open_schedule=(30, 40))
    wrong.fail()
    wrong.sharing.sync()
    right.sharing.sync()
    assert (right.circuit.snapshot().open_left or 0) <= 40
    clock.now += 40
    permit = right.circuit.acquire()
    assert permit is not None
    permit.success(0.1)
    right.sharing.sync()
    wrong.sharing.sync()
    assert (wrong.circuit.state, right.circuit.state) == (CLOSED, CLOSED)


def test_a_lease_by_a_clock_that_is_ahead_ends_with_the_schedule_too() -> None:
    clock = FakeClock()
    state = MemoryState(clock)
    wrong, right = Task(Ahead(state, 3600), clock), Task(state, clock)
    wrong.fail()
    wrong.sharing.sync()
    right.sharing.sync()
    clock.now += 30
    assert wrong.circuit.acquire(lease=10) is not None  # and the task is gone
    clock.now += 270
    waited = 0
    while right.circuit.acquire(lease=10) is None:
        clock.now += 1
        waited += 1
    assert waited in range(290, 303)


def test_who_never_heard_of_an_open_time_does_not_ask_past_it() -> None:
    clock = FakeClock()
    state = MemoryState(clock)
    state.write("k", Agreed(generation=5, state=OPEN, until=1010), after=0)
    word = ask_for_probe(state, "k", owner="a", seconds=5, known=4, opened=1)
    assert isinstance(word, Refused)
    assert word.retry_in == 10


def test_a_sink_that_raises_stops_neither_a_call_nor_the_sharing() -> None:
    clock = FakeClock()
    state = MemoryState(clock)
    task, other = Mute(state, clock), Task(state, clock)
    other.fail()
    other.sharing.sync()
    task.sharing.sync()
    assert task.sharing.reachable
    assert task.circuit.state is OPEN
    assert task.circuit.acquire() is None


def test_a_round_that_fails_in_any_way_is_followed_by_another_and_the_thread_s_end_is_told() -> (
    None
):
    clock = FakeClock()
    heard = Event()

    class Odd(MemoryState):
        reads = 0

        def read(self, key: str) -> Seen:
            self.reads += 1
            if self.reads > 2:
                heard.set()
            return super().read(key)

    task = Task(Odd(clock), clock, background=True)
    task.sharing._jobs.put(lambda: json.loads("no job at all"))
    task.sharing.wake()
    task.sharing.wake()
    assert heard.wait(30)
    task.sharing.close()
    assert not task.sharing.reachable
    assert task.sharing.ask(task.circuit, 5, known=0, opened=1) is None


def test_the_child_of_a_fork_tells_and_hears_by_itself() -> None:
    clock = FakeClock()

    class Noting(MemoryState):
        told = Event()

        def write(self, key: str, agreed: Agreed, *, after: int) -> bool:
            written = super().write(key, agreed, after=after)
            self.told.set()
            return written

    task = Task(Noting(clock), clock, background=True)
    child = os.fork()
    if child == 0:
        signal.alarm(20)  # of a child that hangs nothing is left
        Noting.told = Event()
        task.fail()
        told = Noting.told.wait(15)
        own = task.sharing._owner == f"a task {os.getpid()}"
        os._exit(0 if told and own and task.sharing.reachable else 1)
    _, status = os.waitpid(child, 0)
    task.sharing.close()
    assert os.waitstatus_to_exitcode(status) == 0
    assert task.sharing._owner == "a task"


def test_a_child_has_no_probe_of_its_parent() -> None:
    clock = FakeClock()
    state = MemoryState(clock)
    task = Task(state, clock)
    task.fail()
    task.sharing.sync()
    clock.now += 30
    permit = task.circuit.acquire()
    assert permit is not None
    before = state.read("k").agreed
    task.sharing.begin_again()
    permit.success(0.1)
    task.sharing.sync()
    assert state.read("k").agreed == before


@pytest.mark.parametrize(
    "text", ["garbage", "[]", "{}", '{"form": 2}', b"\xff", None, "NaN"], ids=repr
)
def test_a_value_that_cannot_be_read_stops_nobody(text: str | bytes | None) -> None:
    assert agreed_under(b"7", text) == Agreed(generation=7, state=CLOSED)
    assert agreed_under(None, text) is None


@pytest.mark.parametrize("time", [float("nan"), float("inf"), "1"], ids=str)
def test_a_time_that_is_none_cannot_be_read(time: object) -> None:
    kept = json.loads(text_of(Agreed(generation=7, state=OPEN, until=5.0)))
    agreed = agreed_under("7", json.dumps({**kept, "until": time}))
    assert agreed == Agreed(generation=7, state=CLOSED)


def test_a_value_that_cannot_be_read_is_written_over() -> None:
    """Redis, as far as its two scripts go."""
    clock = FakeClock()
    kept: dict[str, Any] = {"g": "3", "d": "garbage"}

    class Client:
        def eval(self, script: str, numkeys: int, *words: Any) -> Any:  # noqa: ARG002 - redis-py
            if "TIME" in script:
                return [int(clock.now), 0, kept["g"], kept["d"]]
            if kept["g"] != words[1]:
                return 0
            kept.update(g=words[2], d=words[3])
            return 1

    task, other = Task(RedisState(Client()), clock), Task(RedisState(Client()), clock)
    task.fail()
    task.sharing.sync()
    other.sharing.sync()
    assert kept["g"] == "4"
    assert (task.circuit.state, other.circuit.state) == (OPEN, OPEN)
    assert task.sharing.reachable
