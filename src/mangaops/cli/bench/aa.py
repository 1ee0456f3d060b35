"""`mangaops bench aa`: the noise floor, and which margin is meaningful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.bench.options import IntentOption, MarginOption, StoreOption
from mangaops.cli.bench.stored import LAST, run_of, store_of
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, of
from mangaops.cli.options import Output, Show, Where
from mangaops.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mangaops.bench.noise import Noise

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the run."""

    samples: Annotated[
        int | None,
        typer.Option("--samples", metavar="N", min=1, help="Calls a side. Default: the run's."),
    ] = None
    margin: MarginOption = None
    intent: IntentOption = None


@command(
    app,
    examples=(
        "mangaops bench aa",
        "mangaops bench aa last --samples 200 --margin 0.2",
        "mangaops bench aa nightly.jsonl --intent recommendation --output json",
    ),
)
def aa(
    ctx: typer.Context,
    where: Where,
    show: Show,
    asked: Asked,
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            autocompletion=completion.bench_runs,
            help="A run's id, a unique beginning of it, `last`, or a file.",
        ),
    ] = LAST,
    store: StoreOption = None,
) -> None:
    """Measure the noise: which margin means something.

    One version is compared with itself, 400 times, on calls drawn (smoothed) from a stored run:
    how far the ratio of the p95 strays (the noise floor), how often that is a false alarm, which
    slow-downs are found, and how many calls the margin needs, with their price. Of more than
    twice the calls that were seen no floor is said. It sends nothing. Any finished run will do;
    of one by `mangaops bench run WORKLOAD --aa` the two arms are compared as well. Exit codes:
    0 the margin is above the noise floor, 3 it is below, 4 too few calls.
    """
    from mangaops.bench.noise import noise_of  # noqa: PLC0415 - not for --help
    from mangaops.cli.bench.typed import rules_of  # noqa: PLC0415 - as above
    from mangaops.cli.context import environment_of  # noqa: PLC0415 - as above

    context = of(ctx)
    with environment_of(where, context) as environment:
        found = run_of(lambda: store_of(context, environment, store), run)
    benchmarks = environment.benchmarks
    rules = rules_of(benchmarks, margin=asked.margin)
    noises = noise_of(
        found, rules, intent=asked.intent, calls=asked.samples, prices=benchmarks.prices
    )
    if found.finished_at is None:
        context.note(show, f"run {found.header.run} is unfinished: what is there counts")
    _tell(context, show, noises)
    raise typer.Exit(_exit_code(noises))


def _tell(context: AppContext, show: Show, noises: Sequence[Noise]) -> None:
    from mangaops.render.bench_noise import (  # noqa: PLC0415 - not for --help
        noise_document,
        noise_markdown,
        noise_text,
    )
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    terminal = context.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(noise_document(noises)))
        case Output.MARKDOWN:
            terminal.emit(noise_markdown(noises))
        case Output.TEXT:
            terminal.emit(noise_text(noises, width=terminal.width, colour=terminal.colour))
            if line := _next(noises):
                context.note(show, line)


def _next(noises: Sequence[Noise]) -> str:
    """The next command to type, where the margin needs more calls than there were."""
    if samples := max((_more(one) for one in noises), default=0):
        return f"next: mangaops bench run WORKLOAD --samples {samples}"
    return ""


def _more(one: Noise) -> int:
    """The calls to measure next; 0 where there are enough, or where more would not help.

    Where all that was tried is too few, more than that.
    """
    from mangaops.bench.noise import REACH  # noqa: PLC0415 - not for --help

    first = -(-one.calls // REACH) if one.calls > REACH * one.observed else 0
    wanted = one.needed
    if wanted is None and one.tried is not None:
        wanted = REACH * one.tried
    enough = one.observed if first else one.calls
    return max(first, wanted if wanted is not None and wanted > enough else 0)


def _exit_code(noises: Sequence[Noise]) -> ExitCode:
    from mangaops.bench.noise import Standing  # noqa: PLC0415 - not for --help

    standings = {one.standing for one in noises}
    if Standing.BELOW in standings:
        return ExitCode.PROBLEM_FOUND
    return ExitCode.INCONCLUSIVE if Standing.UNKNOWN in standings else ExitCode.DONE
