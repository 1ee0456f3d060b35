"""Parameters in mangaops.yaml that no runbook has, or that are not of its type: all of them."""

from __future__ import annotations

from collections.abc import Iterator

from mangaops.errors import RunbookError, nearest
from mangaops.model.settings import Environment
from mangaops.runbook.bind import EVERY_RUNBOOK, wrong_parameters
from mangaops.runbook.finding import Misconfigured
from mangaops.runbook.library import Library


def misconfigurations(environment: Environment, library: Library) -> Iterator[Misconfigured]:
    """What is configured for a runbook that cannot be loaded is not judged: lint tells of that."""
    for name in environment.parameters:
        if name == EVERY_RUNBOOK:
            continue
        stranger = _stranger(environment, name, library)
        if stranger is not None:
            yield stranger
            continue
        try:
            runbook = library.load(name)
        except RunbookError:
            continue
        yield from wrong_parameters(runbook, environment)


def strangers(environment: Environment, library: Library) -> Iterator[Misconfigured]:
    """Parameters for a runbook that nobody has: they would be lost without a word."""
    found = (_stranger(environment, name, library) for name in environment.parameters)
    yield from (one for one in found if one is not None)


def _stranger(environment: Environment, name: str, library: Library) -> Misconfigured | None:
    names = library.names()
    if name in (*names, EVERY_RUNBOOK):
        return None
    return Misconfigured(
        key=(name, ""),
        what=f"parameters are configured for `{name}`, and no runbook is named so",
        where=f"environment {environment.name}",
        hint=nearest(name, names) or f"runbooks: {', '.join(names)}",
    )
