"""`mangaops history list|show|verify`: what was diagnosed and changed, and when."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.answer import emit_rows
from mangaops.cli.case import case_of, emit_case
from mangaops.cli.changes.record import emit_change_record, past
from mangaops.cli.command import command
from mangaops.cli.context import of
from mangaops.cli.group import HelpfulGroup
from mangaops.cli.options import Output, Show
from mangaops.cli.runs import NO_CHANGE
from mangaops.errors import ExitCode

app = typer.Typer(
    cls=HelpfulGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog="mangaops history list\nmangaops history show last\nmangaops history verify",
    help="List, show and verify past runs.",
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
    """List diagnoses and changes, newest first."""
    from mangaops.render.runs import COLUMNS, history_document, past_rows  # noqa: PLC0415 - --help

    context = of(ctx)
    runs = past(context, show, limit)
    width = context.terminal.width if show.output is Output.TEXT else sys.maxsize
    rows = past_rows(runs, context.clock(), width)
    emit_rows(context, show, history_document(runs), COLUMNS, rows)
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
            autocompletion=completion.everything,
            help="Its id, a unique beginning of it, or `last`.",
        ),
    ],
    show: Show,
) -> None:
    """Show a diagnosis as it was told, or a change with its journal."""
    context = of(ctx)
    runs = context.runs
    name = runs.named(run, runs.everything(), none="no run is recorded yet")
    if name in runs.changes():
        emit_change_record(context, show, name)
    else:
        emit_case(context, show, case_of(context, name))


@command(
    app,
    examples=(
        "mangaops history verify",
        "mangaops history verify last",
        "mangaops history verify r-7f3a --output json",
    ),
)
def verify(
    ctx: typer.Context,
    show: Show,
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            autocompletion=completion.changes,
            help="One change. Default: all of them.",
        ),
    ] = None,
) -> None:
    """Check that journals are as they were written.

    Each entry is chained to the one before it by its hash. Exit codes: 0 all are as they
    were written, 3 at least one was altered. A line that a crash cut off is no alteration.
    """
    from mangaops.remedy.journals.history import read  # noqa: PLC0415 - not for --help
    from mangaops.render.journal import (  # noqa: PLC0415 - as above
        CHECK_COLUMNS,
        check_document,
        check_rows,
    )

    context = of(ctx)
    runs = context.runs
    names = runs.changes()
    wanted = names if run is None else (runs.change_named(run),)
    histories = [read(runs.journal(name)) for name in wanted]
    emit_rows(context, show, check_document(histories), CHECK_COLUMNS, check_rows(histories))
    if not histories:
        context.note(show, NO_CHANGE)
    altered = any(one.findings for one in histories)
    raise typer.Exit(ExitCode.PROBLEM_FOUND if altered else ExitCode.DONE)
