"""`mangaops capsule show|diff`: what recorded incidents hold, and how two of them differ."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.command import command
from mangaops.cli.context import of
from mangaops.cli.group import HelpfulGroup
from mangaops.cli.options import Output, Show
from mangaops.errors import InputError, RunbookError

if TYPE_CHECKING:
    from mangaops.evidence.capsule.capsule import Capsule

_EXAMPLES = """\
mangaops capsule show last
mangaops capsule diff healthy.capsule incident.capsule
mangaops capsule diff r-7f3a last"""

app = typer.Typer(
    cls=HelpfulGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog=_EXAMPLES,
    help="Show and compare recorded incidents.",
)

_HELP = "A file that --record wrote, or a run: its id, a unique beginning of it, or `last`."


@command(
    app,
    examples=(
        "mangaops capsule show last",
        "mangaops capsule show incident.capsule",
        "mangaops capsule show r-7f3a --output json",
    ),
)
def show(
    ctx: typer.Context,
    wanted: Annotated[
        str,
        typer.Argument(metavar="FILE|RUN", autocompletion=completion.capsules, help=_HELP),
    ],
    shown: Show,
) -> None:
    """Show the circumstances and the evidence that a capsule holds."""
    from mangaops.cli.capsules import capsule_of  # noqa: PLC0415 - not for --help
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    context = of(ctx)
    capsule = capsule_of(context, wanted)
    from mangaops.render import capsule as told  # noqa: PLC0415 - rich, not for a wrong file

    terminal = context.terminal
    match shown.output:
        case Output.JSON:
            terminal.emit(to_json(told.capsule_summary(capsule)))
        case Output.MARKDOWN:
            terminal.emit(told.capsule_markdown(capsule))
        case Output.TEXT:
            terminal.emit(
                told.capsule_text(
                    capsule,
                    wanted=shlex.quote(wanted),
                    width=terminal.width,
                    colour=terminal.colour,
                )
            )


@command(
    app,
    examples=(
        "mangaops capsule diff healthy.capsule incident.capsule",
        "mangaops capsule diff r-7f3a last",
        "mangaops capsule diff healthy.capsule last --output markdown",
    ),
)
def diff(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(metavar="A", autocompletion=completion.capsules, help=_HELP)],
    b: Annotated[
        str, typer.Argument(metavar="B", autocompletion=completion.capsules, help="The other one.")
    ],
    shown: Show,
) -> None:
    """Show what differs between two capsules, the largest change first.

    Compares states, medians of metrics, rows and fields; then parameters and the runbook.
    Exit codes: 0 whether they differ or not, 2 when they hold nothing in common.
    """
    from mangaops.cli.capsules import capsule_of  # noqa: PLC0415 - not for --help
    from mangaops.evidence.capsule.differing import difference  # noqa: PLC0415 - as above
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    context = of(ctx)
    one, other = capsule_of(context, a), capsule_of(context, b)
    found = difference(one, other)
    if not found.common:
        what = f"{one.runbook} and {other.runbook} have no evidence in common"
        raise InputError(what, where=f"{a} {b}", hint="compare two runs of one runbook")
    from mangaops.render import capsule_diff as told  # noqa: PLC0415 - rich, as above

    terminal = context.terminal
    match shown.output:
        case Output.JSON:
            terminal.emit(to_json(told.diff_document(found, one, other)))
        case Output.MARKDOWN:
            terminal.emit(told.diff_markdown(found, one, other, units=_units(one)))
        case Output.TEXT:
            text = told.diff_text(
                found,
                one,
                other,
                width=terminal.width,
                colour=terminal.colour,
                units=_units(one),
            )
            terminal.emit(text)


def _units(capsule: Capsule) -> Mapping[str, str]:
    """The units of evidence, as the recorded runbook says them."""
    from mangaops.evidence.capsule.walking import recorded_runbook  # noqa: PLC0415 - yaml

    try:
        declared = recorded_runbook(capsule).evidence
    except RunbookError:
        return {}
    return {name: item.unit for name, item in declared.items()}
