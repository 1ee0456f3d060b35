"""Guarding activations: which are measured, when, and how a watch ends. No I/O of its own.

An activation is watched while it is younger than the time in which it may be taken back.
The prompt table is looked at once a minute, so that a new one does not wait for a round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from mangaops.bench.comparing.comparison import Comparison, Report, Verdict
from mangaops.bench.guarding.safeguard import AHEAD, Activation, End, worst
from mangaops.errors import AwsFault, AwsThrottled, AwsUnreachable, ExitCode, MangaopsError
from mangaops.model.time import format_duration

LOOK = timedelta(minutes=1)
_PASSES = (AwsThrottled, AwsUnreachable, AwsFault)
"""A watch goes on after these: the next look may be answered."""


class Ended(StrEnum):
    TIME = "time is over"
    ONCE = "one round was wanted"
    BUDGET = "--max-usd is used up"
    INTERRUPTED = "interrupted"
    BROKEN = "it broke off"
    """After rounds that stand: what stopped it is the last note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One measurement, previous against active. `usd` is what it cost, None where unknown.

    `report` None: it was interrupted, and is not judged. `cut`: it ended early, because no
    more may be spent.
    """

    run: str
    report: Report | None
    usd: float | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One intent, once. `comparison` is None where nothing was measured: `problem` says why."""

    at: datetime
    intent: str
    baseline: str
    candidate: str
    run: str = ""
    comparison: Comparison | None = None
    usd: float | None = None
    end: End | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A whole watch, as far as it came."""

    rounds: tuple[Round, ...]
    ended: Ended
    started_at: datetime
    ended_at: datetime
    notes: tuple[str, ...] = ()

    @property
    def usd(self) -> float:
        return sum(one.usd or 0.0 for one in self.rounds)

    @property
    def exit_code(self) -> ExitCode:
        """3 for a regression, whether it was rolled back or not; 4 where the last look at an
        intent could not say, or the money did not last.
        """
        if self.ended is Ended.INTERRUPTED:
            return ExitCode.INTERRUPTED
        if ends := [one.end for one in self.rounds if one.end]:
            return worst(ends)
        last = {one.intent: one for one in self.rounds}.values()
        verdicts = [one.comparison.verdict if one.comparison else None for one in last]
        if Verdict.FAIL in verdicts:
            return ExitCode.PROBLEM_FOUND
        if self.ended is Ended.BROKEN:
            return ExitCode.TOOL_FAILED
        unsure = any(verdict is not Verdict.PASS for verdict in verdicts)
        return ExitCode.INCONCLUSIVE if unsure or self.ended is Ended.BUDGET else ExitCode.DONE


class Surroundings(Protocol):
    """What a watch needs of the world."""

    def activations(self) -> Sequence[Activation]: ...

    def measure(
        self, activation: Activation, most_usd: float | None, planned: int
    ) -> Measured | None:
        """Previous against active, one of so many planned rounds, judged with those before it.

        None where the money left is not enough to begin.
        """
        ...

    def act(self, report: Report) -> Sequence[End]:
        """The safeguard; also where it may only say what it would need."""
        ...

    def tell(self, text: str) -> None: ...
    def told(self, done: Round) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """`every` between two measurements of one activation, `length` of the whole watch.

    `reaction` is how long an activation counts as young.
    """

    every: timedelta
    length: timedelta
    reaction: timedelta = timedelta(hours=1)
    once: bool = False

    def rounds(self, watch: timedelta, youth: timedelta) -> int:
        """How many rounds begin while both last at most; one at least."""
        if self.once:
            return 1
        return max(1, min(math.ceil(watch / self.every), math.floor(youth / self.every) + 1))


class _SpentUp(Exception):
    pass


@dataclass(slots=True, kw_only=True)
class Watch:
    """One watch; `watched()` is its whole life. Ctrl-C ends it with what it has."""

    world: Surroundings
    rhythm: Rhythm
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    max_usd: float | None = None
    _rounds: list[Round] = field(default_factory=list)
    _due: dict[tuple[str, str], float] = field(default_factory=dict)
    _planned: dict[Activation, int] = field(default_factory=dict)
    _until: float = 0.0
    _said: dict[str, None] = field(default_factory=dict)

    def watched(self) -> Watched:
        started, ended = self.clock(), Ended.TIME
        try:
            self._loop()
            ended = Ended.ONCE if self.rhythm.once else Ended.TIME
        except _SpentUp:
            ended = Ended.BUDGET
        except KeyboardInterrupt:
            ended = Ended.INTERRUPTED
        except MangaopsError as error:
            if not self._rounds:
                raise
            self._say(": ".join(part for part in (str(error), error.hint) if part))
            ended = Ended.BROKEN
        return Watched(
            rounds=tuple(self._rounds),
            ended=ended,
            started_at=started,
            ended_at=self.clock(),
            notes=tuple(self._said),
        )

    def _loop(self) -> None:
        self._until = self.monotonic() + self.rhythm.length.total_seconds()
        while True:
            self._look()
            left = self._until - self.monotonic()
            if self.rhythm.once or left <= 0:
                return
            self.sleep(min(left, LOOK.total_seconds(), self.rhythm.every.total_seconds()))
            if self.monotonic() >= self._until:
                return

    def _look(self) -> None:
        """Everything that is due now."""
        try:
            found = self.world.activations()
        except _PASSES as error:
            if self.rhythm.once:
                raise
            self.world.tell(f"the prompt table could not be read: {error.what}")
            return
        young = [one for one in found if self._is_young(one)]
        if not young:
            waits = "" if self.rhythm.once else "; looking again each minute"
            self._say(f"no prompt was activated within the last {self._reaction}", waits)
        for one in young:
            self._round_if_due(one)

    @property
    def _reaction(self) -> str:
        return format_duration(self.rhythm.reaction)

    def _is_young(self, one: Activation) -> bool:
        if one.version is None:
            self._say(one.why or f"no version of {one.intent} is known to be active")
            return False
        now, at = self.clock(), one.activated_at
        if at is None:
            self._say(f"when {one.intent} {one.version} was activated is not known")
            return False
        return now - at <= self.rhythm.reaction and at - now <= AHEAD

    def _round_if_due(self, one: Activation) -> None:
        key, now = (one.intent, one.version or ""), self.monotonic()
        if one.before is None:
            self._say(f"{one.intent} {one.version}: {one.why or 'nothing was active before'}")
            return
        if self._due.get(key, now) > now:
            return
        self._due[key] = now + self.rhythm.every.total_seconds()
        at = self.clock()
        try:
            measured = self.world.measure(one, self._left(), self._rounds_of(one))
        except _PASSES as error:
            if self.rhythm.once:
                raise
            self._keep(_without(one, at, error))
            return
        if measured is None:
            raise _SpentUp
        done = replace(_without(one, at), run=measured.run, usd=measured.usd)
        if measured.report is None:
            self._keep(replace(done, problem=f"interrupted; its samples are kept in {done.run}"))
            raise KeyboardInterrupt
        self._judge(done, measured.report)
        if measured.cut:
            raise _SpentUp
        self._tell_next(one, self._due[key])

    def _tell_next(self, one: Activation, due: float) -> None:
        """A terminal that says nothing for a quarter of an hour looks hung."""
        begins = self.clock() + timedelta(seconds=due - self.monotonic())
        young = one.activated_at is not None and begins - one.activated_at <= self.rhythm.reaction
        if young and due < self._until and not self.rhythm.once:
            self.world.tell(f"{one.intent}: next round at {begins:%H:%M:%S}")

    def _rounds_of(self, one: Activation) -> int:
        """As many as were planned when it was seen first: their number decides how sure each
        must be.
        """
        if one not in self._planned:
            left = timedelta(seconds=self._until - self.monotonic())
            age = self.clock() - one.activated_at if one.activated_at else timedelta(0)
            self._planned[one] = self.rhythm.rounds(left, self.rhythm.reaction - age)
        return self._planned[one]

    def _judge(self, done: Round, report: Report) -> None:
        """A round is kept also when the safeguard breaks off."""
        compared = (one for one in report.comparisons if one.intent == done.intent)
        done = replace(done, comparison=next(compared, None))
        if done.comparison is None or done.comparison.verdict is not Verdict.FAIL:
            self._keep(done)
            return
        try:
            ends = self.world.act(report)
        except (KeyboardInterrupt, MangaopsError):
            self._keep(done)
            raise
        mine = (end for end in ends if end.decision.intent == done.intent)
        self._keep(replace(done, end=next(mine, None)))
        if any(end.exit_code is ExitCode.INTERRUPTED for end in ends):
            raise KeyboardInterrupt

    def _keep(self, done: Round) -> None:
        self._rounds.append(done)
        self.world.told(done)

    def _left(self) -> float | None:
        if self.max_usd is None:
            return None
        return max(0.0, self.max_usd - sum(one.usd or 0.0 for one in self._rounds))

    def _say(self, text: str, more: str = "") -> None:
        """Once: what stays as it is need not be said every minute."""
        if text not in self._said:
            self._said[text] = None
            self.world.tell(text + more)


def _without(one: Activation, at: datetime, error: MangaopsError | None = None) -> Round:
    """A round that measured nothing."""
    return Round(
        at=at,
        intent=one.intent,
        baseline=one.before or "",
        candidate=one.version or "",
        problem="" if error is None else str(error),
    )
