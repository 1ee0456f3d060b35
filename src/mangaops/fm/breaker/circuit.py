"""The machine of three states: closed, open, and half open with one probe at a time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from contextlib import suppress
from threading import Lock

from mangaops.fm.breaker.config import BreakerConfig, BreakerMode
from mangaops.fm.breaker.permit import Outcome, Permit
from mangaops.fm.breaker.transitions import BreakerState, Rates, Snapshot, Transition
from mangaops.fm.breaker.window import Window
from mangaops.fm.failure import FailureClass

_CALLS, _FAILED, _SLOW, _THROTTLED = range(4)

_COUNTS: dict[Outcome, tuple[int, ...]] = {
    Outcome.SUCCESS: (_CALLS,),
    Outcome.SLOW: (_CALLS, _SLOW),
    Outcome.FAILURE: (_CALLS, _FAILED),
    Outcome.SLOW_FAILURE: (_CALLS, _FAILED, _SLOW),
    Outcome.THROTTLED: (_THROTTLED,),
}
"""`_CALLS` are those that were not throttled."""

GRACE = 1.0

_GOOD = frozenset({Outcome.SUCCESS, Outcome.SLOW})


class CircuitBreaker:
    """Thread-safe; its lock is held for microseconds, and never during a call.

    `clock` gives monotonic seconds. `on_transition` is called outside the lock, by the thread
    whose call changed the state; when it raises, that record is lost and nothing else.
    """

    def __init__(
        self,
        config: BreakerConfig,
        *,
        clock: Callable[[], float],
        rng: random.Random,
        on_transition: Callable[[Transition], None] | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._rng = rng
        self._on_transition = on_transition
        self._lock = Lock()
        self._give_back = self._settle  # bound once: acquire is on every call's way
        self._slow_call = _limit(config.slow_call)
        self._slow_first_token = _limit(config.slow_first_token)
        self._window = Window(config.window, 4)
        self._mode = config.mode
        self._state = _state_of(config.mode)
        self._generation = 0
        self._transitions = 0
        self._consecutive = 0
        self._opened = 0
        self._open_until = math.inf
        self._hinted_until = -math.inf
        self._lease_ends: float | None = None
        self._probes_passed = 0
        self._refused = self._late = self._expired = 0

    @property
    def state(self) -> BreakerState:
        """Half open as soon as a call would be let through as a probe."""
        state = self._state
        if state is BreakerState.OPEN and self._clock() >= self._open_until:
            return BreakerState.HALF_OPEN
        return state

    def acquire(
        self,
        *,
        slow_call: float | None = None,
        slow_first_token: float | None = None,
        lease: float | None = None,
    ) -> Permit | None:
        """None: do not send. All are seconds; `lease` is what this call may take at most.

        As a probe it keeps its place a second longer than that, so that its own timeout is
        told before another takes the place.
        """
        limits = (
            self._slow_call if slow_call is None else slow_call,
            self._slow_first_token if slow_first_token is None else slow_first_token,
        )
        change = None
        with self._lock:
            probe = self._state is not BreakerState.CLOSED
            if probe:
                change, admitted = self._admit_probe(lease)
                if not admitted:
                    return None
            permit = Permit(self._give_back, self._generation, *limits, probe)
        self._report(change)
        return permit

    def order(self, mode: BreakerMode) -> None:
        """What an operator wants; it forgets what was counted."""
        with self._lock:
            self._mode = mode
            self._opened = 0
            change = self._change(
                _state_of(mode),
                f"an operator ordered {mode.value.replace('_', ' ')}",
                self._clock(),
                math.inf if mode is BreakerMode.FORCED_OPEN else None,
            )
            self._forget()
            self._open_until = math.inf
        self._report(change)

    def snapshot(self) -> Snapshot:
        with self._lock:
            now = self._clock()
            opened = self._state is BreakerState.OPEN
            return Snapshot(
                state=self.state,
                rates=self._rates(now),
                consecutive=self._consecutive,
                open_left=max(0.0, self._open_until - now) if opened else None,
                refused=self._refused,
                late=self._late,
                expired=self._expired,
            )

    def _admit_probe(self, lease: float | None) -> tuple[Transition | None, bool]:
        """One at a time. A lease that ended makes room, and is neither success nor failure."""
        now = self._clock()
        waiting = self._state is BreakerState.OPEN and now < self._open_until
        if waiting or (self._lease_ends is not None and now < self._lease_ends):
            self._refused += 1
            return None, False
        change = None
        if self._state is BreakerState.OPEN:
            self._probes_passed = 0
            change = self._change(BreakerState.HALF_OPEN, "its time is over: one probe", now)
        elif self._lease_ends is not None:
            self._expired += 1
        self._generation += 1  # the outcome of a probe before this one comes too late
        self._lease_ends = now + (self._config.probe_lease if lease is None else lease + GRACE)
        return change, True

    def _settle(
        self,
        permit: Permit,
        outcome: Outcome,
        failure_class: FailureClass | None,
        retry_after: float | None,
    ) -> None:
        change = None
        with self._lock:
            if permit.settled:
                return
            permit.settled = True
            if permit.generation != self._generation:
                self._late += 1
            elif self._state is BreakerState.HALF_OPEN:
                change = self._judge_probe(outcome, failure_class, retry_after)
            elif outcome is not Outcome.NOTHING and self._mode is not BreakerMode.DISABLED:
                change = self._count(outcome, failure_class, retry_after)
        self._report(change)

    def _count(
        self, outcome: Outcome, failure_class: FailureClass | None, retry_after: float | None
    ) -> Transition | None:
        now = self._clock()
        totals = self._window.add(now, *_COUNTS[outcome])
        if outcome in _GOOD:
            self._consecutive = 0
            if not (totals[_FAILED] or totals[_SLOW] or totals[_THROTTLED]):
                return None
        else:
            self._consecutive += 1
            self._heed(now, retry_after)
        if self._mode is BreakerMode.METRICS_ONLY:
            return None
        reason = self._reason(totals, failure_class)
        return None if reason is None else self._open(now, reason)

    def _reason(self, totals: list[int], last: FailureClass | None) -> str | None:
        """Why it opens, if it does: the first of the four rules that is met."""
        config = self._config
        calls, failed, slow, throttled = totals
        every = calls + throttled
        if last is not None and config.consecutive and self._consecutive >= config.consecutive:
            return f"{self._consecutive} failures in a row, the last {last.value}"
        if calls >= config.min_calls and failed >= config.failure_rate * calls:
            return f"{failed} of {calls} calls failed in {config.window:g} s"
        if calls >= config.min_calls and slow >= config.slow_rate * calls:
            return f"{slow} of {calls} calls were slow in {config.window:g} s"
        if every >= config.min_calls and throttled >= config.throttle_rate * every:
            return f"{throttled} of {every} calls were throttled in {config.window:g} s"
        return None

    def _judge_probe(
        self, outcome: Outcome, failure_class: FailureClass | None, retry_after: float | None
    ) -> Transition | None:
        now = self._clock()
        self._lease_ends = None
        if outcome is Outcome.NOTHING:
            return None
        if outcome is not Outcome.SUCCESS:
            self._heed(now, retry_after)
            told = "was slow" if failure_class is None else f"failed: {failure_class.value}"
            return self._open(now, f"the probe {told}")
        self._probes_passed += 1
        if self._probes_passed < self._config.successes_to_close:
            return None
        self._opened = 0
        number = self._probes_passed
        told = "a probe succeeded" if number == 1 else f"{number} probes succeeded"
        change = self._change(BreakerState.CLOSED, told, now)
        self._forget()
        return change

    def _open(self, now: float, reason: str) -> Transition:
        schedule = self._config.open_schedule
        planned = schedule[min(self._opened, len(schedule) - 1)]
        planned *= 1 + self._config.jitter * self._rng.random()
        open_for = max(planned, min(self._hinted_until - now, max(schedule)))
        self._opened += 1
        self._open_until = now + open_for
        return self._change(BreakerState.OPEN, reason, now, open_for)

    def _heed(self, now: float, retry_after: float | None) -> None:
        if retry_after is not None:
            self._hinted_until = max(self._hinted_until, now + retry_after)

    def _change(
        self, to_state: BreakerState, reason: str, now: float, open_for: float | None = None
    ) -> Transition:
        self._generation += 1
        self._transitions += 1
        self._lease_ends = None
        change = Transition(
            number=self._transitions,
            at=now,
            from_state=self._state,
            to_state=to_state,
            reason=reason,
            rates=self._rates(now),
            open_for=open_for,
        )
        self._state = to_state
        return change

    def _forget(self) -> None:
        self._window.clear()
        self._consecutive = 0
        self._hinted_until = -math.inf

    def _rates(self, now: float) -> Rates:
        calls, failed, slow, throttled = self._window.at(now)
        every = calls + throttled
        return Rates(
            calls=every,
            failure=failed / calls if calls else None,
            throttle=throttled / every if every else None,
            slow=slow / calls if calls else None,
        )

    def _report(self, change: Transition | None) -> None:
        if change is None or self._on_transition is None:
            return
        with suppress(Exception):  # no call, and no other task, pays for a lost record
            self._on_transition(change)


def _limit(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds


def _state_of(mode: BreakerMode) -> BreakerState:
    return BreakerState.OPEN if mode is BreakerMode.FORCED_OPEN else BreakerState.CLOSED
