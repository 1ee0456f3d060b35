"""A plan and its approval become a change: checked, locked, journaled, written, verified.

    before the journal   expiry, digest, secrets, locks, every target as the plan saw it
    per step             read again, write through the pen, applied; the first failure stops
    after the writes     each step is polled until the world has arrived; then the alarm is
                         watched; the locks are held until that is known

An error while nothing can have been written is raised as it is. From the first write on
the answer is a Change that says what is done, what is not, and what to type next. Every
end closes the journal; only a killed process leaves it open, which undo can read too.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from mangaops.errors import JournalFailed, MangaopsError, Refused, Stopped
from mangaops.model.change import (
    Approval,
    Change,
    Outlook,
    RunStatus,
    StepOutcome,
    StepState,
    Watched,
)
from mangaops.model.plan import Plan, Standing
from mangaops.model.time import iso
from mangaops.remedy.action import Action
from mangaops.remedy.execution.ending import ended_early, interrupted, status_of, told
from mangaops.remedy.execution.running import Run, Tell
from mangaops.remedy.execution.settling import all_reached, settle
from mangaops.remedy.execution.stopping import Stopper
from mangaops.remedy.execution.watching import DEFAULT_WATCH, Sight, Watch, sight, watched
from mangaops.remedy.journals.journal import Journal, Kind
from mangaops.remedy.plans import plan_file
from mangaops.remedy.plans.checking import action_of, again, refuse_expired, standings
from mangaops.remedy.plans.planner import refuse_secrets

_NOT_WATCHED = Watched(outlook=Outlook.NOT_WATCHED)


class Locks(Protocol):
    """One change at a time per name."""

    def hold(
        self, names: Sequence[str], *, owner: str, purpose: str
    ) -> AbstractContextManager[None]:
        """All of them or none, while the context lasts.

        Raises Locked, naming the owner, when somebody else has one of them.
        """
        ...


class Executor:
    """Carries plans out. `actions` are those of all remedies, by name; `open_journal` makes
    the journal of a new run; `rng` spreads the pauses between calls that are sent again.
    """

    def __init__(  # noqa: PLR0913 - each is a part of the world that tests replace
        self,
        *,
        actions: Mapping[str, Action],
        locks: Locks,
        open_journal: Callable[[], Journal],
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        rng: random.Random,
        stop: Stopper,
        tell: Tell,
    ) -> None:
        self._actions = actions
        self._locks = locks
        self._open_journal = open_journal
        self._clock = clock
        self._monotonic = monotonic
        self._rng = rng
        self._stop = stop
        self._tell = tell

    def apply(
        self,
        plan: Plan,
        approval: Approval,
        watch: Watch | None = None,
        *,
        watch_for: timedelta = DEFAULT_WATCH,
    ) -> Change:
        """Raises Expired, Drifted, Locked or Refused before anything is written, and any
        MangaopsError (Stopped after a Ctrl-C) while nothing was.
        """
        since = self._monotonic()
        refuse_expired(plan, self._clock())
        self._refuse_other(plan, approval)
        with self._locks.hold(plan.locks, owner=approval.operator, purpose=plan.draft.title):
            change = self._locked(plan, approval, watch, watch_for)
        return replace(change, seconds=self._monotonic() - since)

    def _refuse_other(self, plan: Plan, approval: Approval) -> None:
        if plan_file.digest(plan) != approval.digest:
            what = "this is not the plan that was approved: its digest is of another one"
            raise Refused(what, where=plan.id, hint=f"look at it again: {again(plan)}")
        refuse_secrets(plan.steps)
        for step in plan.steps:
            action_of(step, self._actions)

    def _locked(
        self, plan: Plan, approval: Approval, watch: Watch | None, watch_for: timedelta
    ) -> Change:
        standing = set(standings(plan, self._actions))
        if standing == {Standing.AFTER} and all_reached(plan, self._actions):
            return _already(plan)
        before = sight(watch) if watch else None
        if self._stop.requested:
            raise ended_early(Stopped("stopped by Ctrl-C"))
        with self._open_journal() as journal:
            self._open(journal, plan, approval)
            run = Run(
                plan=plan,
                journal=journal,
                actions=self._actions,
                stop=self._stop,
                rng=self._rng,
                monotonic=self._monotonic,
                tell=self._tell,
            )
            try:
                return self._carried_out(run, watch, before, watch_for)
            except BaseException as error:
                self._close(run, _why_it_ended(error, run), str(error) or type(error).__name__)
                raise

    def _open(self, journal: Journal, plan: Plan, approval: Approval) -> None:
        journal.append(
            Kind.OPENED,
            run=journal.run,
            plan=plan_file.to_document(plan),
            approval={
                "digest": approval.digest,
                "operator": approval.operator,
                "at": iso(approval.at),
                "how": approval.how,
            },
        )
        journal.append(Kind.LOCKED, names=list(plan.locks))

    def _carried_out(
        self, run: Run, watch: Watch | None, before: Sight | None, watch_for: timedelta
    ) -> Change:
        """Raises what stopped the run while nothing was written."""
        run.write()
        if run.error is not None and not run.touched:
            raise ended_early(run.error)
        seen = _NOT_WATCHED
        if run.error is None:
            try:
                seen = self._verified(run, watch, before, watch_for)
            except (MangaopsError, KeyboardInterrupt) as error:
                run.error = error
        return self._ended(run, seen)

    def _verified(
        self, run: Run, watch: Watch | None, before: Sight | None, watch_for: timedelta
    ) -> Watched:
        settle(run)
        unsettled = run.those(StepState.APPLIED, StepState.FAILED)
        if watch is None or before is None or unsettled or not run.those(StepState.VERIFIED):
            return _NOT_WATCHED
        seen = watched(
            watch,
            before,
            length=watch_for,
            monotonic=self._monotonic,
            stop=self._stop,
            tell=lambda text: self._tell(0, len(run.outcomes), text),
        )
        run.journal.append(
            Kind.WATCHED, outlook=seen.outlook.value, before=seen.before, after=seen.after
        )
        return seen

    def _ended(self, run: Run, seen: Watched) -> Change:
        status = status_of(run, seen)
        detail, hint = told(run, status, seen)
        self._close(run, status.value, detail)
        return Change(
            run=run.journal.run,
            status=status,
            plan=run.plan,
            outcomes=tuple(run.outcomes),
            watched=seen,
            detail=detail,
            hint=hint,
            undoable=run.undoable,
            interrupted=interrupted(run, status),
        )

    def _close(self, run: Run, status: str, detail: str) -> None:
        with suppress(JournalFailed):  # a journal that is not closed can be undone as well
            run.journal.append(Kind.CLOSED, status=status, detail=detail)


def _why_it_ended(error: BaseException, run: Run) -> str:
    """The status of a run that ends with an error: nothing was written, but for a bug."""
    if run.touched:
        return RunStatus.PARTIAL.value
    if isinstance(error, Stopped):
        return "stopped"
    return RunStatus.REFUSED.value if isinstance(error, Refused) else "failed"


def _already(plan: Plan) -> Change:
    outcomes = tuple(
        StepOutcome(step=step, state=StepState.SKIPPED, detail="already so") for step in plan.steps
    )
    detail = "everything is already as this plan wants it"
    return Change(
        run="", status=RunStatus.NOTHING_TO_DO, plan=plan, outcomes=outcomes, detail=detail
    )
