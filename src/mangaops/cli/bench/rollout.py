"""`mangaops bench rollout INTENT [RUN...]`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.bench.options import MarginOption, StoreOption
from mangaops.cli.command import command
from mangaops.cli.context import of
from mangaops.cli.options import Approving, Show, Where
from mangaops.errors import InputError

if TYPE_CHECKING:
    from mangaops.cli.bench.staging import Asked

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_STAGE = "Stage"


class StageName(StrEnum):
    SHADOW = "shadow"
    CANARY = "canary"
    FULL = "full"


class QualityName(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """Which stage, what is known of it, and whether the next one is set."""

    stage: Annotated[
        StageName | None,
        typer.Option(
            "--stage",
            metavar="STAGE",
            rich_help_panel=_STAGE,
            help="shadow, canary or full. Default: by the share that the SSM parameter has.",
        ),
    ] = None
    quality: Annotated[
        QualityName,
        typer.Option(
            "--quality",
            metavar="VERDICT",
            rich_help_panel=_STAGE,
            help="pass or fail, as judged elsewhere; unknown holds.",
        ),
    ] = QualityName.UNKNOWN
    held: Annotated[
        str | None,
        typer.Option(
            "--held",
            metavar="DURATION",
            rich_help_panel=_STAGE,
            help="How long the stage was served. Default: since the parameter was set.",
        ),
    ] = None
    length: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="DURATION",
            rich_help_panel=_STAGE,
            help="How long it is to be served. Default: shadow 24h, canary 2h.",
        ),
    ] = None
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DURATION",
            rich_help_panel=_STAGE,
            help="Stored runs of the last 2h, ... Default: those made in this stage.",
        ),
    ] = None
    candidate: Annotated[
        str | None,
        typer.Option(
            "--candidate",
            metavar="VERSION",
            rich_help_panel=_STAGE,
            autocompletion=completion.bench_versions,
            help="Only runs that measure this version. Default: that of the newest run.",
        ),
    ] = None
    margin: MarginOption = None
    store: StoreOption = None
    apply: Annotated[
        bool,
        typer.Option(
            "--apply", rich_help_panel=_STAGE, help="Set the share, by the remedy set-parameter."
        ),
    ] = False


@command(
    app,
    examples=(
        "mangaops bench rollout recommendation --quality pass",
        "mangaops bench rollout recommendation last --stage canary --held 2h --quality pass",
        "mangaops bench rollout recommendation --quality pass --apply",
    ),
)
def rollout(
    ctx: typer.Context,
    intent: Annotated[
        str,
        typer.Argument(
            metavar="INTENT", autocompletion=completion.bench_intents, help="Whose prompt it is."
        ),
    ],
    staging: Staging,
    approving: Approving,
    where: Where,
    show: Show,
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN",
            autocompletion=completion.bench_runs,
            help="Runs of this stage. Default: those stored since it began.",
        ),
    ] = None,
) -> None:
    """Say whether a stage may go on: promote, hold, roll back.

    The stages are shadow (5 % of the traffic, 24h), canary (25 %, 2h) and full (100 %). The
    share is an SSM parameter (resource candidate_share_parameter). On goes only what has
    PASS, accepted quality and the time served; FAIL takes the candidate back, from a shadow
    to be optimised. Without --apply nothing is changed, and the line to type is printed.
    Exit codes: 0 promote or stay, 3 roll back, 4 hold; with --apply also 5 refused,
    6 not verified.
    """
    from mangaops.cli.bench.staging import staged  # noqa: PLC0415 - not for --help

    code = staged(of(ctx), where, show, approving, _asked(intent, tuple(runs or ()), staging))
    raise typer.Exit(code)


def _asked(intent: str, runs: tuple[str, ...], given: Staging) -> Asked:
    """As typed; raises InputError for what cannot be meant."""
    from mangaops.bench.guarding.rollout import Quality, Stage  # noqa: PLC0415 - not for --help
    from mangaops.cli.bench.staging import Asked  # noqa: PLC0415 - as above
    from mangaops.cli.bench.typed import refuse_margin  # noqa: PLC0415 - as above
    from mangaops.cli.window import duration  # noqa: PLC0415 - as above

    if runs and given.since:
        hint = "name runs, or a time in which they were made"
        raise InputError("--since conflicts with RUN", where="--since", hint=hint)
    refuse_margin(given.margin)
    return Asked(
        intent=intent,
        runs=runs,
        stage=Stage(given.stage.value) if given.stage else None,
        quality=Quality(given.quality.value),
        held=duration("--held", given.held) if given.held else None,
        length=duration("--for", given.length) if given.length else None,
        since=duration("--since", given.since) if given.since else None,
        candidate=given.candidate,
        margin=given.margin,
        store=given.store,
        apply=given.apply,
    )
