"""`diagnose --dry-run`: what would be read, without a call to AWS."""

from __future__ import annotations

from mangaops.cli.context import AppContext
from mangaops.cli.options import Budget, Choices, Show, When, Where
from mangaops.errors import InputError


def emit_reading_plan(
    context: AppContext,
    name: str,
    where: Where,
    when: When,
    choices: Choices,
    budget: Budget,
    show: Show,
) -> None:
    """Tells the calls that a diagnosis would make, and their estimated cost."""
    del context, where, when, choices, budget, show
    raise InputError("not yet", where=name, hint="")
