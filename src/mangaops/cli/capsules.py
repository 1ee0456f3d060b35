"""Recorded evidence by what a person types: a file, or a run whose capsule was kept."""

from __future__ import annotations

from pathlib import Path

from mangaops.cli.context import AppContext
from mangaops.cli.runs import LAST, cannot_be_a_run
from mangaops.errors import InputError
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.file import read

NO_RUN = "no run is recorded yet"


def capsule_of(context: AppContext, wanted: str) -> Capsule:
    """The capsule in a file, or of a run: its id, a unique beginning of it, or `last`.

    Raises InputError for what is neither, or a run without evidence.
    """
    if _is_path(wanted):
        return read(Path(wanted))
    runs = context.runs
    name = runs.named(wanted, runs.names(), none=NO_RUN)
    file = runs.capsule(name)
    if not file.is_file():
        what = f"the evidence of run {name} was not kept"
        raise InputError(what, where=str(file), hint="diagnose again: each run keeps it now")
    return read(file)


def _is_path(wanted: str) -> bool:
    """`last` is a file only as `./last`."""
    return cannot_be_a_run(wanted) or (wanted != LAST and Path(wanted).is_file())
