"""A breaker that goes by what all tasks agree on, and alone when nobody can be asked.

Closed, it is an ordinary breaker, and asks nobody on the way of a call. Its opening is told
to the others in the background, and theirs is heard there. Only who may be the probe is asked
on the way, once for all threads of the task, and waits no longer than `Sharing.patience`.

Rule: a time that others wrote is waited for by this task's own clock, and never longer than
its own `open_schedule` goes; a closing ends an opening only that it came after.
Reason: the clock of another task may be an hour ahead, and a task that has just started may
hear of a closing before its own first failures.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from threading import Lock, get_ident

from mangaops.fm.breaker.circuit import GRACE, CircuitBreaker
from mangaops.fm.breaker.config import BreakerConfig, BreakerMode
from mangaops.fm.breaker.permit import Outcome, Permit
from mangaops.fm.breaker.shared import (
    Agreed,
    Granted,
    Opening,
    Refused,
    Ruling,
    Seen,
    Verdict,
    closed_since,
)
from mangaops.fm.breaker.sharing import Sharing
from mangaops.fm.breaker.transitions import BreakerState, Transition
from mangaops.fm.failure import FailureClass


class SharedCircuit(CircuitBreaker):
    """As CircuitBreaker. `key` names it to the others: model, region and operation."""

    def __init__(
        self,
        config: BreakerConfig,
        *,
        key: str,
        sharing: Sharing,
        clock: Callable[[], float],
        rng: random.Random,
        on_transition: Callable[[Transition], None] | None = None,
    ) -> None:
        super().__init__(config, clock=clock, rng=rng, on_transition=on_transition)
        self.key = key
        self._sharing = sharing
        self._known = 0
        self._asking = Lock()
        self._ask_again_at = -math.inf
        self._asker: int | None = None
        self._probe_ends = -math.inf
        self._longest = max(config.open_schedule) * (1 + config.jitter)
        self._opened_at = -math.inf
        self._lease_seen: tuple[int, float] = (0, math.inf)
        self._granted: Agreed | None = None
        self._held: Agreed | None = None
        self._untold: deque[Opening | Ruling] = deque()
        sharing.join(self)

    def acquire(
        self,
        *,
        slow_call: float | None = None,
        slow_first_token: float | None = None,
        lease: float | None = None,
    ) -> Permit | None:
        self._sharing.attend()
        if self._state is BreakerState.CLOSED:
            return super().acquire(slow_call=slow_call, slow_first_token=slow_first_token)
        if not self._would_probe() or not self._asking.acquire(blocking=False):
            self._refuse()
            return None
        try:
            if not self._is_allowed(self._place_for(lease)):
                return None
            return super().acquire(slow_call=slow_call, slow_first_token=slow_first_token)
        finally:
            self._give_up_unused()
            self._asking.release()

    def _place_for(self, lease: float | None) -> float:
        """Until its own timeout is told to the others, however long they took to grant it."""
        return self._config.probe_lease if lease is None else lease + GRACE + self._sharing.patience

    def _is_allowed(self, seconds: float) -> bool:
        """Whether this thread may probe, as far as the others go.

        Their lease began when it was asked for, so ours ends no later than theirs.
        """
        asked = self._clock()
        seen, since = self._lease_seen
        word = self._sharing.ask(
            self,
            seconds,
            known=self._known,
            opened=self._opened,
            over=seen if asked - since >= max(self._longest, seconds) else 0,
        )
        if isinstance(word, Refused):
            self.hear(word.seen)
            self._see_lease(word.seen, asked)
            if not self._is_closed():
                self._ask_again_at = asked + min(word.retry_in, self._sharing.every)
                self._refuse()
                return False
        elif isinstance(word, Granted):
            self._granted = word.agreed
        self._asker = get_ident()
        self._probe_ends = asked + seconds
        return True

    def _see_lease(self, seen: Seen, asked: float) -> None:
        """Since when this task knows of the lease that it waits for."""
        agreed = seen.agreed
        if agreed is not None and agreed.generation != self._lease_seen[0]:
            self._lease_seen = (agreed.generation, asked)

    def _is_closed(self) -> bool:
        return self._state is BreakerState.CLOSED

    def hear(self, seen: Seen) -> None:
        """What others agreed on, when it is newer than what this one knows."""
        change = None
        with self._lock:
            agreed = seen.agreed
            if (
                agreed is None
                or agreed.generation <= self._known
                or self._mode is not BreakerMode.AUTOMATIC
            ):
                return
            self._known = agreed.generation
            change = self._adopt(seen, agreed)
        self._report(change)

    def untold(self) -> tuple[Opening | Ruling, ...]:
        """What the others are to be told, once."""
        with self._lock:
            age = self._clock() - self._opened_at
            told = tuple(
                replace(word, age=age) if isinstance(word, Opening) else word
                for word in self._untold
            )
            self._untold.clear()
            return told

    def begin_again(self) -> None:
        """In the child of a fork: its parent's threads and probes are not its own."""
        self._lock, self._asking = Lock(), Lock()
        self._asker = self._granted = self._held = None
        self._untold.clear()

    def remark(self, reason: str) -> None:
        """A record for the log, of a state that stays as it is."""
        with self._lock:
            self._transitions += 1
            now = self._clock()
            note = Transition(
                number=self._transitions,
                at=now,
                from_state=self._state,
                to_state=self._state,
                reason=reason,
                rates=self._rates(now),
            )
        self._report(note)

    def _would_probe(self) -> bool:
        now = self._clock()
        ends = self._lease_ends
        return (
            now >= self._ask_again_at
            and (self._state is not BreakerState.OPEN or now >= self._open_until)
            and (ends is None or now >= ends)
        )

    def _refuse(self) -> None:
        with self._lock:
            self._refused += 1

    def _give_up_unused(self) -> None:
        """A probe that was granted and then not needed is given back."""
        with self._lock:
            self._asker = None
            unused, self._granted = self._granted, None
            if unused is not None:
                self._untold.append(self._ruling(unused, Verdict.UNDECIDED))
        self._report(None)

    def _admit_probe(self, lease: float | None) -> tuple[Transition | None, bool]:
        """Only the thread that asked, whatever changed meanwhile."""
        if self._asker != get_ident():
            self._refused += 1
            return None, False
        change, admitted = super()._admit_probe(lease)
        if admitted:
            self._lease_ends = self._probe_ends
            self._held, self._granted = self._granted, None
            if self._held is not None:
                self._known = max(self._known, self._held.generation)
                self._opened = self._held.opened
                self._probes_passed = self._held.passed
        return change, admitted

    def _judge_probe(
        self, outcome: Outcome, failure_class: FailureClass | None, retry_after: float | None
    ) -> Transition | None:
        """A success after its lease closes only if the others agree that nobody took over."""
        held, self._held = self._held, None
        verdict, ends = _verdict(outcome), self._lease_ends
        if held is not None and ends is not None and self._clock() >= ends:
            outcome = Outcome.NOTHING if verdict is Verdict.PASSED else outcome
        change = super()._judge_probe(outcome, failure_class, retry_after)
        if held is not None:
            self._untold.append(self._ruling(held, verdict, change))
        return change

    def _open(self, now: float, reason: str) -> Transition:
        counted = self._state is BreakerState.CLOSED
        change = super()._open(now, reason)
        self._opened_at = now
        if counted:
            self._untold.append(
                Opening(
                    generation=self._known,
                    open_for=change.open_for or 0.0,
                    opened=self._opened,
                    reason=reason,
                )
            )
        return change

    def _ruling(self, held: Agreed, verdict: Verdict, change: Transition | None = None) -> Ruling:
        return Ruling(
            generation=held.generation,
            owner=held.owner,
            verdict=verdict,
            needed=self._config.successes_to_close,
            open_for=(change.open_for if change is not None else None) or 0.0,
            opened=self._opened,
            reason="" if change is None else change.reason,
        )

    def _adopt(self, seen: Seen, agreed: Agreed) -> Transition | None:
        now = self._clock()
        left = min(max(0.0, agreed.until - seen.now), self._longest)
        if agreed.state is BreakerState.CLOSED:
            if self._state is BreakerState.CLOSED or not closed_since(seen, now - self._opened_at):
                return None
            self._opened = 0
            self._held = None
            change = self._change(BreakerState.CLOSED, "the probes of all tasks succeeded", now)
            self._forget()
            return change
        self._opened = agreed.opened
        self._opened_at = -math.inf  # theirs: whoever closes it, closes it for all
        if self._state is BreakerState.HALF_OPEN and not left:
            self._lose_probe()
            return None
        self._open_until = now + left
        if self._state is BreakerState.OPEN:
            return None
        self._held = None
        told = f"another task: {agreed.reason or 'it is open'}"
        return self._change(BreakerState.OPEN, told, now, left)

    def _lose_probe(self) -> None:
        """Another task has it since our lease ended: our outcome comes too late."""
        if self._held is not None:
            self._held = None
            self._lease_ends = None
            self._generation += 1
            self._expired += 1

    def _report(self, change: Transition | None) -> None:
        super()._report(change)
        if self._untold:
            self._sharing.wake()


def _verdict(outcome: Outcome) -> Verdict:
    match outcome:
        case Outcome.NOTHING:
            return Verdict.UNDECIDED
        case Outcome.SUCCESS:
            return Verdict.PASSED
        case _:
            return Verdict.FAILED
