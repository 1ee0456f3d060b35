"""The options of `mangaops bench run`, in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from mangaops.bench.runs.sample import CacheMode
from mangaops.cli import completion
from mangaops.cli.bench.options import ConcurrencyOption, RateOption, SpendOption

DEFAULT_SAMPLES = 100
_WHAT, _PACE, _COST = "What", "Pace", "Cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """Which prompts, and how often."""

    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="V",
            rich_help_panel=_WHAT,
            autocompletion=completion.workload_versions,
            help="Version; else the active one.",
        ),
    ] = None
    candidate: Annotated[
        str | None,
        typer.Option(
            "--candidate",
            metavar="V",
            rich_help_panel=_WHAT,
            autocompletion=completion.workload_versions,
            help="Version to compare with it.",
        ),
    ] = None
    aa: Annotated[
        bool,
        typer.Option("--aa", rich_help_panel=_WHAT, help="The baseline against itself: the noise."),
    ] = False
    intents: Annotated[
        list[str] | None,
        typer.Option(
            "--intent",
            metavar="I",
            rich_help_panel=_WHAT,
            autocompletion=completion.workload_intents,
            help="Only this intent of the workload; repeatable.",
        ),
    ] = None
    samples: Annotated[
        int,
        typer.Option(
            "--samples", metavar="N", rich_help_panel=_WHAT, help="Calls per intent and version."
        ),
    ] = DEFAULT_SAMPLES
    warm_up: Annotated[
        int,
        typer.Option(
            "--warm-up", metavar="N", rich_help_panel=_WHAT, help="Calls before them, not counted."
        ),
    ] = 5
    cache: Annotated[
        CacheMode,
        typer.Option(
            "--cache",
            rich_help_panel=_WHAT,
            metavar="MODE",
            help="The model's prompt cache: off, or warm.",
        ),
    ] = CacheMode.OFF
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", rich_help_panel=_WHAT, help="Of the order of calls."),
    ] = None
    until_decided: Annotated[
        bool,
        typer.Option(
            "--until-decided",
            rich_help_panel=_WHAT,
            help="Look at N (60 or more; great changes only), 2 N, 4 N; stop at a verdict.",
        ),
    ] = False
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="RUN",
            rich_help_panel=_WHAT,
            autocompletion=completion.bench_runs,
            help="Go on with a run that was interrupted: an id, or `last`.",
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How fast, how long, and how dear."""

    rate: RateOption = None
    concurrency: ConcurrencyOption = 4
    timeout: Annotated[
        str,
        typer.Option(
            "--timeout",
            metavar="DURATION",
            rich_help_panel=_PACE,
            help="A call that takes longer has failed.",
        ),
    ] = "60s"
    max_usd: Annotated[
        float | None,
        typer.Option(
            "--max-usd",
            metavar="X",
            rich_help_panel=_COST,
            help="Stop before more is spent; samples stay.",
        ),
    ] = None
    yes: SpendOption = False
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            rich_help_panel=_COST,
            help="Show calls, prompts and cost; no call to a model.",
        ),
    ] = False
