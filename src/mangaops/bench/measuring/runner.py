"""Carries out a schedule: at most so many calls at once and a second, each kept as it ends.

One thread schedules, keeps and counts; the others only ask the model. Ctrl-C, a spent
budget and an error that every call would meet end the run, and what was measured stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

from mangaops.bench.measuring.cost import Spending
from mangaops.bench.measuring.limiter import Spacing
from mangaops.bench.measuring.schedule import Call
from mangaops.bench.runs.sample import Sample
from mangaops.errors import AwsRejected, InputError, MangaopsError
from mangaops.model.asking import Reply, Request

HOPELESS = 20
"""Calls that fail in a row, the first of a run among them: nothing is measured that way."""

SHOWN = 40
"""So much of a message is shown."""


class Model(Protocol):
    """Is asked by several threads at once, and raises nothing for a call that fails."""

    def ask(self, request: Request) -> Reply: ...


class Stopped(Enum):
    """Why a run ended."""

    DONE = "done"
    INTERRUPTED = "interrupted"
    OVER_COST = "over cost"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """`error` is what every call would meet, when `stopped` is FAILED."""

    stopped: Stopped
    error: MangaopsError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnderWay:
    call: Call
    request: Request
    started_at: datetime


@dataclass(slots=True, kw_only=True)
class Runner:
    """`keep` is called for each sample as its call ends, by the thread that called `run`.

    `request` builds what a call sends. `clock` is the wall clock of the samples.
    """

    model: Model
    request: Callable[[Call], Request]
    keep: Callable[[Sample], None]
    spending: Spending
    spacing: Spacing
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    concurrency: int = 1
    _under_way: dict[Future[Reply], _UnderWay] = field(default_factory=dict)
    _error: MangaopsError | None = None
    _failed: int = 0
    _answered: bool = False

    def run(self, calls: Iterable[Call]) -> Ending:
        pool = ThreadPoolExecutor(self.concurrency, thread_name_prefix="bench")
        try:
            return self._run(pool, calls)
        except KeyboardInterrupt:
            return Ending(stopped=Stopped.INTERRUPTED)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, pool: ThreadPoolExecutor, calls: Iterable[Call]) -> Ending:
        stopped = Stopped.DONE
        for call in calls:
            while len(self._under_way) >= self.concurrency:
                self._collect()
            if self._error is None and (delay := self.spacing.delay()) > 0:
                self.sleep(delay)
                self._collect(timeout=0)
            if not self._affords(call):
                stopped = Stopped.OVER_COST
            if self._error is not None or stopped is Stopped.OVER_COST:
                break
            self._send(pool, call)
        while self._under_way:
            self._collect()
        if self._error is not None:
            return Ending(stopped=Stopped.FAILED, error=self._error)
        return Ending(stopped=stopped)

    def _affords(self, call: Call) -> bool:
        """What is under way may turn out cheaper than the most it can cost."""
        while not self.spending.allows(call.intent, call.arm):
            if not self._under_way:
                return False
            self._collect()
        return True

    def _send(self, pool: ThreadPoolExecutor, call: Call) -> None:
        request = self.request(call)
        self.spending.begin(call.intent, call.arm)
        self.spacing.taken()
        sent = _UnderWay(call=call, request=request, started_at=self.clock())
        self._under_way[pool.submit(self.model.ask, request)] = sent

    def _collect(self, timeout: float | None = None) -> None:
        done, _ = wait(self._under_way, timeout=timeout, return_when=FIRST_COMPLETED)
        for future in sorted(done, key=lambda one: self._under_way[one].call.number):
            self._end(self._under_way.pop(future), future.result())

    def _end(self, sent: _UnderWay, reply: Reply) -> None:
        self.spending.end(sent.call.intent, sent.call.arm, reply)
        if reply.fatal is not None:  # it says nothing about a prompt: no sample
            self._error = self._error or _named(reply.fatal, sent)
            return
        self.keep(_sample(sent, reply))
        self._answered = self._answered or reply.failure is None
        self._failed += reply.failure is not None
        if not self._answered and self._failed >= HOPELESS:
            self._error = self._error or MangaopsError(
                f"the first {self._failed} calls failed, the last with {reply.failure}",
                where="the model",
                hint="nothing is measured that way; repeat it when the model answers",
            )


def _named(error: MangaopsError, sent: _UnderWay) -> MangaopsError:
    """A request that was refused may be refused for its message: it is named by its position."""
    if isinstance(error, AwsRejected | InputError):
        text = sent.request.message
        start = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
        version = sent.request.metadata.get("prompt_version", "")
        told = f"message {sent.call.message + 1} of {sent.call.intent}, {start!r}"
        error.what += f" ({told}{f', under {version}' if version else ''})"
        error.hint = error.hint or "correct it in the workload, or leave it out, in a new run"
    return error


def _sample(sent: _UnderWay, reply: Reply) -> Sample:
    call = sent.call
    return Sample(
        number=call.number,
        intent=call.intent,
        arm=call.arm,
        started_at=sent.started_at,
        model=sent.request.model,
        warm_up=call.warm_up,
        first_token_ms=reply.first_token_ms,
        total_ms=reply.total_ms,
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        cached_tokens=reply.cached_tokens,
        stop_reason=reply.stop_reason,
        failure=reply.failure,
    )
