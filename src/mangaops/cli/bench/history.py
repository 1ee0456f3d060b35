"""`mangaops bench history`: when stored runs became slower or faster."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.bench.history import LEAST_RUNS, Measure
from mangaops.cli.bench.options import IntentOption, StoreOption
from mangaops.cli.bench.stored import from_store
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, environment_of, of
from mangaops.cli.options import Output, Show, Where
from mangaops.errors import ExitCode, InputError

if TYPE_CHECKING:
    from mangaops.bench.history import Series
    from mangaops.bench.runs.sample import Run
    from mangaops.bench.runs.store import RunStore

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which series, of which runs."""

    intent: IntentOption = None
    metric: Annotated[Measure, typer.Option("--metric", help="What is one figure a run.")] = (
        Measure.P95
    )
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DURATION", help="Runs of the last 30d, 60d, ..."),
    ] = None
    changes: Annotated[
        bool, typer.Option("--changes", help="Ask AWS what was changed between the runs.")
    ] = False


@command(
    app,
    examples=(
        "mangaops bench history",
        "mangaops bench history --intent recommendation --metric ttft_p95 --since 60d",
        "mangaops bench history --store s3://bucket/nightly --output markdown",
    ),
)
def history(
    ctx: typer.Context,
    where: Where,
    show: Show,
    asked: Asked,
    store: StoreOption = None,
) -> None:
    """Find when stored runs became slower or faster.

    Each stored run is one figure an intent; a change is a new level of 3 runs or more (E-divisive
    means with a t test, p at most 0.001; where runs resemble the run before, as in a busy week,
    about one series in ten has a change that is none). What changed between the runs beside it
    is named: prompt versions, models, regions; with --changes, also prompt activations,
    deployments and parameters of that time, as AWS tells them now. At least 10 runs are needed;
    unfinished runs, those of fewer than 20 calls and second copies of a run are left out and
    named. A run whose figure is infinite, as too many calls failed, is the worst there is. Exit
    codes: 0 no change, or faster, 3 the present level is a slower one, 4 too few runs, or the
    newest 3 or more have no figure.
    """
    from mangaops.bench.history import series_of  # noqa: PLC0415 - not for --help

    context = of(ctx)
    with from_store(context, where, store) as runs_store:
        runs = _runs(context, show, runs_store, asked.since)
    series = series_of(runs, asked.metric, asked.intent)
    if asked.changes:
        from mangaops.cli.bench.changes_beside import with_beside  # noqa: PLC0415 - for AWS alone

        with environment_of(where, context) as environment:
            series = with_beside(context, environment, series)
    _tell(context, show, series, suffix=where.suffix + _store_suffix(store))
    raise typer.Exit(_exit_code(series))


def _runs(context: AppContext, show: Show, store: RunStore, since: str | None) -> list[Run]:
    """Those that can be read; the others are named."""
    from mangaops.cli.progress import one_line  # noqa: PLC0415 - not for --help
    from mangaops.cli.window import duration  # noqa: PLC0415 - as above

    length = None if since is None else duration("--since", since)
    listing = store.listing()
    now = context.clock()
    wanted = [
        name
        for name, header in listing.headers.items()
        if length is None or now - header.started_at <= length
    ]
    damaged = [str(error) for error in listing.damaged]
    runs: list[Run] = []
    with one_line(context, show) as tell:
        for number, name in enumerate(wanted, 1):
            tell(f"reading run {number} of {len(wanted)}")
            try:
                runs.append(store.read(name))
            except InputError as error:
                damaged.append(str(error))
    for told in damaged:
        context.terminal.say(f"left out: {told}")
    if not runs:
        what = "no run is stored yet" if not listing.headers else f"no run of the last {since}"
        hint = "mangaops bench run WORKLOAD measures one; --store names another place"
        raise InputError(what, where=store.place, hint=hint)
    return runs


def _store_suffix(store: str | None) -> str:
    return f" --store {shlex.quote(store)}" if store else ""


def _tell(context: AppContext, show: Show, series: tuple[Series, ...], *, suffix: str) -> None:
    from mangaops.render.bench_history import (  # noqa: PLC0415 - not for --help
        history_document,
        history_markdown,
        history_text,
    )
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    terminal = context.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(history_document(series)))
        case Output.MARKDOWN:
            terminal.emit(history_markdown(series))
        case Output.TEXT:
            terminal.emit(history_text(series, width=terminal.width, colour=terminal.colour))
    if show.output is Output.TEXT and (line := _next(series, suffix)):
        context.note(show, line)


def _next(series: tuple[Series, ...], suffix: str) -> str:
    """The next command to type. Two runs of the same prompt are not compared: no prompt changed."""
    if slower := [one.slower for one in series if one.slower]:
        if pair := next((one.prompts_of_slower for one in series if one.prompts_of_slower), None):
            return f"next: mangaops bench compare {pair[0]} {pair[1]}{suffix}"
        asked = all(one.told for one in slower)
        return "" if asked else f"next: mangaops bench history --changes{suffix}"
    run = f"next: mangaops bench run WORKLOAD{suffix}"
    if all(one.changes is None for one in series):
        return f"{run}, until there are {LEAST_RUNS} runs"
    if any(one.unknown for one in series):
        return f"{run}, and let it finish"
    return ""


def _exit_code(series: tuple[Series, ...]) -> ExitCode:
    """A series of too few runs decides only where no other has enough."""
    if any(one.slower for one in series):
        return ExitCode.PROBLEM_FOUND
    unknown = any(one.unknown for one in series)
    if unknown or all(one.changes is None for one in series):
        return ExitCode.INCONCLUSIVE
    return ExitCode.DONE
