"""Options of `mangaops runbook test`, as one group."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

_TESTS = "Tests"

CoverageOption = Annotated[
    bool,
    typer.Option(
        "--coverage", rich_help_panel=_TESTS, help="Name the edges of the tree nobody walks."
    ),
]
FloorOption = Annotated[
    float | None,
    typer.Option(
        "--min-coverage",
        metavar="PERCENT",
        rich_help_panel=_TESTS,
        help="Fail below this share of a runbook's edges; implies --coverage.",
    ),
]
MutateOption = Annotated[
    bool,
    typer.Option(
        "--mutate", rich_help_panel=_TESTS, help="Name small changes that no test notices."
    ),
]
OnlyOption = Annotated[
    str | None,
    typer.Option(
        "--only", metavar="TEXT", rich_help_panel=_TESTS, help="Only tests with it in their name."
    ),
]
JUnitOption = Annotated[
    Path | None,
    typer.Option("--junit", metavar="FILE", rich_help_panel=_TESTS, help="Also write JUnit XML."),
]
GithubOption = Annotated[
    bool,
    typer.Option(
        "--github",
        rich_help_panel=_TESTS,
        help="Also print annotations; on by itself where GITHUB_ACTIONS=true.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Testing:
    """Which tests, and what else is asked of them."""

    coverage: CoverageOption = False
    min_coverage: FloorOption = None
    mutate: MutateOption = False
    only: OnlyOption = None
    junit: JUnitOption = None
    github: GithubOption = False
