"""The steps of one plan, written one after the other, until the first that fails."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from mangaops.errors import JournalFailed, MangaopsError, Stopped
from mangaops.model.change import StepOutcome, StepState
from mangaops.model.plan import Plan, Standing, Step, UndoKind
from mangaops.model.redaction import redacted
from mangaops.remedy.action import Action
from mangaops.remedy.execution.stopping import Stopper
from mangaops.remedy.execution.writing import Sending, StepPen
from mangaops.remedy.journals.journal import Journal, Kind
from mangaops.remedy.plans.checking import action_of, drift, found_now

Tell: TypeAlias = Callable[[int, int, str], None]
"""Takes a step's number (0: the run as a whole), how many there are, and a line."""

Ended: TypeAlias = MangaopsError | KeyboardInterrupt
"""Why a run stopped before its last step."""


@dataclass(slots=True, kw_only=True)
class Run:
    """How far a run is. `touched`: something was written, or may have been."""

    plan: Plan
    journal: Journal
    actions: Mapping[str, Action]
    stop: Stopper
    rng: random.Random
    monotonic: Callable[[], float]
    tell: Tell
    outcomes: list[StepOutcome] = field(init=False)
    touched: bool = False
    error: Ended | None = None
    _begun: dict[int, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.outcomes = [StepOutcome(step=s, state=StepState.PLANNED) for s in self.plan.steps]

    @property
    def applied(self) -> list[StepOutcome]:
        return self.those(StepState.APPLIED)

    def those(self, *states: StepState) -> list[StepOutcome]:
        """The outcomes that are in one of these states."""
        return [one for one in self.outcomes if one.state in states]

    @property
    def undoable(self) -> bool:
        """Whether undo can do anything about what was, or may have been, written."""
        begun = self.those(StepState.APPLIED, StepState.VERIFIED, StepState.FAILED)
        return self.touched and any(one.step.undo is not UndoKind.NONE for one in begun)

    def say(self, step: Step, text: str) -> None:
        self.tell(step.number, len(self.outcomes), text)

    def mark(self, step: Step, state: StepState, detail: str = "") -> None:
        seconds = self.monotonic() - self._begun[step.number]
        self.outcomes[step.number - 1] = StepOutcome(
            step=step, state=state, detail=detail, seconds=seconds
        )

    def write(self) -> None:
        """Writes step after step. What stopped it is in `error` then, and is not raised."""
        for step in self.plan.steps:
            self._begun[step.number] = self.monotonic()
            pen = StepPen(step=step.number, journal=self.journal, sending=self._sending(step))
            try:
                self._write(step, pen)
            except (MangaopsError, KeyboardInterrupt) as error:
                self.error = error
                self._failed(step, pen, error)
                return
            finally:
                self.touched = self.touched or pen.touched

    def _write(self, step: Step, pen: StepPen) -> None:
        self.stop.check()
        found = found_now(step, self.actions)
        match found.standing:
            case Standing.AFTER:
                self._skipped(step, "already so")
            case Standing.OTHER:
                raise drift(self.plan, [(step, found)])
            case Standing.BEFORE:
                self.say(step, step.summary)
                action_of(step, self.actions).write(step, pen)
                if not pen.touched:
                    self._skipped(step, "nothing was left to change")
                    return
                self.mark(step, StepState.APPLIED)
                self.journal.append(Kind.APPLIED, step=step.number, detail="")
            case _:
                assert_never(found.standing)

    def _skipped(self, step: Step, why: str) -> None:
        self.mark(step, StepState.SKIPPED, why)
        self.journal.append(Kind.SKIPPED, step=step.number, detail=why)

    def _failed(self, step: Step, pen: StepPen, error: Ended) -> None:
        """An applied step stays applied though its entry could not be written; one that was
        not begun when Ctrl-C came is not called failed.
        """
        if self.outcomes[step.number - 1].state is not StepState.PLANNED:
            return
        if isinstance(error, Stopped) and not pen.touched:
            return
        detail = redacted(str(error)) or "stopped at once: whether its call landed is not known"
        self.mark(step, StepState.FAILED, detail)
        if pen.failed:
            return
        with suppress(JournalFailed):  # what made the step fail is told instead
            self.journal.append(
                Kind.FAILED,
                step=step.number,
                operation="",
                effect="unknown" if pen.touched else "none",
                detail=detail,
            )

    def _sending(self, step: Step) -> Sending:
        return Sending(stop=self.stop, rng=self.rng, tell=lambda text: self.say(step, text))
