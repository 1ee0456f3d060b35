"""From a plan to a change: checked again, approved, carried out. Free of Typer."""

from __future__ import annotations

import getpass
import platform
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from mangaops.cli.changes.alarm import still_on
from mangaops.cli.changes.planning import broken_rules
from mangaops.cli.changes.workshop import Workshop
from mangaops.cli.options import Approving, Watching
from mangaops.cli.progress import one_line
from mangaops.cli.window import duration
from mangaops.errors import Interrupted
from mangaops.model.change import Approval, Change, RunStatus, StepOutcome, StepState
from mangaops.model.plan import NothingToDo, Plan
from mangaops.remedy.execution.executor import Executor, Locks
from mangaops.remedy.execution.stopping import Stopper, interruptible
from mangaops.remedy.execution.watching import Watch
from mangaops.remedy.journals.journal import Journal
from mangaops.remedy.plans.approval import Asker, approve
from mangaops.remedy.plans.checking import refuse_expired, standings
from mangaops.remedy.plans.guardrails import refuse
from mangaops.remedy.plans.plan_file import digest
from mangaops.render.figures import caller

_NO_WATCH = {"0", "0s", "0m"}


def watch_length(watching: Watching) -> timedelta | None:
    """How long to watch; None for not at all."""
    return None if watching.watch in _NO_WATCH else duration("--watch", watching.watch)


def nothing(found: NothingToDo) -> Change:
    return Change(
        run="",
        status=RunStatus.NOTHING_TO_DO,
        plan=None,
        detail=found.reason,
        hint=found.hint,
    )


def dry_run(plan: Plan, because: str) -> Change:
    """`because` is the option or the variable that wants it so."""
    return Change(
        run="",
        status=RunStatus.DRY_RUN,
        plan=plan,
        outcomes=unbegun(plan),
        detail=f"Nothing was changed: {because}.",
    )


def unbegun(plan: Plan) -> tuple[StepOutcome, ...]:
    """No step of it was begun."""
    return tuple(StepOutcome(step=step, state=StepState.PLANNED) for step in plan.steps)


def checked(shop: Workshop, plan: Plan, watching: Watching, *, fresh: bool) -> Watch | None:
    """Whether the plan may be applied here and now, and the alarm to watch afterwards.

    Raises Refused. A `fresh` plan has just been made from the world.
    """
    refuse_expired(plan, shop.app.clock())
    refuse(broken_rules(shop, plan))
    if not fresh:
        standings(plan, shop.remedies.of(plan.remedy).actions)
    if plan.undoes:
        return None
    watch = still_on(shop, plan.reason, even_if_recovered=watching.even_if_recovered)
    return watch if plan.draft.watched else None


def carried_out(
    shop: Workshop, plan: Plan, how: Approving, watch: Watch | None, watching: Watching
) -> Change:
    """Asks, and applies what was approved. Raises Refused, and what the executor raises."""
    approval = approve(
        plan,
        digest(plan),
        confirm=how.confirm,
        yes=how.yes,
        ask=asker(shop),
        operator=operator(shop),
        now=shop.app.clock(),
    )
    return applied(shop, plan, approval, watch, watch_length(watching))


def applied(
    shop: Workshop,
    plan: Plan,
    approval: Approval,
    watch: Watch | None = None,
    length: timedelta | None = None,
) -> Change:
    """Applies what was approved, and watches for `length`. Raises what the executor raises."""
    app = shop.app
    run = app.runs.new_name(app.token)
    stop = Stopper(app.sleep)
    shop.note(f"run {run}")
    with one_line(app, shop.show) as say, interruptible(stop, app.terminal.say_from_signal):
        executor = Executor(
            actions=shop.remedies.of(plan.remedy).actions,
            locks=locks(shop),
            open_journal=lambda: Journal(app.runs.journal(run), clock=app.clock, fsync=app.fsync),
            clock=app.clock,
            monotonic=app.monotonic,
            rng=app.rng,
            stop=stop,
            tell=lambda step, of, text: say(_progress(step, of, text)),
        )
        if length is None:
            return executor.apply(plan, approval)
        return executor.apply(plan, approval, watch, watch_for=length)


def operator(shop: Workshop) -> str:
    """Who is told to others: the caller of AWS, and the person and machine that it is."""
    person = "unknown"
    with suppress(OSError, KeyError, ImportError):  # a user without a name in a container
        person = getpass.getuser()
    return f"{caller(shop.site.caller)} ({person}@{platform.node()})"


def locks(shop: Workshop) -> Locks:
    """The environment's lock table, or files of this machine where there is none."""
    app, table = shop.app, shop.environment.lock_table
    folder = app.state / "locks"
    if table:
        from mangaops.aws.locks import LockTable  # noqa: PLC0415 - only where it is configured
        from mangaops.remedy.locks.holders import Holders  # noqa: PLC0415 - as above
        from mangaops.remedy.locks.shared import SharedLocks  # noqa: PLC0415 - as above

        return SharedLocks(
            table=LockTable(shop.aws, table),
            clock=app.clock,
            sleep=app.sleep,
            nonce=lambda: app.token(16),
            tell=app.terminal.say,
            holders=Holders(folder),
        )
    from mangaops.remedy.locks.local import LocalLocks  # noqa: PLC0415 - as above

    return LocalLocks(folder=folder, clock=app.clock, warn=lambda text: shop.note(f"note: {text}"))


class TerminalAsker:
    """A person at the terminal, asked on stderr."""

    def __init__(self, line: Callable[[str], str]) -> None:
        self._line = line

    def yes_or_no(self, question: str) -> bool:
        return self._answer(f"{question} [y/N] ").lower() in {"y", "yes"}

    def typed(self, question: str) -> str:
        return self._answer(f"{question}: ")

    def _answer(self, question: str) -> str:
        try:
            return self._line(question)
        except KeyboardInterrupt as stop:
            raise Interrupted("interrupted; nothing was changed", hint="repeat it") from stop


def asker(shop: Workshop) -> Asker | None:
    """None where nobody can or wants to be asked."""
    terminal = shop.app.terminal
    if shop.show.no_input or not terminal.interactive:
        return None
    return TerminalAsker(terminal.line)


def _progress(step: int, of: int, text: str) -> str:
    """`  1/2  3 of 8 tasks run`; step 0 is the alarm, which is watched at the end."""
    return f"  {step}/{of}  {text}" if step else f"  watching  {text}"
