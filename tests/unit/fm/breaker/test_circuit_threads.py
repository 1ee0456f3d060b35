"""Sixty-four threads on one breaker: one probe at any time, no permit lost, exact counts."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from threading import Barrier, Lock, Thread

import pytest

from mangaops.fm.breaker.circuit import CircuitBreaker
from mangaops.fm.breaker.config import BreakerConfig
from mangaops.fm.breaker.transitions import BreakerState, Transition
from mangaops.fm.failure import FailureClass
from support.fake_time import FakeClock

THREADS = 64


@pytest.fixture(autouse=True)
def _threads_change_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def hammer(work: Callable[[int], None]) -> None:
    together = Barrier(THREADS)

    def run(number: int) -> None:
        together.wait()
        work(number)

    threads = [Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def breaker(clock: FakeClock, changes: list[Transition], **config: object) -> CircuitBreaker:
    return CircuitBreaker(
        BreakerConfig(jitter=0, **config),
        clock=clock,
        rng=random.Random(1),  # noqa: S311 - no jitter is drawn
        on_transition=changes.append,
    )


def test_each_outcome_is_counted_once() -> None:
    calls = 40
    one = breaker(FakeClock(), [], consecutive=None, min_calls=10_000)

    def work(number: int) -> None:
        for turn in range(calls):
            permit = one.acquire()
            assert permit is not None
            with permit:
                match (number + turn) % 4:
                    case 0:
                        permit.success(0.1)
                    case 1:
                        permit.failure(FailureClass.TRANSIENT, 0.1)
                    case 2:
                        permit.failure(FailureClass.THROTTLE, 0.1)
                    case _:
                        pass

    hammer(work)
    quarter = THREADS * calls // 4
    rates = one.snapshot().rates
    assert rates.calls == 3 * quarter
    assert rates.failure == 0.5
    assert rates.throttle == pytest.approx(1 / 3)


class Crowd:
    """Counts who is let through, and how many are at once."""

    def __init__(self, one: CircuitBreaker) -> None:
        self.one = one
        self.lock = Lock()
        self.inside = self.most = self.admitted = self.refused = 0

    def work(self, number: int) -> None:
        for _ in range(60):
            permit = self.one.acquire()
            if permit is None:
                with self.lock:
                    self.refused += 1
                continue
            with self.lock:
                self.inside += 1
                self.admitted += 1
                self.most = max(self.most, self.inside)
            with self.lock:
                self.inside -= 1
            if number % 2:
                permit.success(0.1)
            else:
                permit.ignore()


def test_of_many_threads_one_is_the_probe() -> None:
    clock, changes = FakeClock(), list[Transition]()
    one = breaker(clock, changes, successes_to_close=1_000_000)
    for _ in range(5):
        permit = one.acquire()
        assert permit is not None
        permit.failure(FailureClass.TRANSIENT, 0.1)
    clock.now += 30
    crowd = Crowd(one)
    hammer(crowd.work)
    assert crowd.most == 1
    assert crowd.admitted >= 1
    assert crowd.admitted + crowd.refused == THREADS * 60
    assert one.snapshot().refused == crowd.refused
    assert [change.to_state for change in changes] == [BreakerState.OPEN, BreakerState.HALF_OPEN]
    assert one.acquire() is not None  # the last gave its place back


def test_it_opens_once_however_many_find_it_broken() -> None:
    changes = list[Transition]()
    one = breaker(FakeClock(), changes)
    refused: list[int] = []

    def work(number: int) -> None:
        for _ in range(10):
            permit = one.acquire()
            if permit is None:
                refused.append(number)
            else:
                permit.failure(FailureClass.TRANSIENT, 0.1)

    hammer(work)
    assert [change.to_state for change in changes] == [BreakerState.OPEN]
    seen = one.snapshot()
    assert seen.rates.calls == 5
    assert seen.rates.calls + seen.late + seen.refused == THREADS * 10
    assert seen.refused == len(refused)


def test_its_sink_may_ask_it() -> None:
    """Transitions are reported outside the lock: here one would wait for itself for ever."""
    states: list[BreakerState] = []
    one = CircuitBreaker(
        BreakerConfig(consecutive=1),
        clock=FakeClock(),
        rng=random.Random(1),  # noqa: S311 - jitter
        on_transition=lambda _: states.append(one.snapshot().state),
    )
    permit = one.acquire()
    assert permit is not None
    permit.failure(FailureClass.TRANSIENT, 0.1)
    assert states == [BreakerState.OPEN]
