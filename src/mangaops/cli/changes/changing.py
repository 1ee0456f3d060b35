"""A change from its plan to its answer: what `apply`, `undo` and every remedy share."""

from __future__ import annotations

from collections.abc import Callable

import typer

from mangaops.cli.changes.applying import (
    asker,
    carried_out,
    checked,
    dry_run,
    nothing,
    unbegun,
    watch_length,
)
from mangaops.cli.changes.telling import emit_change, emit_plan, say_plan
from mangaops.cli.changes.workshop import Workshop, workshop
from mangaops.cli.context import DRY_RUN, AppContext
from mangaops.cli.options import Approving, Output, Show, Watching, Where
from mangaops.errors import ExitCode, Refused
from mangaops.model.change import Change, RunStatus
from mangaops.model.plan import NothingToDo, Plan
from mangaops.remedy.plans.approval import Tier, needed
from mangaops.render.error import error_lines


def change(
    app: AppContext,
    where: Where,
    show: Show,
    approving: Approving,
    watching: Watching,
    make: Callable[[Workshop], Plan | NothingToDo],
    *,
    fresh: bool = True,
) -> None:
    """Plans by `make`, checks, shows, asks, applies and tells; ends with the code of its end.

    A plan that is `fresh` has just been made from the world, and is not compared with it
    again before anyone is asked. In JSON a refusal is an answer, too, with its plan.
    """
    watch_length(watching)  # wrong input is told first
    made: list[Plan] = []
    try:
        with workshop(app, where, show) as shop:
            found = make(shop)
            if isinstance(found, Plan):
                made.append(found)
            end = ended(shop, found, approving, watching, fresh=fresh)
            emit_change(app, show, end, suffix=shop.suffix)
    except Refused as refusal:
        if show.output is not Output.JSON:
            raise
        end = refused(refusal, made[0] if made else None)
        emit_change(app, show, end)
        _say(app, refusal)
    raise typer.Exit(exit_code(end))


def exit_code(end: Change) -> ExitCode:
    """What the process returns for this end."""
    if end.interrupted:
        return ExitCode.INTERRUPTED
    match end.status:
        case RunStatus.VERIFIED | RunStatus.DRY_RUN | RunStatus.NOTHING_TO_DO:
            return ExitCode.DONE
        case RunStatus.REFUSED:
            return ExitCode.REFUSED
        case RunStatus.UNVERIFIED | RunStatus.PARTIAL:
            return ExitCode.NOT_VERIFIED


def ended(
    shop: Workshop,
    found: Plan | NothingToDo,
    approving: Approving,
    watching: Watching,
    *,
    fresh: bool,
) -> Change:
    """Checks, shows, asks and applies; raises Refused. How it ended is not told yet."""
    if isinstance(found, NothingToDo):
        return nothing(found)
    watch = checked(shop, found, watching, fresh=fresh)
    emit_plan(shop.app, shop.show, found)
    if approving.dry_run:
        return dry_run(found, "--dry-run")
    if shop.app.read_only:
        return dry_run(found, f"{DRY_RUN} is set")
    if shop.show.output is not Output.TEXT and _will_ask(shop, found, approving):
        say_plan(shop.app, found)
    return carried_out(shop, found, approving, watch, watching)


def _will_ask(shop: Workshop, plan: Plan, approving: Approving) -> bool:
    """Whether someone is about to be asked, who must see what about."""
    answered = approving.confirm is not None or approving.yes
    return asker(shop) is not None and needed(plan).tier is not Tier.NOTHING and not answered


def refused(refusal: Refused, plan: Plan | None) -> Change:
    """A refusal as the end of a change."""
    return Change(
        run="",
        status=RunStatus.REFUSED,
        plan=plan,
        outcomes=unbegun(plan) if plan else (),
        detail=refusal.what,
        hint=refusal.hint,
    )


def _say(app: AppContext, refusal: Refused) -> None:
    """The same for a person, where one looks on."""
    if app.terminal.stderr.isatty():
        colour = app.terminal.colour_on_stderr
        for line in error_lines(refusal, refusal.where, colour=colour):
            app.terminal.say(line)
