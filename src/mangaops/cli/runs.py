"""Records of past runs below STATE_DIR/runs, for their owner only.

A diagnosis is RUN/diagnosis.json, written once, with its evidence in
RUN/evidence.capsule; a change is RUN/journal.jsonl, which
`remedy.journal` writes.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mangaops.errors import InputError, MangaopsError

_RECORD = "diagnosis.json"
_JOURNAL = "journal.jsonl"
_CAPSULE = "evidence.capsule"
LAST = "last"
NO_CHANGE = "mangaops has changed nothing from this machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One record as it lies on disk: a document of schema `mangaops.diagnosis/1`."""

    run: str
    at: datetime
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStore:
    """The runs below one folder. Reading never creates it."""

    folder: Path

    def names(self) -> tuple[str, ...]:
        """Every recorded diagnosis, newest first."""
        return self._newest(_RECORD)

    def changes(self) -> tuple[str, ...]:
        """Every run that changed something or may have, newest first."""
        return self._newest(_JOURNAL)

    def everything(self) -> tuple[str, ...]:
        """Diagnoses and changes together, newest first."""
        return self._newest(_RECORD, _JOURNAL)

    def _newest(self, *files: str) -> tuple[str, ...]:
        try:
            found = [
                (path.stat().st_mtime_ns, path.parent.name)
                for file in files
                for path in self.folder.glob(f"*/{file}")
            ]
        except OSError:
            return ()
        return tuple(dict.fromkeys(name for _, name in sorted(found, reverse=True)))

    def journal(self, run: str) -> Path:
        """Where the journal of a change is, or will be."""
        return self.folder / run / _JOURNAL

    def capsule(self, run: str) -> Path:
        """Where the evidence of a diagnosis is, if it was kept."""
        return self.folder / run / _CAPSULE

    def new_name(self, token: Callable[[int], str]) -> str:
        """An unused id such as `r-7f3a`; `token(n)` gives n random bytes in hex."""
        for size in (2, 2, 2, 4, 8):
            name = f"r-{token(size)}"
            if not (self.folder / name).exists():
                return name
        return f"r-{token(16)}"

    def write(self, run: str, document: str) -> Path:
        """Record `document`, atomically; raises OSError when the folder cannot be written."""
        file = self.folder / run / _RECORD
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(file, document)
        return file

    def find(self, wanted: str) -> Recorded:
        """The diagnosis with this id, the only one that begins so, or the `last` one."""
        return self.read(self.named(wanted, self.names(), none="no run is recorded yet"))

    def change_named(self, wanted: str) -> str:
        """The change with this id, the only one that begins so, or the `last` one."""
        return self.named(wanted, self.changes(), none=NO_CHANGE)

    def named(self, wanted: str, names: Sequence[str], *, none: str) -> str:
        """The one of `names` (newest first) that is meant; `none` is said when there is none."""
        if not names:
            raise InputError(none, where=str(self.folder), hint=_FIRST)
        if wanted == LAST:
            return names[0]
        if wanted in names:
            return wanted
        found = [n for n in names if n.startswith((wanted, f"r-{wanted}"))] if wanted else []
        if len(found) == 1:
            return found[0]
        if found:
            what = f"{len(found)} runs begin with `{wanted}`"
            raise InputError(what, where="RUN", hint="one of: " + ", ".join(found[:5]))
        raise InputError(f"no run is named `{wanted}`", where="RUN", hint="mangaops history list")

    def read(self, run: str) -> Recorded:
        path = self.folder / run / _RECORD
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except (OSError, ValueError) as error:
            what = f"the record of run {run} cannot be read: {error}"
            raise MangaopsError(what, where=str(path), hint=_FIRST) from error
        if not isinstance(document, dict) or document.get("schema") != "mangaops.diagnosis/1":
            raise MangaopsError(
                f"the record of run {run} is not one of this version", where=str(path), hint=_FIRST
            )
        return Recorded(run=run, at=at, document=document)


_FIRST = "mangaops diagnose RUNBOOK records a run"


def write_whole(file: Path, text: str) -> None:
    """All of it or nothing, for its owner only. Raises OSError."""
    handle, temporary = tempfile.mkstemp(dir=file.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        Path(temporary).replace(file)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def state_folder(environ: Mapping[str, str]) -> Path:
    """MANGAOPS_STATE_DIR, or the platform's place for state."""
    given = environ.get("MANGAOPS_STATE_DIR")
    if given:
        try:
            return Path(given).expanduser()
        except RuntimeError as error:
            raise InputError(
                "there is no such user", where=f"MANGAOPS_STATE_DIR={given}", hint="name a folder"
            ) from error
    from platformdirs import user_state_path  # noqa: PLC0415 - 15 ms that `--help` does not need

    return user_state_path("mangaops", appauthor=False)


def cannot_be_a_run(wanted: str) -> bool:
    """A run's id has neither a dot nor a slash: this is a path."""
    return "/" in wanted or "." in wanted


def run_store(environ: Mapping[str, str]) -> RunStore:
    return RunStore(folder=state_folder(environ) / "runs")


def fallback_store(temporary: Path) -> RunStore:
    """Where a run goes when the usual place cannot be written: a folder of this user's own.

    Raises PermissionError where someone else made it first: everybody may write `temporary`,
    and a record is for its owner only.
    """
    user = os.getuid() if hasattr(os, "getuid") else None
    own = temporary / f"mangaops-{'user' if user is None else user}"
    own.mkdir(mode=0o700, exist_ok=True)
    if own.is_symlink() or (user is not None and own.stat().st_uid != user):
        raise PermissionError(f"{own} belongs to someone else")
    return RunStore(folder=own / "runs")
