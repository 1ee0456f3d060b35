"""`mangaops explain RUN`: every check of a past run."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.case import case_of, emit_case
from mangaops.cli.command import command
from mangaops.cli.context import of
from mangaops.cli.options import Output, Show
from mangaops.cli.runs import cannot_be_a_run
from mangaops.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(
    app,
    examples=(
        "mangaops explain last",
        "mangaops explain r-7f3a",
        "mangaops explain last --sensitivity",
    ),
)
def explain(
    ctx: typer.Context,
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            autocompletion=completion.diagnoses,
            help="Its id, a unique beginning of it, or `last`.",
        ),
    ],
    show: Show,
    sensitivity: Annotated[
        bool,
        typer.Option(
            "--sensitivity",
            help="How far each threshold and window can be shifted; RUN may be a capsule.",
        ),
    ] = False,
) -> None:
    """Show each check of a run, and what would change it.

    With the expression, what was observed, the threshold, the margin, and the value at
    which the check would have come out the other way.
    """
    context = of(ctx)
    if sensitivity:
        from mangaops.cli.shifting import emit_sensitivity  # noqa: PLC0415 - the walk

        emit_sensitivity(context, run, show)
        return
    if cannot_be_a_run(run) and Path(run).is_file():
        raise InputError(
            "a file is explained with --sensitivity alone",
            where=run,
            hint=f"mangaops diagnose --replay {shlex.quote(run)}",
        )
    case = case_of(context, run)
    if show.output is not Output.TEXT:
        emit_case(context, show, case)
        return
    from mangaops.render.explanation import explanation_text  # noqa: PLC0415 - rich

    terminal = context.terminal
    now = context.clock()
    terminal.emit(explanation_text(case, width=terminal.width, colour=terminal.colour, now=now))
