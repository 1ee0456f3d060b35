"""What stays of a diagnosis: its record for `explain`, and its evidence as a capsule."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops import __version__
from mangaops.cli.context import AppContext
from mangaops.cli.new_file import refuse_existing, write_new
from mangaops.cli.options import Show
from mangaops.cli.runs import RunStore, fallback_store
from mangaops.cli.without_secrets import told_sets
from mangaops.errors import InputError, MangaopsError
from mangaops.render.case import Case, seen_of

if TYPE_CHECKING:
    from mangaops.cli.diagnosing import Walked
    from mangaops.evidence.capsule.capsule import Capsule
    from mangaops.model.runbook import Runbook
    from mangaops.model.settings import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A diagnosis that was reached, with all that its capsule holds. `runbook` is unbound."""

    case: Case
    walked: Walked
    runbook: Runbook
    environment: Environment
    at: datetime
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept, and the case that it leads to; `why_not` where it cannot be kept."""

    case: Case
    capsule: Capsule | None = None
    why_not: str = ""


def refuse_place(file: Path) -> None:
    """Raises InputError before AWS is asked, if nothing could be written there."""
    refuse_existing(file, hint="name a new file", where=f"--record {file}")
    try:
        with tempfile.TemporaryFile(dir=file.parent):
            return
    except OSError as error:
        what = f"nothing can be written there: {error.strerror}"
        raise InputError(what, where=f"--record {file}", hint="name a file elsewhere") from error


def kept(finished: Finished) -> Kept:
    """The capsule without secrets, and the answer that it gives.

    Where a secret was taken out, that answer is walked again: what is told is what a replay
    tells. A capsule that would lead elsewhere is not kept.
    """
    from mangaops.evidence.capsule.fields import WrongDocument  # noqa: PLC0415 - as below
    from mangaops.evidence.capsule.redacting import redacted_capsule, secrets_hidden  # noqa: PLC0415 - not before the answer
    from mangaops.evidence.capsule.walking import rewalked, same_conclusion  # noqa: PLC0415 - as above

    whole, case = _capsule(finished), finished.case
    try:
        capsule = redacted_capsule(whole, finished.runbook)
    except WrongDocument as error:
        return Kept(case=case, why_not=f"a capsule cannot hold it: {error}")
    if not secrets_hidden(whole, capsule):
        return Kept(case=replace(case, suffix=capsule.suffix), capsule=capsule)
    try:
        again = rewalked(capsule)
    except MangaopsError as error:
        return Kept(case=case, why_not=f"without its secrets the runbook cannot be used: {error}")
    if not same_conclusion(again.diagnosis, case.diagnosis):
        why = "without its secrets the evidence leads to another conclusion"
        return Kept(case=case, why_not=why)
    return Kept(
        case=replace(
            case,
            diagnosis=again.diagnosis,
            evidence=seen_of(again.runbook, again.evidence),
            sets=told_sets(capsule.sets),
            suffix=capsule.suffix,
        ),
        capsule=capsule,
    )


def _capsule(finished: Finished) -> Capsule:
    from mangaops.evidence.capsule.capsule import Capsule  # noqa: PLC0415 - as above

    case, walked, runbook = finished.case, finished.walked, finished.runbook
    configured = finished.environment.parameters
    return Capsule(
        run=case.run,
        tool=__version__,
        at=finished.at,
        runbook=runbook.name,
        file=Path(runbook.file).name,
        digest=runbook.digest,
        text=runbook.text,
        site=case.site,
        window=case.window,
        evidence=walked.collected.evidence,
        cost=case.cost,
        seconds=case.seconds,
        resources=finished.environment.resources,
        parameters={name: configured[name] for name in ("*", runbook.name) if name in configured},
        sets=case.sets,
        answers=walked.answers,
        force=finished.force,
        interrupted=case.interrupted,
        suffix=case.suffix,
    )


def recorded(context: AppContext, show: Show, case: Case) -> RunStore | None:
    """Keep the run for `explain`; a place that cannot be written is no reason to fail."""
    from mangaops.render.document import case_document  # noqa: PLC0415 - not for --help
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    document = to_json(case_document(case))
    try:
        context.runs.write(case.run, document)
    except OSError as error:
        try:
            spare = fallback_store(Path(tempfile.gettempdir()))
            spare.write(case.run, document)
        except OSError:
            context.note(show, f"note: this run is not recorded ({error})")
            return None
        place = spare.folder.parent
        context.note(show, f"note: {context.runs.folder} cannot be written; this run is in {place}")
        context.note(show, f"      to explain it: export MANGAOPS_STATE_DIR={place}")
        return spare
    return context.runs


def keep(
    context: AppContext, show: Show, found: Kept, *, file: Path | None, store: RunStore | None
) -> None:
    """Write what is kept: to `file` if one was named, and beside the run's record."""
    from mangaops.evidence.capsule.file import to_bytes  # noqa: PLC0415 - not before the answer

    if found.capsule is None:
        if file is not None:
            context.note(show, f"note: {file} was not written: {found.why_not}")
        return
    content = to_bytes(found.capsule)
    places: Mapping[Path, str] = {
        **({file: f"note: {file} was not written"} if file else {}),
        **({store.capsule(found.case.run): "note: the evidence is not kept"} if store else {}),
    }
    for place, what in places.items():
        try:
            write_new(place, content)
        except OSError as error:
            context.note(show, f"{what}: {error.strerror}")
