"""The options of `bench compare` and `bench gate` that say what is compared, and how strictly."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.bench.options import IntentOption, MarginOption, StoreOption

_PANEL = "Comparison"
RunA = Annotated[
    str | None,
    typer.Argument(
        metavar="A",
        autocompletion=completion.bench_runs,
        help="A run: its file, its id, a unique beginning of it, or `last`.",
    ),
]
RunB = Annotated[
    str | None,
    typer.Argument(
        metavar="B",
        autocompletion=completion.bench_runs,
        help="The run of the candidate, where A has one version only.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What is compared, and how strictly."""

    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="VERSION",
            rich_help_panel=_PANEL,
            autocompletion=completion.bench_versions,
            help="The version that is compared with. Default: the first of A.",
        ),
    ] = None
    candidate: Annotated[
        str | None,
        typer.Option(
            "--candidate",
            metavar="VERSION",
            rich_help_panel=_PANEL,
            autocompletion=completion.bench_versions,
            help="The version that is judged.",
        ),
    ] = None
    intent: IntentOption = None
    margin: MarginOption = None
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            rich_help_panel=_PANEL,
            help="For the resampling; the same seed gives the same bytes.",
        ),
    ] = None
    store: StoreOption = None

    @property
    def suffix(self) -> str:
        """What the next command must repeat to look at the same."""
        given = {
            "--baseline": self.baseline,
            "--candidate": self.candidate,
            "--intent": self.intent,
            "--store": self.store,
            "--margin": None if self.margin is None else f"{self.margin:g}",
        }
        return "".join(f" {name} {shlex.quote(value)}" for name, value in given.items() if value)
