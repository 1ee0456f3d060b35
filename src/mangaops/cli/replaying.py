"""`diagnose --replay FILE`: the case of a capsule, walked again offline."""

from __future__ import annotations

from mangaops.cli.context import AppContext
from mangaops.cli.options import Choices, Recording, Show, Where
from mangaops.errors import InputError
from mangaops.render.case import Case


def replayed(
    context: AppContext,
    name: str | None,
    where: Where,
    choices: Choices,
    recording: Recording,
    show: Show,
) -> Case:
    """The recorded case; raises InputError for a file that is not a whole capsule."""
    del context, name, where, choices, show
    raise InputError("not yet", where=str(recording.replay), hint="")
