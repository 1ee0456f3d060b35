"""`mangaops doctor [RUNBOOK...]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from mangaops.cli.command import command
from mangaops.cli.context import AppContext, of
from mangaops.cli.options import Budget, Output, Show, SomeRunbooks, Where
from mangaops.errors import ExitCode

if TYPE_CHECKING:
    from mangaops.readiness.doctor.finding import Checkup

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(
    app,
    examples=(
        "mangaops doctor",
        "mangaops doctor first-token rag-timeout --env prod",
        "mangaops doctor --sandbox first-token-no-pings -v",
    ),
)
def doctor(
    ctx: typer.Context,
    where: Where,
    budget: Budget,
    show: Show,
    names: SomeRunbooks = None,
) -> None:
    """Check before an incident what will work in it.

    Reads once what the runbooks would read, and asks IAM about the writes of their
    remedies. Says what is missing, what to do about it, and which diagnoses are out of
    reach without it. Nothing is changed. -v also lists what is fine. Exit codes: 0 all is
    there, 3 something is missing, 1 when AWS cannot be asked at all.
    """
    from mangaops.cli.doctoring import examined  # noqa: PLC0415 - not for --help

    context = of(ctx)
    checkup = examined(context, where, budget, show, names or [])
    _tell(context, show, checkup)
    raise typer.Exit(exit_code(checkup))


def exit_code(checkup: Checkup) -> ExitCode:
    """What was not read because of a Ctrl-C is no finding."""
    if checkup.interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.DONE if checkup.well else ExitCode.PROBLEM_FOUND


def _tell(context: AppContext, show: Show, checkup: Checkup) -> None:
    from mangaops.render import doctor as render  # noqa: PLC0415 - not for --help
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    terminal = context.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(render.checkup_document(checkup)))
        case Output.MARKDOWN:
            terminal.emit(render.checkup_markdown(checkup))
        case Output.TEXT:
            width, colour = terminal.width, terminal.colour
            everything = show.verbose
            terminal.emit(
                render.checkup_text(checkup, width=width, colour=colour, everything=everything)
            )
