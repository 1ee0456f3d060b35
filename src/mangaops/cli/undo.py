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
    come to its end, `last` is the run that it was about. Exit codes as those of apply.
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
    does not take back the half of it that was done.
    """
    from mangaops.model.change import RunStatus  # noqa: PLC0415 - not for --help
    from mangaops.remedy.journals.history import read  # noqa: PLC0415 - as above

    runs = context.runs
    found = read(runs.journal(runs.change_named(wanted)))
    first = found.plan.undoes if found.plan else ""
    ended = found.status in {RunStatus.VERIFIED.value, RunStatus.NOTHING_TO_DO.value}
    if wanted != LAST or not first or ended or first not in runs.changes():
        return found
    context.note(show, f"note: run {found.run} did not take {first} back to the end")
    context.note(show, f"      `last` is {first} here; mangaops undo {found.run} means the other")
    return read(runs.journal(first))
