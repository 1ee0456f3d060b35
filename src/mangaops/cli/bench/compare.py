"""`mangaops bench compare`: whether one prompt version is slower than another, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mangaops.cli.bench.against import Against, RunA, RunB
from mangaops.cli.bench.comparing import (
    Compared,
    compared_runs,
    exit_code,
    next_commands,
    setting,
)
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, of
from mangaops.cli.options import Output, Show, Where
from mangaops.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How to draw the two distributions."""

    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Also draw both, to FILE.png or FILE.svg."),
    ] = None
    histogram: Annotated[
        bool, typer.Option("--histogram", help="Bars instead of curves in the text.")
    ] = False


@command(
    app,
    examples=(
        "mangaops bench compare last",
        "mangaops bench compare b-20261121 last --intent recommendation",
        "mangaops bench compare last --plot latency.png",
    ),
)
def compare(
    ctx: typer.Context,
    against: Against,
    where: Where,
    show: Show,
    drawing: Drawing,
    a: RunA = None,
    b: RunB = None,
) -> None:
    """Compare two prompt versions, with limits and causes.

    A run of two versions is compared with itself; of two runs the first is the baseline.
    Judged is the p95 of the whole answer: FAIL when it is surely slower, and by the margin
    or more; PASS when it is surely slower by less; else INCONCLUSIVE. A failed call counts
    as infinitely slow. `~` is no evidence of a change; each limit holds with 95 %. -v also
    tells in full what passed. Exit codes: 0 PASS, 3 FAIL, 4 INCONCLUSIVE, 2 for wrong input.
    """
    from mangaops.cli.bench.plotting import refuse_plot, write_plot  # noqa: PLC0415 - not for --help

    context = of(ctx)
    if a is None:
        raise InputError("which run is not said", where="A", hint="mangaops bench compare last")
    if drawing.plot is not None:
        refuse_plot(drawing.plot)
    with setting(where, context) as environment:
        found = compared_runs(context, environment, a, b, against, whole=False)
    _tell(context, found, where, show, histogram=drawing.histogram)
    if drawing.plot is not None:
        write_plot(found, drawing.plot)
        context.note(show, f"drawn: {drawing.plot}")
    raise typer.Exit(exit_code(found.report.verdict))


def _tell(
    context: AppContext, found: Compared, where: Where, show: Show, *, histogram: bool
) -> None:
    match show.output:
        case Output.JSON:
            from mangaops.render.bench_document import comparison_document  # noqa: PLC0415 - one
            from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

            context.terminal.emit(to_json(comparison_document(found.report)))
        case Output.MARKDOWN:
            from mangaops.render.bench_markdown import comparison_markdown  # noqa: PLC0415 - one

            context.terminal.emit(comparison_markdown(found.report))
        case Output.TEXT:
            context.terminal.emit(_text(context, found, where, show, histogram=histogram))


def _text(
    context: AppContext, found: Compared, where: Where, show: Show, *, histogram: bool
) -> str:
    from mangaops.render.bench_comparison import Look, Told, comparison_text  # noqa: PLC0415 - one

    terminal = context.terminal
    look = Look(
        width=terminal.width,
        colour=terminal.colour,
        histogram=histogram,
        everything=show.verbose,
    )
    commands = tuple(next_commands(found, where))
    return comparison_text(Told(report=found.report, curves=found.curves, commands=commands), look)
