"""Options that mean the same in several commands of `mangaops bench`."""

from __future__ import annotations

from typing import Annotated

import typer

from mangaops.cli import completion

_RUNS, _COMPARISON, _PACE, _COST = "Runs", "Comparison", "Pace", "Cost"

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="PLACE",
        rich_help_panel=_RUNS,
        help="Where runs are: a folder or s3://BUCKET/PREFIX. Default: bench_store of the "
        "environment, else the state folder.",
    ),
]
IntentOption = Annotated[
    str | None,
    typer.Option(
        "--intent",
        metavar="INTENT",
        rich_help_panel=_RUNS,
        autocompletion=completion.bench_intents,
        help="This intent alone. Default: all of the runs.",
    ),
]
MarginOption = Annotated[
    float | None,
    typer.Option(
        "--margin",
        metavar="SHARE",
        rich_help_panel=_COMPARISON,
        help="How much slower a p95 may be: 0.15 is 15 %. Default: the configuration's.",
    ),
]
RateOption = Annotated[
    float | None,
    typer.Option(
        "--rate", metavar="PER_S", rich_help_panel=_PACE, help="At most so many calls a second."
    ),
]
ConcurrencyOption = Annotated[
    int,
    typer.Option(
        "--concurrency", metavar="N", rich_help_panel=_PACE, help="At most so many at once."
    ),
]
SpendOption = Annotated[
    bool,
    typer.Option("--yes", rich_help_panel=_COST, help="Spend what it costs without a question."),
]
