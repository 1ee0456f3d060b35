"""What an answer needs from elsewhere, asked for at the same time and within the deadline.

    gathered = gather_budgeted(
        {
            "rag": Task(call=search, budget=0.6, default=()),
            "session": Task(call=load, required=True),
        },
        deadline=1.1,
        clock=time.monotonic,
    )
    gathered.results["rag"], gathered.degraded        # (), ("rag",): it took too long

Rule: an optional task that fails, or takes longer than its budget, has its default, and the
result says so; a required one raises RequiredTaskFailed at once. A thread cannot be stopped:
a call that outlives its budget keeps its dependency's slot until it ends. What finds no free
slot waits in the dependency's line, within its budget, and is not called when that is over.
Reason: a shared pool lets one slow dependency hold the threads of all others.
Known cost: a thread for each call, a tenth of a millisecond.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from functools import partial
from math import isnan
from queue import Empty, SimpleQueue
from typing import Any, assert_never

from mangaops.fm.records.document import instant, milliseconds
from mangaops.fm.retry.deadline import Deadline
from mangaops.fm.slots import Slots, Ticket


class TaskStatus(StrEnum):
    """The log's word: what found no free slot is an `error`, and its reason says so."""

    OK = "ok"
    TIMEOUT = "timeout"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`call` runs in a thread of its own. Its sockets need time-outs: they are what ends it.

    `budget` is in seconds, None for all that the deadline leaves. `dependency` is what it
    waits for, and shares the slots of; without one, the name of the task. `cancel`, where
    there is one, is called in a thread of its own when nobody waits for the result any more (to
    close a socket); what it raises is ignored. Both see the caller's context variables.
    """

    call: Callable[[], Any]
    required: bool = False
    budget: float | None = None
    default: Any = None
    dependency: str = ""
    cancel: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        if self.budget is not None and isnan(self.budget):
            raise ValueError("a budget is a number of seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How a task ended, `seconds` from when all began. `error` is a class's name or a word."""

    status: TaskStatus
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """`results` has every task in the order given, by name; `degraded` are those that have
    their default, `reasons` a sentence for each of these. `timings` are of those that ended.

    Tell the model what is missing: it must not pretend to have searched.
    """

    results: Mapping[str, Any] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    timings: Mapping[str, Timing] = field(default_factory=dict)

    def records(self, *, at: datetime, correlation_id: str) -> tuple[Mapping[str, Any], ...]:
        """For the log: a `parallel_task` for each task, a `degraded` when any is missing."""
        common = {"timestamp": instant(at), "correlation_id": correlation_id}
        tasks = [
            {
                "log_type": "parallel_task",
                **common,
                "task": name,
                "status": timing.status.value,
                "duration_ms": milliseconds(timing.seconds),
                **({} if timing.error is None else {"error": timing.error}),
            }
            for name, timing in self.timings.items()
        ]
        if not self.degraded:
            return tuple(tasks)
        message = "; ".join(f"Proceeding without {self.reasons[name]}" for name in self.degraded)
        told = {"log_type": "degraded", **common, "message": message}
        return (*tasks, {**told, "missing": list(self.degraded)})


class RequiredTaskFailed(Exception):
    """`name` is the task, `reason` a sentence, `gathered` what there was of the others.

    What the call itself raised is the `__cause__`.
    """

    def __init__(self, name: str, reason: str, gathered: Gathered) -> None:
        super().__init__(f"without {reason}")
        self.name = name
        self.reason = reason
        self.gathered = gathered


_SLOTS = Slots()
"""Of the process: slots that each caller made for itself would bound nothing."""


def gather_budgeted(
    tasks: Mapping[str, Task],
    *,
    deadline: Deadline | float,
    clock: Callable[[], float],
    slots: Slots = _SLOTS,
) -> Gathered:
    """Call all at once, as far as there are slots, and wait for each as long as it may take, at
    most until `deadline` (a number: seconds from now).

    Raises RequiredTaskFailed, and whatever cancels (KeyboardInterrupt, CancelledError), from
    the caller's thread or from a task; the others are then told to `cancel`.
    """
    return _Scope(tasks, deadline, clock, slots).gather()


class _Why(Enum):
    TOO_SLOW = "timeout"
    NO_TIME = "no time left"
    NO_SLOT = "no free slot"


@dataclass(frozen=True, slots=True)
class _Ended:
    name: str
    value: Any
    error: BaseException | None
    at: float


@dataclass(frozen=True, slots=True)
class _Free:
    """A slot is there for this task."""

    name: str


class _Scope:
    """One gathering. Only the caller's thread changes it; the others hand in what they have."""

    def __init__(
        self,
        tasks: Mapping[str, Task],
        deadline: Deadline | float,
        clock: Callable[[], float],
        slots: Slots,
    ) -> None:
        self._tasks, self._clock, self._slots = tasks, clock, slots
        self._began = clock()
        left = deadline.left() if isinstance(deadline, Deadline) else deadline
        if isnan(left):
            raise ValueError("a deadline is a number of seconds")
        self._limits = {
            name: self._began + (left if task.budget is None else min(task.budget, left))
            for name, task in tasks.items()
        }
        self._running: set[str] = set()
        self._in_line: dict[str, Ticket] = {}
        self._heard: SimpleQueue[_Ended | _Free] = SimpleQueue()
        self._values: dict[str, Any] = {}
        self._reasons: dict[str, str] = {}
        self._timings: dict[str, Timing] = {}

    def gather(self) -> Gathered:
        try:
            for name in self._tasks:
                self._ask_for_slot(name)
            while self._running or self._in_line:
                self._wait()
        finally:
            for ticket in self._in_line.values():
                self._slots.withdraw(ticket)
            for name in sorted(self._running):
                self._abandon(name)
        return self._gathered()

    def _ask_for_slot(self, name: str) -> None:
        if self._limits[name] <= self._began:
            self._miss(name, _Why.NO_TIME)
            return
        free = partial(self._heard.put, _Free(name))
        ticket = self._slots.take(self._dependency(name), free)
        if ticket is None:
            self._start(name)
        else:
            self._in_line[name] = ticket

    def _start(self, name: str) -> None:
        """Its slot is taken."""
        args = (name, partial(copy_context().run, self._tasks[name].call))
        try:
            threading.Thread(target=self._run, args=args, name=name, daemon=True).start()
        except BaseException:
            self._slots.give_back(self._dependency(name))
            raise
        self._running.add(name)

    def _run(self, name: str, call: Callable[[], Any]) -> None:
        value, error = None, None
        try:
            value = call()
        except BaseException as raised:  # noqa: BLE001 - it is the caller's to judge
            error = raised
        finally:
            self._slots.give_back(self._dependency(name))
            self._heard.put(_Ended(name, value, error, self._clock()))

    def _wait(self) -> None:
        """Until a task ends, a slot is free or a time is over; what has ended counts, late or
        not.
        """
        first = min(self._limits[name] for name in (*self._running, *self._in_line))
        try:
            heard = self._heard.get(timeout=max(0.0, min(first - self._clock(), _LONGEST_WAIT)))
        except Empty:
            self._give_up_late()
            return
        match heard:
            case _Ended(name=name):
                self._running.discard(name)
                self._settle(heard)
            case _Free(name=name):
                self._called_up(name)
            case _:
                assert_never(heard)

    def _called_up(self, name: str) -> None:
        """Unless its time was over before this was heard: then the slot is another's."""
        ticket = self._in_line.pop(name, None)
        if ticket is None:
            return
        if self._limits[name] > self._clock():
            self._start(name)
        else:
            self._slots.withdraw(ticket)
            self._miss(name, _Why.NO_SLOT)

    def _give_up_late(self) -> None:
        now = self._clock()
        for name in [one for one in self._tasks if self._limits[one] <= now]:
            if name in self._running:
                self._running.discard(name)
                self._abandon(name)
                self._miss(name, _Why.TOO_SLOW)
            elif name in self._in_line:
                self._slots.withdraw(self._in_line.pop(name))
                self._miss(name, _Why.NO_SLOT)

    def _dependency(self, name: str) -> str:
        return self._tasks[name].dependency or name

    def _settle(self, ended: _Ended) -> None:
        seconds = ended.at - self._began
        error = ended.error
        if error is None:
            self._values[ended.name] = ended.value
            self._timings[ended.name] = Timing(status=TaskStatus.OK, seconds=seconds)
            return
        if not isinstance(error, Exception):
            raise error
        kind = type(error).__name__
        self._timings[ended.name] = Timing(status=TaskStatus.ERROR, seconds=seconds, error=kind)
        self._without(ended.name, f"{ended.name} due to {kind}", error)

    def _miss(self, name: str, why: _Why) -> None:
        seconds = self._clock() - self._began
        match why:
            case _Why.TOO_SLOW | _Why.NO_TIME:
                timing = Timing(status=TaskStatus.TIMEOUT, seconds=seconds)
            case _Why.NO_SLOT:
                timing = Timing(status=TaskStatus.ERROR, seconds=seconds, error=why.value)
            case _:
                assert_never(why)
        self._timings[name] = timing
        self._without(name, f"{name} due to {why.value}", None)

    def _without(self, name: str, reason: str, cause: Exception | None) -> None:
        if self._tasks[name].required:
            raise RequiredTaskFailed(name, reason, self._gathered()) from cause
        self._values[name] = self._tasks[name].default
        self._reasons[name] = reason

    def _abandon(self, name: str) -> None:
        """Closing may take as long as what it closes: nobody waits for that either."""
        cancel = self._tasks[name].cancel
        if cancel is not None:
            args = (partial(copy_context().run, cancel),)
            with suppress(RuntimeError):  # no thread is to be had
                threading.Thread(target=_cancel, args=args, daemon=True).start()

    def _gathered(self) -> Gathered:
        names = list(self._tasks)
        return Gathered(
            results={name: self._values[name] for name in names if name in self._values},
            degraded=tuple(name for name in names if name in self._reasons),
            reasons={name: self._reasons[name] for name in names if name in self._reasons},
            timings={name: self._timings[name] for name in names if name in self._timings},
        )


def _cancel(cancel: Callable[[], None]) -> None:
    try:
        cancel()
    except BaseException:  # noqa: BLE001 - nobody waits for it any more
        return


_LONGEST_WAIT = 3600.0
"""Seconds: a wait for ever cannot be given to a queue as infinity."""
