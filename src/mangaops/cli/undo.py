"""`mangaops undo RUN`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, of
from mangaops.cli.options import Approving, ReasonOption, Show, Watching, Where
from mangaops.cli.runs import LAST

if TYPE_CHECKING:
    from mangaops.remedy.journals.history import History

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(
    app,
    examples=(
        "mangaops undo last",
        "mangaops undo r-7f3a --env prod",
        "mangaops undo r-7f3a --dry-run",
    ),
)
def undo(
    ctx: typer.Context,
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            autocompletion=completion.changes,
            help="A change: its id, a unique beginning of it, or `last`.",
        ),
    ],
    approving: Approving,
    where: Where,
    show: Show,
    reason: ReasonOption = None,
) -> None:
    """Take a change back, as far as it came.

    A plan from its journal and the world as it is: what is as the run left it is restored,
    what is as it was before is left alone, anything else is refused with the difference.
    Works after a crash at any point of the run. When the last run is an undo that did not
    come to its end, `last` is the run that it was about; an undo that did is never `last`, so
    that typing it twice takes nothing back. Exit codes as those of apply.
    """
    from mangaops.cli.changes.changing import change  # noqa: PLC0415 - not for --help
    from mangaops.cli.changes.plan_store import plan_store  # noqa: PLC0415 - as above
    from mangaops.cli.changes.workshop import Workshop  # noqa: PLC0415 - as above
    from mangaops.model.plan import NothingToDo, Plan  # noqa: PLC0415 - as above
    from mangaops.remedy.undoing import undo_plan  # noqa: PLC0415 - as above

    context = of(ctx)
    history = meant(context, show, run)

    def way_back(shop: Workshop) -> Plan | NothingToDo:
        remedy = history.plan.remedy if history.plan else ""
        return undo_plan(
            history,
            actions=shop.remedies.of(remedy).actions if remedy else {},
            plan_id=plan_store(context.environ).new_name(context.token),
            site=shop.site,
            now=context.clock(),
            reason=reason or "",
        )

    change(context, where, show, approving, Watching(), way_back)


def meant(context: AppContext, show: Show, wanted: str) -> History:
    """The change to take back. To repeat `undo last` goes on with an undo that failed, and
    neither takes back the half of it that was done, nor an undo that succeeded.
    """
    from mangaops.remedy.journals.history import read  # noqa: PLC0415 - not for --help

    runs = context.runs
    found = read(runs.journal(runs.change_named(wanted)))
    if wanted != LAST:
        return found
    names = runs.changes()
    taken_back: set[str] = set()
    for run in names:
        one = read(runs.journal(run))
        first = one.plan.undoes if one.plan else ""
        if not first:
            return _told(context, show, found, one, f"run {found.run} is an undo that was done")
        if _ended(one):
            taken_back.add(first)
        elif first not in taken_back:
            told = f"run {run} did not take {first} back to the end"
            there = first in names
            return _told(context, show, one, read(runs.journal(first)), told) if there else one
    return found


def _ended(undone: History) -> bool:
    from mangaops.model.change import RunStatus  # noqa: PLC0415 - not for --help

    return undone.status in {RunStatus.VERIFIED.value, RunStatus.NOTHING_TO_DO.value}


def _told(context: AppContext, show: Show, newest: History, found: History, why: str) -> History:
    """`found`, with a word where it is not the newest."""
    if newest.run != found.run:
        context.note(show, f"note: {why}")
        last = f"      `last` is {found.run} here; mangaops undo {newest.run} means the other"
        context.note(show, last)
    return found
