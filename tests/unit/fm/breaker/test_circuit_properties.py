"""The breaker against a naive one, which keeps every outcome and counts them anew each time."""

from __future__ import annotations

import random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mangaops.fm.breaker.circuit import CircuitBreaker
from mangaops.fm.breaker.config import BreakerConfig
from mangaops.fm.breaker.permit import Permit
from mangaops.fm.breaker.transitions import BreakerState
from mangaops.fm.failure import FailureClass
from support.fake_time import FakeClock

CONFIG = BreakerConfig(
    window=10,
    min_calls=5,
    consecutive=4,
    open_schedule=(5, 8, 20),
    jitter=0,
    probe_lease=3,
    slow_call=2.0,
)
GOOD, SLOW, BAD, THROTTLED, NOTHING = "good", "slow", "bad", "throttled", "nothing"
GIVEN = st.sampled_from([GOOD, GOOD, SLOW, BAD, BAD, THROTTLED, NOTHING])


class Naive:
    """No buckets kept, no counters: a list, and what happened since the last change."""

    def __init__(self) -> None:
        self.state = "closed"
        self.era = 0
        self.outcomes: list[tuple[float, str]] = []
        self.opened_for: list[float] = []
        self.until = 0.0
        self.probe: tuple[int, float] | None = None
        self.passed = 0

    def acquire(self, now: float) -> int | None:
        if self.state == "closed":
            return self.era
        if self.state == "open":
            if now < self.until:
                return None
            self.state, self.passed, self.probe = "half_open", 0, None
        if self.probe is not None and now < self.probe[1]:
            return None
        self.era += 1
        self.probe = (self.era, now + CONFIG.probe_lease)
        return self.era

    def settle(self, era: int, outcome: str, now: float) -> None:
        if era != self.era:
            return
        if self.state == "half_open":
            self.judge(outcome, now)
        elif outcome != NOTHING:
            self.outcomes.append((now, outcome))
            if self.must_open(now):
                self.open(now)

    def judge(self, outcome: str, now: float) -> None:
        self.probe = None
        if outcome == NOTHING:
            return
        if outcome != GOOD:
            self.open(now)
            return
        self.passed += 1
        if self.passed == CONFIG.successes_to_close:
            self.state, self.outcomes, self.opened_for = "closed", [], []
            self.era += 1

    def must_open(self, now: float) -> bool:
        recent = [what for at, what in self.outcomes if now // 1 - at // 1 < CONFIG.window]
        calls = [what for what in recent if what != THROTTLED]
        last = [what for _, what in self.outcomes][-(CONFIG.consecutive or 0) :]
        enough = len(calls) >= CONFIG.min_calls
        return (
            (len(last) == CONFIG.consecutive and set(last) <= {BAD, THROTTLED})
            or (enough and calls.count(BAD) / len(calls) >= CONFIG.failure_rate)
            or (enough and calls.count(SLOW) / len(calls) >= CONFIG.slow_rate)
            or (
                len(recent) >= CONFIG.min_calls
                and recent.count(THROTTLED) / len(recent) >= CONFIG.throttle_rate
            )
        )

    def open(self, now: float) -> None:
        schedule = CONFIG.open_schedule
        self.opened_for.append(schedule[min(len(self.opened_for), len(schedule) - 1)])
        self.state, self.until = "open", now + self.opened_for[-1]
        self.era += 1


class Compared(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock(1_000.25)
        self.real = CircuitBreaker(
            CONFIG,
            clock=self.clock,
            rng=random.Random(1),  # noqa: S311 - no jitter is drawn
        )
        self.naive = Naive()
        self.held: list[tuple[Permit, int]] = []

    @rule()
    def acquire(self) -> None:
        permit, era = self.real.acquire(), self.naive.acquire(self.clock.now)
        assert (permit is None) == (era is None)
        if permit is not None and era is not None:
            self.held.append((permit, era))

    @precondition(lambda self: self.held)
    @rule(which=st.integers(min_value=0), outcome=GIVEN)
    def settle(self, which: int, outcome: str) -> None:
        permit, era = self.held.pop(which % len(self.held))
        self.naive.settle(era, outcome, self.clock.now)
        match outcome:
            case "good" | "slow":
                permit.success(3.0 if outcome == SLOW else 0.5)
            case "bad":
                permit.failure(FailureClass.TRANSIENT, 0.5)
            case "throttled":
                permit.failure(FailureClass.THROTTLE, 0.5)
            case _:
                permit.ignore()

    @rule(outcome=GIVEN, times=st.integers(min_value=1, max_value=6))
    def call(self, outcome: str, times: int) -> None:
        for _ in range(times):
            held = len(self.held)
            self.acquire()
            if len(self.held) > held:
                self.settle(held, outcome)

    @rule(given=st.lists(GIVEN, min_size=1, max_size=4))
    def probe(self, given: list[str]) -> None:
        """Broken until it opens, then due; probes with these outcomes, the first one lost."""
        self.call(BAD, 6)
        self.wait(max(0.0, self.naive.until - self.clock.now))
        self.acquire()
        self.wait(CONFIG.probe_lease)
        for outcome in given:
            self.call(outcome, 1)

    @rule(seconds=st.sampled_from([0.25, 0.75, 1.0, 3.0, 5.0, 9.5, 10.0, 40.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @invariant()
    def they_agree(self) -> None:
        due = self.naive.state == "open" and self.clock.now >= self.naive.until
        assert self.real.state == BreakerState("half_open" if due else self.naive.state)


Compared.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestABreakerAgreesWithANaiveOne = Compared.TestCase
