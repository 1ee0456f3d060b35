"""`mangaops undo RUN`."""

from __future__ import annotations

from typing import Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.command import command
from mangaops.cli.context import of
from mangaops.cli.options import Approving, ReasonOption, Show, Watching, Where

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
    Works after a crash at any point of the run. Exit codes as those of apply.
    """
    from mangaops.cli.changes.changing import change  # noqa: PLC0415 - not for --help
    from mangaops.cli.changes.plan_store import plan_store  # noqa: PLC0415 - as above
    from mangaops.cli.changes.workshop import Workshop  # noqa: PLC0415 - as above
    from mangaops.model.plan import NothingToDo, Plan  # noqa: PLC0415 - as above
    from mangaops.remedy.journals.history import read  # noqa: PLC0415 - as above
    from mangaops.remedy.undoing import undo_plan  # noqa: PLC0415 - as above

    context = of(ctx)
    runs = context.runs
    history = read(runs.journal(runs.change_named(run)))

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
