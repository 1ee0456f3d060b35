"""`mangaops plan REMEDY`, `mangaops plan --run RUN`: what would be changed, as a file.

Options may stand before the remedy or after it; what stands after it wins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

import typer

from mangaops.cli.command import expanded
from mangaops.cli.context import of
from mangaops.cli.group import Entry, LazyGroup
from mangaops.cli.options import Because, Show, Where, is_typed
from mangaops.cli.remedies.texts import TEXTS
from mangaops.cli.remedies.words import Asked
from mangaops.model.request import REMEDIES

Group = TypeVar("Group")
_PANEL = "Plan"
_META = "mangaops.plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Where the plans go."""

    file: Annotated[
        Path | None,
        typer.Option(
            "-o",
            metavar="FILE",
            rich_help_panel=_PANEL,
            help="The plan file. Default: kept in the state folder, by its id.",
        ),
    ] = None
    every: Annotated[
        bool,
        typer.Option(
            "--all", rich_help_panel=_PANEL, help="A plan for each remedy of the diagnosis."
        ),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was typed before the remedy."""

    because: Because
    keeping: Keeping
    where: Where
    show: Show


class PlanGroup(LazyGroup):
    entries = MappingProxyType(
        {
            name: Entry(module="mangaops.cli.remedies.plan_commands", summary=TEXTS[name].summary)
            for name in REMEDIES
        }
    )


app = typer.Typer(
    cls=PlanGroup,
    invoke_without_command=True,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    subcommand_metavar="[REMEDY [OPTIONS]]",
    epilog="mangaops plan --run last\n"
    "mangaops plan set-env CHUNK_BATCH_SIZE=1 -o fix.plan\n"
    "mangaops plan --run r-7f3a --all --output json",
)


def _plan(ctx: typer.Context, because: Because, keeping: Keeping, where: Where, show: Show) -> None:
    """Show what a remedy would change, as a plan file.

    Reads the targets, changes nothing. With --run and no remedy, the most urgent remedy of
    that diagnosis is planned; a remedy without arguments gets those of the diagnosis.
    """
    given = Given(because=because, keeping=keeping, where=where, show=show)
    if ctx.invoked_subcommand is not None:
        ctx.meta[_META] = given
        return
    plan_asked(ctx, None, given)


app.callback()(expanded(_plan))


def plan_asked(ctx: typer.Context, asked: Asked | None, given: Given) -> None:
    """Plan it, and answer."""
    from mangaops.cli.changes.plan_answer import Ask, answer  # noqa: PLC0415 - not for --help

    file, every = given.keeping.file, given.keeping.every
    ask = Ask(asked=asked, because=given.because, file=file, every=every)
    answer(of(ctx), ask, given.where, given.show)


def with_earlier(ctx: typer.Context, given: Given) -> Given:
    """What was typed after the remedy, and what stood before it where nothing did."""
    earlier = ctx.meta.get(_META)
    if not isinstance(earlier, Given):
        return given
    typed = partial(is_typed, ctx)
    return Given(
        because=_merged(earlier.because, given.because, typed),
        keeping=_merged(earlier.keeping, given.keeping, typed),
        where=_merged(earlier.where, given.where, typed),
        show=_merged(earlier.show, given.show, typed),
    )


def _merged(before: Group, after: Group, typed: Callable[[str], bool]) -> Group:
    group: Any = before
    own = {one.name: getattr(after, one.name) for one in fields(group) if typed(one.name)}
    merged: Group = replace(group, **own)
    return merged
