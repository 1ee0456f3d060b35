"""`mangaops bench gate`: whether a prompt may pass, as a step of CI."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.bench.against import Against, RunA, RunB
from mangaops.cli.bench.comparing import setting
from mangaops.cli.command import command
from mangaops.cli.context import of
from mangaops.cli.options import Show, Where
from mangaops.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_PANEL = "Gate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gating:
    """What else is asked of a prompt, and what follows from a failure."""

    workload: Annotated[
        Path | None,
        typer.Option(
            "--workload",
            metavar="FILE",
            rich_help_panel=_PANEL,
            autocompletion=completion.workloads,
            help="Also check the budgets of its prompts, without a call to the model.",
        ),
    ] = None
    tokens_only: Annotated[
        bool,
        typer.Option(
            "--tokens-only", rich_help_panel=_PANEL, help="Budgets of --workload alone, no run."
        ),
    ] = False
    rollback: Annotated[
        bool,
        typer.Option(
            "--rollback",
            rich_help_panel=_PANEL,
            help="After a FAIL, say whether the safeguard would roll back.",
        ),
    ] = False
    auto_rollback: Annotated[
        bool,
        typer.Option(
            "--auto-rollback", rich_help_panel=_PANEL, help="And let it, where all holds."
        ),
    ] = False
    github: Annotated[
        bool,
        typer.Option(
            "--github",
            rich_help_panel=_PANEL,
            help="Also print annotations; on by itself where GITHUB_ACTIONS=true.",
        ),
    ] = False
    summary: Annotated[
        Path | None,
        typer.Option(
            "--summary", metavar="FILE", rich_help_panel=_PANEL, help="Also write Markdown."
        ),
    ] = None


@command(
    app,
    examples=(
        "mangaops bench gate last",
        "mangaops bench gate --workload workload.yaml --candidate v2.1 --tokens-only",
        "mangaops bench gate last --rollback --auto-rollback --env prod",
    ),
)
def gate(
    ctx: typer.Context,
    against: Against,
    gating: Gating,
    where: Where,
    show: Show,
    a: RunA = None,
    b: RunB = None,
) -> None:
    """Let a prompt pass or not: budgets and comparison, for CI.

    A run is judged as by `bench compare`, and by the budgets of `benchmarks:` in
    mangaops.yaml: tokens in and out, and p95. With --workload the prompts themselves are
    checked, before any call: their declared or estimated tokens, and their limit of output.
    Exit codes: 0 PASS, 3 FAIL, 4 INCONCLUSIVE, 2 for wrong input; with --auto-rollback 5 when
    the rollback was refused and 6 when it is not verified.
    """
    from mangaops.cli.bench.gating import Asked, gated  # noqa: PLC0415 - not for --help

    _refuse_contradictions(a, gating)
    context = of(ctx)
    with setting(where, context) as environment:
        asked = Asked(
            context=context,
            environment=environment,
            runs=(a, b),
            against=against,
            gating=gating,
            where=where,
            show=show,
        )
        code = gated(asked)
    raise typer.Exit(code)


def _refuse_contradictions(a: str | None, gating: Gating) -> None:
    tokens = "mangaops bench gate --workload FILE --candidate VERSION --tokens-only"
    if gating.tokens_only and gating.workload is None:
        raise InputError("which prompts is not said", where="--tokens-only", hint=tokens)
    if gating.tokens_only and a is not None:
        what = f"--tokens-only judges no run, and `{a}` is one"
        raise InputError(what, where="--tokens-only", hint="leave one of them out")
    if a is None and not gating.tokens_only:
        hint = f"mangaops bench gate last; without a run: {tokens}"
        raise InputError("which run is not said", where="A", hint=hint)
    if gating.auto_rollback and gating.tokens_only:
        what = "tokens alone roll nothing back"
        raise InputError(what, where="--auto-rollback", hint="name a run")
