"""`mangaops ci`: everything that a pull request that changes runbooks must pass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mangaops.cli.command import command
from mangaops.cli.context import of
from mangaops.cli.options import Show, Where
from mangaops.cli.tests_options import GithubOption, JUnitOption, MutateOption

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_PANEL = "Checks"
MIN_COVERAGE = 100.0
"""Every branch and every way on without data: what nobody walked, nobody knows at night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Which checks, and how strict."""

    min_coverage: Annotated[
        float,
        typer.Option(
            "--min-coverage",
            metavar="PERCENT",
            rich_help_panel=_PANEL,
            help="Fail below this share of a runbook's edges (default 100).",
        ),
    ] = MIN_COVERAGE
    mutate: MutateOption = False
    no_sandbox: Annotated[
        bool,
        typer.Option(
            "--no-sandbox", rich_help_panel=_PANEL, help="Leave out the dry run of the remedies."
        ),
    ] = False
    junit: JUnitOption = None
    github: GithubOption = False
    summary: Annotated[
        Path | None,
        typer.Option(
            "--summary", metavar="FILE", rich_help_panel=_PANEL, help="Also write Markdown."
        ),
    ] = None


@command(
    app,
    examples=(
        "mangaops ci",
        "mangaops ci my-runbooks/ --junit report.xml --github",
        "mangaops ci my-runbooks/disk-full.yaml --min-coverage 80 --no-sandbox",
    ),
)
def ci(
    ctx: typer.Context,
    where: Where,
    show: Show,
    checks: Checks,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Files or folders; all known runbooks without."),
    ] = None,
) -> None:
    """Check a change of runbooks: lint, tests, dry runs.

    For each runbook: lint; its tests with their coverage, and with --mutate its mutants;
    what a diagnosis would read; and a dry run of every remedy against one embedded AWS. No
    AWS account is needed. Exit codes: 0 all passed, 3 a check failed, 2 for wrong input, 1
    when there is no embedded AWS and --no-sandbox was not given.
    """
    from mangaops.cli.ci_run import ci_told  # noqa: PLC0415 - not for --help

    raise typer.Exit(ci_told(of(ctx), paths or [], where, checks, show))
