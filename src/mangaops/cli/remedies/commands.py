"""`mangaops REMEDY`: one remedy from plan to verify in one command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from mangaops.cli.context import of
from mangaops.cli.options import Approving, Because, Show, Watching, Where
from mangaops.cli.remedies.texts import CODES
from mangaops.cli.remedies.words import PROGRAM, Asked, commands

if TYPE_CHECKING:
    from mangaops.cli.changes.workshop import Workshop
    from mangaops.model.plan import NothingToDo, Plan


def _command(name: str) -> Callable[..., None]:
    def run(
        ctx: typer.Context,
        given: Any,
        because: Because,
        approving: Approving,
        watching: Watching,
        where: Where,
        show: Show,
    ) -> None:
        from mangaops.cli.changes.changing import change  # noqa: PLC0415 - not for --help

        asked = Asked(remedy=name, options=given)
        change(of(ctx), where, show, approving, watching, _planner(asked, because))

    return run


def _planner(asked: Asked, because: Because) -> Callable[[Workshop], Plan | NothingToDo]:
    def plan(shop: Workshop) -> Plan | NothingToDo:
        from mangaops.cli.changes.planning import planned, wanted  # noqa: PLC0415 - not for --help

        return planned(shop, wanted(shop, asked, because))

    return plan


APPS = commands(_command, PROGRAM, CODES)
