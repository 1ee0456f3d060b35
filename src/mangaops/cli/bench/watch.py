"""`mangaops bench watch WORKLOAD`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.bench.options import (
    ConcurrencyOption,
    MarginOption,
    RateOption,
    SpendOption,
    StoreOption,
)
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, of
from mangaops.cli.options import Output, Show, Where

if TYPE_CHECKING:
    from mangaops.bench.guarding.watching import Rhythm, Watched
    from mangaops.bench.measuring.workload import Workload
    from mangaops.cli.bench.guarding import Guard
    from mangaops.cli.changes.workshop import Workshop

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_HOW, _COST = "How", "Cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """How long, how often, and what is done about it."""

    every: Annotated[
        str,
        typer.Option(
            "--every", metavar="DURATION", rich_help_panel=_HOW, help="Between two measurements."
        ),
    ] = "15m"
    length: Annotated[
        str,
        typer.Option("--for", metavar="DURATION", rich_help_panel=_HOW, help="How long to watch."),
    ] = "1h"
    once: Annotated[
        bool, typer.Option("--once", rich_help_panel=_HOW, help="One round, without waiting.")
    ] = False
    intents: Annotated[
        list[str] | None,
        typer.Option(
            "--intent",
            metavar="I",
            rich_help_panel=_HOW,
            autocompletion=completion.workload_intents,
            help="Only this intent of the workload; repeatable.",
        ),
    ] = None
    auto_rollback: Annotated[
        bool,
        typer.Option(
            "--auto-rollback",
            rich_help_panel=_HOW,
            help="Put the previous version back on a confirmed SEV-1.",
        ),
    ] = False
    margin: MarginOption = None
    store: StoreOption = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a round sends, and what all of them may cost."""

    samples: Annotated[
        int,
        typer.Option(
            "--samples", metavar="N", rich_help_panel=_COST, help="Calls per version and round."
        ),
    ] = 100
    rate: RateOption = None
    concurrency: ConcurrencyOption = 4
    max_usd: Annotated[
        float | None,
        typer.Option(
            "--max-usd", metavar="X", rich_help_panel=_COST, help="For all rounds together."
        ),
    ] = None
    yes: SpendOption = False


@command(
    app,
    examples=(
        "mangaops bench watch workload.yaml",
        "mangaops bench watch workload.yaml --auto-rollback --for 2h --max-usd 20",
        "mangaops bench watch workload.yaml --once --intent recommendation",
    ),
)
def watch(
    ctx: typer.Context,
    workload: Annotated[
        Path,
        typer.Argument(
            metavar="WORKLOAD",
            autocompletion=completion.workloads,
            help="What is sent, as for `bench run`.",
        ),
    ],
    watching: Watching,
    spending: Spending,
    where: Where,
    show: Show,
) -> None:
    """Guard an activation: measure, compare, roll back.

    As long as an activation in the prompt table is young (benchmarks.reaction, 1h), each round
    measures the previous version against the active one, interleaved. A new activation is
    seen within a minute. The rounds are judged together: an unchanged prompt fails in at most
    5 % of watches, and is confirmed as slower in 1 %. --auto-rollback puts the previous version
    back, through the remedy rollback-prompt with its journal, when all holds: FAIL, SEV-1 (p95
    more than 50 % slower), confirmed, no doubt that decides, and an environment that allows it
    (benchmarks.auto_rollback). Else it is said what is missing, with the command to type.
    Exit codes: 0 nothing wrong, 3 a regression, rolled back or not; 4 inconclusive; 5 the
    rollback was refused; 6 not verified.
    """
    from mangaops.bench.guarding.watching import Watch  # noqa: PLC0415 - not for --help
    from mangaops.cli.changes.workshop import workshop  # noqa: PLC0415 - as above

    context = of(ctx)
    _check(watching, spending)
    rhythm = _rhythm(watching)
    loaded = _workload(workload, watching.intents)
    with workshop(context, where, show) as shop:
        done = Watch(
            world=_guard(shop, loaded, watching, spending),
            rhythm=replace(rhythm, reaction=shop.environment.benchmarks.reaction),
            clock=context.clock,
            monotonic=context.monotonic,
            sleep=context.sleep,
            max_usd=spending.max_usd,
        ).watched()
        done = _with_note(done, shop)
        _emit(context, show, done, suffix=shop.suffix)
    raise typer.Exit(done.exit_code)


def _check(watching: Watching, spending: Spending) -> None:
    from mangaops.bench.comparing.rules import FEWEST  # noqa: PLC0415 - not for --help
    from mangaops.cli.bench import typed  # noqa: PLC0415 - as above

    typed.refuse_counts(
        (
            ("--samples", spending.samples, FEWEST, typed.MOST_SAMPLES),
            ("--concurrency", spending.concurrency, 1, typed.MOST_AT_ONCE),
        )
    )
    typed.refuse_limits(rate=spending.rate, max_usd=spending.max_usd)
    typed.refuse_margin(watching.margin)


def _workload(file: Path, intents: list[str] | None) -> Workload:
    """Of these intents alone. Raises InputError for one that it does not have."""
    from mangaops.bench.measuring.workload import load_workload  # noqa: PLC0415 - yaml

    workload = load_workload(file)
    wanted = tuple(dict.fromkeys(intents or workload.intents))
    workload.refuse_unknown(wanted)
    return replace(workload, intents={intent: workload.intents[intent] for intent in wanted})


def _rhythm(watching: Watching) -> Rhythm:
    """As typed; how long an activation is young is the environment's to say."""
    from mangaops.bench.guarding.watching import Rhythm  # noqa: PLC0415 - not for --help
    from mangaops.cli.window import duration  # noqa: PLC0415 - as above

    return Rhythm(
        every=duration("--every", watching.every),
        length=duration("--for", watching.length),
        once=watching.once,
    )


def _guard(shop: Workshop, workload: Workload, watching: Watching, spending: Spending) -> Guard:
    from mangaops.bench.guarding.rounds import Rounds  # noqa: PLC0415 - numpy
    from mangaops.cli.bench.guarding import Guard  # noqa: PLC0415 - numpy
    from mangaops.cli.bench.measuring import Plan  # noqa: PLC0415 - as above
    from mangaops.cli.bench.stored import store_of  # noqa: PLC0415 - as above
    from mangaops.cli.bench.typed import rules_of  # noqa: PLC0415 - as above

    return Guard(
        shop=shop,
        plan=Plan(
            workload=workload,
            samples=spending.samples,
            rate_per_s=spending.rate,
            concurrency=spending.concurrency,
            max_usd=spending.max_usd,
            suffix=shop.suffix,
            command="mangaops bench watch",
        ),
        rounds=Rounds(rules_of(shop.environment.benchmarks, margin=watching.margin)),
        store=store_of(shop.app, shop.environment, watching.store),
        auto_rollback=watching.auto_rollback,
        yes=spending.yes,
    )


def _with_note(done: Watched, shop: Workshop) -> Watched:
    from mangaops.cli.bench.measuring import SANDBOX  # noqa: PLC0415 - not for --help

    if shop.environment.name != SANDBOX or not done.usd:
        return done
    note = "the sandbox costs nothing: the dollars are what AWS would ask for"
    return replace(done, notes=(*done.notes, note))


def _emit(context: AppContext, show: Show, done: Watched, *, suffix: str) -> None:
    from mangaops.render import bench_watch as render  # noqa: PLC0415 - not for --help
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    terminal = context.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(render.watch_document(done, suffix=suffix)))
        case Output.MARKDOWN:
            terminal.emit(render.watch_markdown(done, suffix=suffix))
        case Output.TEXT:
            width, colour = terminal.width, terminal.colour
            terminal.emit(render.watch_text(done, width=width, colour=colour, suffix=suffix))
