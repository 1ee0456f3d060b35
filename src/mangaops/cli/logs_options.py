"""Options of the questions to the logs: files to ask instead of AWS."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mangaops.cli.options import is_typed
from mangaops.errors import InputError

_WHERE = "Where"

FileOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--file",
        metavar="FILE",
        rich_help_panel=_WHERE,
        help="Ask exported logs instead of AWS: .jsonl or .jsonl.gz; repeatable.",
    ),
]

GroupOption = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        metavar="NAME",
        rich_help_panel=_WHERE,
        help="Log group to ask instead of the orchestrator's; repeatable.",
    ),
]
QueryArgument = Annotated[
    str, typer.Argument(metavar="QUERY", help="In the language of Logs Insights.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Which log groups to ask; none means the environment's own."""

    groups: GroupOption = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Which exported files to ask; none means AWS."""

    files: FileOption = None


def refuse_both(ctx: typer.Context) -> None:
    """Raises InputError for an option that says where in AWS to look, beside --file."""
    for name in ("env", "region", "profile", "sandbox", "groups"):
        if is_typed(ctx, name):
            what = f"--file conflicts with --{name.removesuffix('s')}"
            raise InputError(what, where="--file", hint="files are read without any AWS")
