"""What tasks agree on, step by step, on one clock and a store in memory."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Barrier, Event, Lock, Thread
from typing import Any

import pytest

from mangaops import fm
from mangaops.fm.breaker.config import BreakerConfig, BreakerMode
from mangaops.fm.breaker.permit import Permit
from mangaops.fm.breaker.registry import Breakers
from mangaops.fm.breaker.shared import (
    Agreed,
    MemoryState,
    Opening,
    Ruling,
    Seen,
    Verdict,
    tell_opening,
    tell_ruling,
)
from mangaops.fm.breaker.shared_circuit import SharedCircuit
from mangaops.fm.breaker.sharing import Sharing
from mangaops.fm.breaker.stored import agreed_of, text_of
from mangaops.fm.breaker.transitions import BreakerState, Transition
from mangaops.fm.failure import FailureClass
from mangaops.fm.target import Target
from support.fake_time import FakeClock
from support.fm import Scripted, ask, said, unavailable

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
TRANSIENT = FailureClass.TRANSIENT


class Broken(MemoryState):
    """A store that can be out of reach."""

    down = False
    reads = 0
    on_read: Callable[[], None] | None = None

    def read(self, key: str) -> Seen:
        self.reads += 1
        if self.down:
            raise ConnectionError("secret host")
        seen = super().read(key)
        if self.on_read is not None:
            self.on_read()
        return seen


class Task:
    """A task of the service, with its own breaker; `sync` is its poll."""

    def __init__(self, state: MemoryState, clock: FakeClock, owner: str, **config: Any) -> None:
        self.changes: list[Transition] = []
        self.sharing = Sharing(state, owner=owner, background=False)
        self.circuit = SharedCircuit(
            BreakerConfig(**{"jitter": 0.0, **config}),
            key="k",
            sharing=self.sharing,
            clock=clock,
            rng=random.Random(1),  # noqa: S311 - no jitter is drawn
            on_transition=self.changes.append,
        )

    def sync(self) -> None:
        self.sharing.sync()

    def probe(self) -> Permit:
        permit = self.circuit.acquire()
        assert permit is not None
        assert permit.probe
        return permit

    def fail(self, times: int = 5) -> None:
        for _ in range(times):
            permit = self.circuit.acquire()
            assert permit is not None
            permit.failure(TRANSIENT, 0.1)

    @property
    def path(self) -> list[BreakerState]:
        return [change.to_state for change in self.changes]


class World:
    def __init__(self, tasks: int = 2, **config: Any) -> None:
        self.clock = FakeClock()
        self.state = Broken(self.clock)
        self.tasks = [Task(self.state, self.clock, f"task {n}", **config) for n in range(tasks)]

    def sync(self) -> None:
        """Twice: what the last one tells, the first one hears."""
        for task in self.tasks * 2:
            task.sync()

    def opened(self) -> World:
        self.tasks[0].fail()
        self.sync()
        return self

    def half_open(self) -> World:
        self.opened()
        self.clock.now += 30
        return self


def test_an_opening_is_seen_by_the_others_and_says_whose_it_is() -> None:
    world = World(3).opened()
    assert [task.circuit.state for task in world.tasks] == [OPEN] * 3
    (change,) = world.tasks[2].changes
    assert change.reason == "another task: 5 failures in a row, the last transient"
    assert change.open_for == 30
    assert [task.circuit.acquire() for task in world.tasks] == [None] * 3


def test_one_task_has_the_probe_and_two_successes_close_all() -> None:
    world = World(3).half_open()
    first, second, third = world.tasks
    permit = first.probe()
    assert second.circuit.acquire() is None
    assert third.circuit.acquire() is None
    permit.success(0.1)
    world.sync()
    world.clock.now += 1
    permit = second.probe()
    assert first.circuit.acquire() is None
    permit.success(0.1)
    assert second.circuit.state is CLOSED  # it knows of the other's success
    world.sync()
    assert [task.circuit.state for task in world.tasks] == [CLOSED] * 3
    assert third.path == [OPEN, CLOSED]
    assert third.changes[-1].reason == "the probes of all tasks succeeded"


def test_a_probe_that_fails_keeps_all_open_for_longer() -> None:
    world = World(2).half_open()
    first, second = world.tasks
    second.probe().failure(TRANSIENT, 0.1)
    world.sync()
    assert first.circuit.state is OPEN
    assert first.circuit.snapshot().open_left == 30
    world.clock.now += 30
    first.probe().failure(TRANSIENT, 0.1)
    world.sync()
    assert second.circuit.snapshot().open_left == 60


def test_a_prober_that_is_gone_makes_room_when_its_lease_ends() -> None:
    world = World(2, probe_lease=10).half_open()
    first, second = world.tasks
    lost = first.probe()
    world.clock.now += 9.9
    assert second.circuit.acquire() is None
    world.clock.now += 1.1
    permit = second.probe()
    lost.success(11)
    permit.success(0.1)
    world.sync()
    agreed = world.state.read("k").agreed
    assert agreed is not None
    assert (agreed.state, agreed.passed) == (OPEN, 1)


def test_a_lease_that_another_took_over_lets_the_late_outcome_count_for_nothing() -> None:
    world = World(2, probe_lease=10, successes_to_close=1).half_open()
    first, second = world.tasks
    lost = first.probe()
    world.clock.now += 10
    permit = second.probe()
    world.sync()
    lost.success(0.1)
    world.sync()
    assert first.circuit.state is not CLOSED
    assert second.circuit.state is not CLOSED
    permit.success(0.1)
    world.sync()
    assert first.circuit.state is CLOSED


def test_a_probe_that_says_nothing_is_given_back() -> None:
    world = World(2).half_open()
    first, second = world.tasks
    first.probe().ignore()
    world.sync()
    assert second.probe().probe


def test_an_outcome_of_an_old_generation_opens_nothing() -> None:
    world = World(2, successes_to_close=1)
    first, second = world.tasks
    late = [second.circuit.acquire() for _ in range(5)]
    first.fail()
    world.sync()
    world.clock.now += 30
    first.probe().success(0.1)
    world.sync()
    for permit in late:
        assert permit is not None
        permit.failure(TRANSIENT, 31)
    world.sync()
    assert [task.circuit.state for task in world.tasks] == [CLOSED] * 2


def test_two_that_open_at_the_same_time_agree_on_one_opening() -> None:
    world = World(2)
    for task in world.tasks:
        task.fail()
    world.sync()
    agreed = world.state.read("k").agreed
    assert agreed is not None
    assert agreed.opened == 1
    world.clock.now += 30
    assert [task.circuit.acquire() is None for task in world.tasks] == [False, True]


def test_who_comes_later_learns_that_it_is_open() -> None:
    world = World(1).opened()
    late = Task(world.state, world.clock, "late")
    late.sync()
    assert late.circuit.state is OPEN


def test_out_of_reach_each_goes_by_its_own_and_says_so_once() -> None:
    world = World(2)
    first, second = world.tasks
    world.state.down = True
    first.fail()
    world.sync()
    world.sync()
    assert (first.circuit.state, second.circuit.state) == (OPEN, CLOSED)
    notes = [change for change in first.changes if change.from_state is change.to_state]
    assert [note.reason for note in notes] == [
        "the shared state is out of reach (ConnectionError): by its own state alone"
    ]
    world.clock.now += 30
    first.probe().success(0.1)  # alone, as any breaker
    first.probe().success(0.1)
    assert first.circuit.state is CLOSED
    world.state.down = False
    world.sync()
    assert first.changes[-1].reason == "the shared state is reached again"


def test_a_store_that_forgot_learns_of_it_from_who_asks_for_the_probe() -> None:
    world = World(2).half_open()
    first, second = world.tasks
    world.state._kept.clear()
    world.sync()
    assert first.circuit.state is HALF_OPEN
    permit = first.probe()
    assert second.circuit.acquire() is None
    permit.failure(TRANSIENT, 0.1)
    world.sync()
    assert second.circuit.snapshot().open_left == 30


def test_an_opening_that_was_not_told_is_told_with_the_question_for_the_probe() -> None:
    world = World(2)
    world.state.down = True
    world.tasks[0].fail()
    world.sync()
    world.state.down = False
    world.sync()
    world.clock.now += 30
    permit = world.tasks[0].probe()
    world.sync()
    assert world.tasks[1].circuit.state is HALF_OPEN
    assert world.tasks[1].circuit.acquire() is None
    permit.success(0.1)


def test_an_operator_s_order_is_this_task_s_own() -> None:
    world = World(2)
    world.tasks[1].circuit.order(BreakerMode.DISABLED)
    world.opened()
    assert world.tasks[1].circuit.state is CLOSED
    world.tasks[1].circuit.order(BreakerMode.FORCED_OPEN)
    assert world.tasks[1].circuit.acquire() is None


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_one_probe_runs_at_a_time(seed: int) -> None:
    """Four tasks, at random: call, end a call, poll, wait."""
    rng = random.Random(seed)  # noqa: S311 - a simulation
    world = World(4, successes_to_close=2, probe_lease=5)
    running: list[tuple[Permit, float]] = []

    def end() -> None:
        if running:
            permit, _ = running.pop(rng.randrange(len(running)))
            match rng.choice((0, 1, 1, 2, 2, 2)):
                case 0:
                    permit.ignore()
                case 1:
                    permit.success(0.1)
                case _:
                    permit.failure(TRANSIENT, 0.1)

    def call() -> None:
        permit = rng.choice(world.tasks).circuit.acquire()
        if permit is not None:
            running.append((permit, world.clock.now))

    steps: list[Callable[[], object]] = [end, call, call, lambda: rng.choice(world.tasks).sync()]
    for _ in range(1500):
        rng.choice(steps)()
        world.clock.now += rng.choice((0, 0, 0, 0.5, 3))
        alive = [
            permit
            for permit, since in running
            if permit.probe and not permit.settled and world.clock.now < since + 5
        ]
        assert len(alive) <= 1


def test_a_registry_shares_by_model_region_and_operation() -> None:
    clock = FakeClock()
    sharing = Sharing(MemoryState(clock), owner="a", background=False)
    breakers = Breakers(
        BreakerConfig(),
        clock=clock,
        rng=random.Random(1),  # noqa: S311 - jitter
        sharing=sharing,
    )
    one = breakers.of(Target(model_id="m", region="r"), "converse")
    assert isinstance(one, SharedCircuit)
    assert one.key == "r/m/converse"
    assert breakers.of(Target(model_id="m", region="r"), "converse") is one


def test_what_is_kept_is_read_back_and_nothing_else_is() -> None:
    agreed = Agreed(
        generation=7,
        state=OPEN,
        until=1.5,
        opened=2,
        passed=1,
        owner="a",
        lease_until=3.25,
        reason="é",
    )
    assert agreed_of(text_of(agreed).encode()) == agreed
    with pytest.raises(ValueError, match="form 2"):
        agreed_of('{"form": 2}')


def test_an_answer_that_takes_too_long_is_not_waited_for() -> None:
    """The store hangs: the call that would probe goes by its own state after `patience`."""
    release = Event()

    class Hanging(MemoryState):
        def read(self, key: str) -> Seen:
            release.wait(30)
            return super().read(key)

    clock = FakeClock()
    sharing = Sharing(Hanging(clock), owner="a", patience=0.01)
    circuit = SharedCircuit(
        BreakerConfig(consecutive=1, jitter=0),
        key="k",
        sharing=sharing,
        clock=clock,
        rng=random.Random(1),  # noqa: S311 - no jitter is drawn
    )
    permit = circuit.acquire()
    assert permit is not None
    permit.failure(TRANSIENT, 0.1)
    clock.now += 30
    assert circuit.acquire() is not None
    assert not sharing.reachable
    release.set()
    sharing.close()


def test_a_client_s_breakers_are_shared() -> None:
    """Through the client: one opens, the other sends nothing to that model."""
    clock = FakeClock()
    state = MemoryState(clock)
    sharings = [Sharing(state, owner=name, background=False) for name in "ab"]
    broken = Scripted(by=lambda _, target: unavailable() if "haiku" in str(target) else said())
    other = Scripted()
    clients = [
        fm.Client(
            transport=transport,
            sharing=sharing,
            clock=clock,
            sleep=lambda _: None,
            rng=random.Random(1),  # noqa: S311 - jitter
            log_sink=lambda _: None,
        )
        for sharing, transport in zip(sharings, (broken, other), strict=True)
    ]
    clients[1].complete(ask("faq"))
    first = other.targets[0]
    for _ in range(4):
        clients[0].complete(ask("faq"))
    for sharing in sharings * 2:
        sharing.sync()
    clients[1].complete(ask("faq"))
    assert "haiku" in first
    assert other.targets[1:].count(first) == 0


def test_only_who_read_the_last_word_may_write() -> None:
    state = MemoryState(FakeClock())
    first = Agreed(generation=3, state=OPEN)
    assert state.write("k", first, after=0)
    for wrong in (0, 2, 4):
        assert not state.write("k", Agreed(generation=9, state=CLOSED), after=wrong)
    assert state.read("k").agreed == first


def test_what_was_counted_under_an_older_generation_opens_nothing() -> None:
    state = MemoryState(FakeClock())
    closed = Agreed(generation=7, state=CLOSED, until=996)
    state.write("k", closed, after=0)
    opening = Opening(generation=5, open_for=30, opened=1, reason="of the past", age=5)
    assert tell_opening(state, "k", opening).agreed == closed
    now = tell_opening(state, "k", replace(opening, generation=7)).agreed
    assert now is not None
    assert (now.generation, now.state) == (8, OPEN)


def test_a_failed_probe_takes_back_the_successes_before_it() -> None:
    state = MemoryState(FakeClock())
    state.write("k", Agreed(generation=1, state=OPEN, passed=1, owner="a"), after=0)
    ruling = Ruling(generation=1, owner="a", verdict=Verdict.FAILED, needed=2, open_for=30)
    now = tell_ruling(state, "k", ruling).agreed
    assert now is not None
    assert (now.passed, now.until) == (0, 1030)


def test_a_success_after_the_lease_closes_when_the_others_agree() -> None:
    world = World(2, probe_lease=10, successes_to_close=1).half_open()
    first, second = world.tasks
    permit = first.probe()
    world.clock.now += 11
    permit.success(0.1)
    assert first.circuit.state is HALF_OPEN  # another may have taken over
    world.sync()
    assert (first.circuit.state, second.circuit.state) == (CLOSED, CLOSED)


def test_a_success_after_another_took_over_closes_nothing_not_even_for_a_moment() -> None:
    world = World(2, probe_lease=10, successes_to_close=1).half_open()
    first, second = world.tasks
    late = first.probe()
    world.clock.now += 10
    second.probe()
    late.success(0.1)
    assert first.circuit.state is HALF_OPEN
    world.sync()
    assert first.circuit.state is HALF_OPEN


def test_who_was_refused_does_not_ask_with_every_call() -> None:
    world = World(2).half_open()
    first, second = world.tasks
    first.probe()
    assert second.circuit.acquire() is None
    before = world.state.reads
    assert [second.circuit.acquire() for _ in range(5)] == [None] * 5
    assert world.state.reads == before
    world.clock.now += 1
    assert second.circuit.acquire() is None
    assert world.state.reads > before


def test_a_store_out_of_reach_is_not_asked_on_the_way_and_learns_nothing_of_the_past() -> None:
    world = World(2)
    world.state.down = True
    for task in world.tasks:
        task.fail()
        task.sync()
    world.clock.now += 30
    before = world.state.reads
    world.tasks[0].probe().ignore()
    assert world.state.reads == before
    world.tasks[0].probe().failure(TRANSIENT, 0.1)
    world.state.down = False
    world.sync()
    assert world.state.read("k").agreed is None


def test_a_probe_that_an_order_made_needless_is_given_back() -> None:
    world = World(2).half_open()
    first, second = world.tasks

    def order() -> None:
        world.state.on_read = None
        first.circuit.order(BreakerMode.FORCED_OPEN)

    world.state.on_read = order
    assert first.circuit.acquire() is None
    world.sync()
    assert second.probe().probe


class Crowd:
    """Threads of several tasks, and how many are let through at once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lock, self.together = Lock(), Barrier(16)
        self.inside = self.most = self.admitted = 0

    def work(self, number: int) -> None:
        task = self.world.tasks[number % 4]
        self.together.wait()
        for turn in range(25):
            permit = task.circuit.acquire()
            if permit is None:
                continue
            with self.lock:
                self.inside += 1
                self.admitted += 1
                self.most = max(self.most, self.inside)
            with self.lock:
                self.inside -= 1
            if turn % 2:
                permit.success(0.1)
            else:
                permit.ignore()
            task.sync()

    def gather(self) -> None:
        threads = [Thread(target=self.work, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@pytest.fixture
def _threads_change_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_threads_change_often")
def test_of_many_threads_of_many_tasks_one_is_the_probe() -> None:
    """The clock stands, so that no lease ends: whoever is let through is alone until it ends."""
    world = World(4, successes_to_close=1_000_000, probe_lease=60).half_open()
    crowd = Crowd(world)
    crowd.gather()
    assert crowd.most == 1
    assert crowd.admitted >= 1
    assert all(task.sharing.reachable for task in world.tasks)
    world.clock.now += 61  # whatever was lost in the crowd has ended
    world.sync()
    assert sum(task.circuit.acquire() is not None for task in world.tasks) == 1
