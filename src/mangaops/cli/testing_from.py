"""`mangaops runbook test-from RUN|FILE`: a test of what was recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops.cli.capsules import capsule_of
from mangaops.cli.context import AppContext, library_of
from mangaops.cli.new_file import refuse_existing, write_new
from mangaops.cli.options import Files, Output, Show
from mangaops.errors import InputError, MangaopsError
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.walking import recorded_runbook
from mangaops.model.evidence import JSON
from mangaops.render.json_text import to_json
from mangaops.testing.load import SUFFIX
from mangaops.testing.write import Recorded, Written, why_not
from mangaops.testing.write import test_of as written_test

if TYPE_CHECKING:
    from mangaops.model.evidence import EvidenceSet
    from mangaops.model.runbook import Runbook
    from mangaops.model.time import Window
    from mangaops.testing.case import Case


_ELSEWHERE = "name a new file, or print the test and paste it"


class Held:
    """Satisfies `testing.given.Sources` with the one capsule that a test is made of."""

    def __init__(self, capsule: Capsule) -> None:
        self._capsule = capsule

    def scenario(self, name: str, runbook: Runbook, case: Case) -> tuple[EvidenceSet, Window]:
        raise InputError(
            f"no scenario was recorded, and {case.name} names {name}", where=runbook.name
        )

    def capsule(self, path: Path) -> Capsule:
        del path
        return self._capsule


def emit_test(
    context: AppContext, wanted: str, where: Files, show: Show, *, out: Path | None, name: str
) -> None:
    """Prints it, or writes a new file; InputError where it cannot, or nothing was recorded."""
    if out is not None:
        refuse_existing(out, hint=_ELSEWHERE)
    capsule = capsule_of(context, wanted)
    beside = out or Path(f"{capsule.runbook}{SUFFIX}")
    recorded = Recorded(
        capsule=capsule,
        runbook=recorded_runbook(capsule),
        path=_path(wanted, capsule, beside.parent),
        file=str(beside),
        name=name,
    )
    written = written_test(recorded, Held(capsule))
    _note(context, show, recorded, written, where, wanted)
    if out is not None:
        _write(out, written.text)
        context.note(show, f"written to {out}; next: mangaops runbook test {out}")
        return
    if show.output is Output.JSON:
        document: dict[str, JSON] = {
            "schema": "mangaops.test-from/1",
            "run": capsule.run,
            "runbook": capsule.runbook,
            "capsule_because": written.why or None,
            "text": written.text,
        }
        context.terminal.emit(to_json(document))
        return
    context.terminal.emit(written.text)
    context.note(
        show,
        f"it passes; into {capsule.runbook}{SUFFIX} goes the `- name: ...` item below its `tests:`",
    )


def _note(
    context: AppContext,
    show: Show,
    recorded: Recorded,
    written: Written,
    where: Files,
    wanted: str,
) -> None:
    if written.why:
        context.note(show, f"note: the test names the capsule ({written.why})")
        if recorded.path != wanted:
            file = context.runs.capsule(recorded.capsule.run)
            context.note(show, f"      put it beside the test: cp {file} {recorded.path}")
    name = recorded.capsule.runbook
    library = library_of(where, context)
    if name not in library.names():
        context.note(show, f"note: no runbook is named {name} here; it was run on the recorded one")
        return
    try:
        now = library.load(name)
        if now.digest == recorded.capsule.digest:
            return
        why = why_not(written.text, replace(recorded, runbook=now), Held(recorded.capsule))
    except MangaopsError as error:
        why = str(error)
    if why:
        told = f"note: {name} is another than was recorded, and differs: {why}"
        context.note(show, told)


def _path(wanted: str, capsule: Capsule, folder: Path) -> str:
    """The capsule as seen from the test's folder; that of a run has to be copied there."""
    file = Path(wanted)
    if not file.is_file():
        return f"{capsule.run}.capsule"
    if file.is_absolute():
        return str(file)
    try:
        return str(file.relative_to(folder))
    except ValueError:
        return str(file.absolute())


def _write(out: Path, text: str) -> None:
    try:
        write_new(out, text.encode())
    except FileExistsError:
        refuse_existing(out, hint=_ELSEWHERE)
    except OSError as error:
        what = f"nothing can be written there: {error.strerror}"
        raise InputError(what, where=str(out), hint="name a file elsewhere") from error
