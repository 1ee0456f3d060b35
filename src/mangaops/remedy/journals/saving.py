"""Files of a run's folder that hold what undo will need, such as the values of cache keys."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mangaops.errors import JournalFailed, MangaopsError
from mangaops.model.evidence import JSON
from mangaops.remedy.action import Saved
from mangaops.remedy.journals.journal import Journal

_NAME = re.compile(r"saved-\d{1,6}\.jsonl")
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
_BLOCK = 1 << 20


def save(journal: Journal, lines: Iterable[bytes]) -> Saved:
    """Writes lines (without line ends) to the next saved-N.jsonl, for its owner only, durable
    when it returns. Raises JournalFailed, and what reading `lines` raises.
    """
    number = 1
    while (path := journal.folder / f"saved-{number}.jsonl").exists():
        number += 1
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for line in lines:
                whole = line.rstrip(b"\n") + b"\n"
                file.write(whole)
                digest.update(whole)
                size += len(whole)
            file.flush()
            journal.sync(file.fileno())
    except OSError as error:
        what = f"what undo needs cannot be saved: {error.strerror}"
        hint = "make room, or set MANGAOPS_STATE_DIR to a folder that can be written"
        raise JournalFailed(what, where=str(path), hint=hint) from error
    journal.sync_folder()
    return Saved(name=path.name, sha256=digest.hexdigest(), size=size)


def saved(runs: Path, reference: Mapping[str, JSON]) -> Iterator[bytes]:
    """The lines of the file that `{"run", "name", "sha256"}` is about, without line ends.

    Raises MangaopsError before the first line when the file is gone or was altered.
    """
    run, name, sha256 = (str(reference.get(key, "")) for key in ("run", "name", "sha256"))
    if not _RUN.fullmatch(run) or not _NAME.fullmatch(name):
        raise MangaopsError(f"`{run}/{name}` names no saved file of a run")
    path = runs / run / name
    try:
        found = _sha256(path)
    except OSError as error:
        what = f"what run {run} saved for undo cannot be read: {error.strerror}"
        raise MangaopsError(what, where=str(path), hint="it cannot be undone from here") from error
    if found != sha256:
        what = f"what run {run} saved for undo was altered since"
        raise MangaopsError(what, where=str(path), hint="it cannot be undone from here")
    return _lines(path)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            yield line.rstrip(b"\n")
