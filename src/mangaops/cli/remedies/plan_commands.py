"""`mangaops plan REMEDY [OPTIONS]`, one command for each remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from mangaops.cli.options import Because, Show, Where
from mangaops.cli.plan import Given, Keeping, plan_asked, with_earlier
from mangaops.cli.remedies.words import Asked, commands

_MORE = "Reads only. Exit codes: 0 planned, or nothing to do; 5 refused."


def _command(name: str) -> Callable[..., None]:
    def plan(
        ctx: typer.Context,
        given: Any,
        because: Because,
        keeping: Keeping,
        where: Where,
        show: Show,
    ) -> None:
        typed = Given(because=because, keeping=keeping, where=where, show=show)
        plan_asked(ctx, Asked(remedy=name, options=given), with_earlier(ctx, typed))

    return plan


APPS = commands(_command, "mangaops plan", _MORE)
