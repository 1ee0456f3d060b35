"""A small world that remedies can change: targets with fields, and calls that can go wrong.

Each write of one field is one call. `faults` says what happens to the n-th call (from 1):
the world counts every call that arrives, and every one that had an effect.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from mangaops.errors import AwsDenied, AwsFault, AwsThrottled, AwsUnreachable
from mangaops.model.change import Approval, Change
from mangaops.model.evidence import JSON
from mangaops.model.plan import Draft, Plan, Reason, Risk, State, Step, UndoKind, differences
from mangaops.model.site import Site
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.execution.executor import Executor
from mangaops.remedy.execution.stopping import Stopper
from mangaops.remedy.execution.watching import Watch
from mangaops.remedy.journals.history import History, read
from mangaops.remedy.journals.journal import FILE, Journal
from mangaops.remedy.plans import plan_file
from mangaops.remedy.plans.planner import plan_of
from mangaops.remedy.undoing import undo_plan

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
SITE = Site(name="prod", region="ap-northeast-1", account="123456789012", caller="ana")
ACTION = "fake.fields"


class Killed(BaseException):
    """The process is killed here: nothing after it happens."""


class Fault(Enum):
    """What becomes of one call."""

    THROTTLED = "throttled"
    DENIED = "denied"
    LOST_REQUEST = "no answer, and it did not arrive"
    LOST_ANSWER = "no answer, and it did arrive"
    FAULT_AFTER = "a fault at AWS, and it did land"
    KILLED_BEFORE = "killed before it is sent"
    KILLED_AFTER = "killed before its answer"


@dataclass
class World:
    """Targets by name. `settles_after` looks it takes until a write shows as settled."""

    targets: dict[str, dict[str, JSON]]
    faults: dict[int, Fault] = field(default_factory=dict)
    settles_after: int = 0
    calls: int = 0
    effects: list[tuple[str, str, JSON]] = field(default_factory=list)

    def set(self, target: str, name: str, value: JSON) -> str:
        self.calls += 1
        fault = self.faults.get(self.calls)
        match fault:
            case Fault.THROTTLED:
                raise AwsThrottled("slow down", operation="fake:Set")
            case Fault.DENIED:
                raise AwsDenied("not you", operation="fake:Set")
            case Fault.LOST_REQUEST:
                raise AwsUnreachable("no route", operation="fake:Set")
            case Fault.KILLED_BEFORE:
                raise Killed
            case _:
                self._land(target, name, value)
        match fault:
            case Fault.LOST_ANSWER:
                raise AwsUnreachable("timed out", operation="fake:Set")
            case Fault.FAULT_AFTER:
                raise AwsFault("internal error", operation="fake:Set")
            case Fault.KILLED_AFTER:
                raise Killed
            case _:
                return "done"

    def _land(self, target: str, name: str, value: JSON) -> None:
        self.effects.append((target, name, value))
        if value is None:
            self.targets[target].pop(name, None)
        else:
            self.targets[target][name] = value


@dataclass
class Fields:
    """The action `fake.fields`: sets the fields of a target, one call each."""

    world: World
    looks: int = 0

    def read(self, step: Step) -> State:
        return dict(self.world.targets[step.target])

    def write(self, step: Step, pen: Pen) -> None:
        for name, value in step.after.items():
            if self.world.targets[step.target].get(name) == value:
                continue
            pen.call(
                "fake:Set",
                lambda name=name, value=value: self.world.set(step.target, name, value),
                about={"target": step.target, "field": name},
                landed=lambda name=name, value=value: (
                    "seen" if self.world.targets[step.target].get(name) == value else None
                ),
                told=lambda answer: {"answer": answer},
            )

    def settled(self, step: Step) -> Settled:
        self.looks += 1
        wrong = differences(step.after, self.world.targets[step.target])
        if wrong:
            return Settled(progress=Progress.FAILED, detail=f"{wrong[0].field} was taken back")
        if self.looks <= self.world.settles_after:
            return Settled(progress=Progress.WAITING, detail=f"look {self.looks}")
        return Settled(progress=Progress.REACHED, detail="as wanted")

    def touches(self, step: Step) -> Touches:
        return Touches(tasks=len(step.after))


@dataclass
class Time:
    """A wall clock and a monotonic one that only move when someone sleeps."""

    passed: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds


@dataclass
class HeldLocks:
    """Grants every lock, and remembers which."""

    held: list[tuple[str, ...]] = field(default_factory=list)

    def hold(self, names: tuple[str, ...], **_: str) -> AbstractContextManager[None]:
        self.held.append(tuple(names))
        return nullcontext()


def step(number: int, target: str, before: State, after: State, **other: object) -> Step:
    """A step of the fake world; `undo=` and the other fields of a Step as needed."""
    base = Step(
        number=number,
        action=ACTION,
        target=target,
        before=before,
        after=after,
        undo=UndoKind.EXACT,
        summary=f"sets {target}",
    )
    return replace(base, **other)  # type: ignore[arg-type]


def plan(*steps: Step, risk: Risk = Risk.MODERATE, protected: bool = False) -> Plan:
    """A plan of these steps, made at NOW, confirmed by the name `orchestrator`."""
    draft = Draft(
        title="a change",
        confirm="orchestrator",
        risk=risk,
        steps=steps,
        settle=timedelta(minutes=1),
    )
    return plan_of(
        draft,
        plan_id="p-0001",
        remedy="set-env",
        arguments="set-env A=1",
        site=replace(SITE, protected=protected),
        reason=Reason(text="because"),
        now=NOW,
    )


def approval(of: Plan) -> Approval:
    return Approval(digest=plan_file.digest(of), operator="ana", at=NOW, how="yes-flag")


@dataclass
class Desk:
    """An executor at work on a world, with its journals in a folder."""

    runs: Path
    world: World
    time: Time = field(default_factory=Time)
    fsync: Callable[[int], None] = field(default=lambda _: None)
    said: list[tuple[int, int, str]] = field(default_factory=list)
    locks: HeldLocks = field(default_factory=HeldLocks)

    def __post_init__(self) -> None:
        self.stop = Stopper(self.time.sleep)
        self.action = Fields(self.world)

    @property
    def actions(self) -> Mapping[str, Fields]:
        return {ACTION: self.action}

    def executor(self, run: str = "r-0001") -> Executor:
        return Executor(
            actions=self.actions,
            locks=self.locks,
            open_journal=lambda: Journal(
                self.runs / run / FILE, clock=self.time.now, fsync=self.fsync
            ),
            clock=self.time.now,
            monotonic=self.time.monotonic,
            rng=random.Random(1),  # noqa: S311 - spreads pauses
            stop=self.stop,
            tell=lambda number, of, text: self.said.append((number, of, text)),
        )

    def apply(self, plan: Plan, run: str = "r-0001", watch: Watch | None = None) -> Change:
        return self.executor(run).apply(plan, approval(plan), watch)

    def history(self, run: str = "r-0001") -> History:
        return read(self.runs / run / FILE)

    def undo(self, run: str = "r-0001", as_run: str = "r-0002") -> Change | None:
        """Takes a run back; None when there is nothing to undo."""
        back = undo_plan(
            self.history(run), actions=self.actions, plan_id="p-0002", site=SITE, now=NOW
        )
        return self.apply(back, as_run) if isinstance(back, Plan) else None
