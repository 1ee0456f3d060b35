"""`mangaops history list|show`: what was diagnosed, and when."""

from __future__ import annotations

from typing import Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.answer import emit_rows
from mangaops.cli.command import command
from mangaops.cli.context import of
from mangaops.cli.explain import case_of
from mangaops.cli.group import HelpfulGroup
from mangaops.cli.options import Show
from mangaops.cli.showing import emit_case
from mangaops.errors import MangaopsError
from mangaops.render.runs import COLUMNS, history_document, past_rows, past_run

app = typer.Typer(
    cls=HelpfulGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog="mangaops history list\nmangaops history show last\nmangaops explain last",
    help="List and show past runs.",
)

_MOST = 20


@command(
    app,
    name="list",
    examples=(
        "mangaops history list",
        "mangaops history list --limit 100",
        "mangaops history list --output json",
    ),
)
def list_runs(
    ctx: typer.Context,
    show: Show,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = _MOST,
) -> None:
    """List past runs, newest first."""
    context = of(ctx)
    runs = []
    for name in context.runs.names()[:limit]:
        try:
            recorded = context.runs.read(name)
        except MangaopsError as error:
            context.note(show, f"note: {error.what}")
            continue
        runs.append(past_run(recorded.run, recorded.at, recorded.document))
    emit_rows(context, show, history_document(runs), COLUMNS, past_rows(runs, context.clock()))
    if not runs:
        context.note(show, "no run is recorded yet; next: mangaops triage")


@command(
    app,
    name="show",
    examples=(
        "mangaops history show last",
        "mangaops history show r-7f3a --output markdown",
        "mangaops history show r-7f --output json",
    ),
)
def show_run(
    ctx: typer.Context,
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            autocompletion=completion.runs,
            help="Its id, a unique beginning of it, or `last`.",
        ),
    ],
    show: Show,
) -> None:
    """Show the diagnosis of a past run as it was told then."""
    context = of(ctx)
    emit_case(context, show, case_of(context, run))
