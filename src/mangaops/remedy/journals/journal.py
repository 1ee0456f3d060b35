"""The record of one run: one line of JSON per fact, on disk before the next thing happens.

A line is `{"seq", "at", "kind", ...its own fields, "prev", "hash"}` in the one canonical
spelling: `prev` is the SHA-256 of the line before it (64 zeros in the first), `hash` that
of the line itself without `hash`. An entry that was altered, taken out or moved is found
by `history.read`; lines cut off at the end look like a crash, which is told as one.

The file is for its owner only, is only appended to, and every entry is fsynced. Undo needs
exact values, so values are written as they are; secrets were refused before (planner.py).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from mangaops.errors import JournalFailed
from mangaops.model.evidence import JSON
from mangaops.remedy.plans.plan_file import canonical

FILE = "journal.jsonl"
FIRST_PREV = "0" * 64
_ROOM = "make room, or set MANGAOPS_STATE_DIR to a folder that can be written"


class Kind(StrEnum):
    """What an entry tells. Fields besides `seq`, `at`, `prev`, `hash`:

    OPENED `run plan approval`; LOCKED `names`; INTENT `step operation about` before a call;
    REPEATED `step operation why` before the same call again; RESULT `step operation told`;
    FAILED `step operation effect detail` (effect `none` or `unknown`; no operation: the step
    as a whole); SAVED `step name sha256 size`; SKIPPED, APPLIED, VERIFIED, UNVERIFIED
    `step detail`; WATCHED `outlook before after`; CLOSED `status detail`.
    """

    OPENED = "opened"
    LOCKED = "locked"
    INTENT = "intent"
    REPEATED = "repeated"
    RESULT = "result"
    FAILED = "failed"
    SAVED = "saved"
    SKIPPED = "skipped"
    APPLIED = "applied"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    WATCHED = "watched"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """Where the file ends: its last entry's number and digest, and its size.

    Replaced as a whole: an interrupt comes before that or after it.
    """

    seq: int = 0
    prev: str = FIRST_PREV
    size: int = 0

    def after(self, line: bytes) -> _End:
        """`line` is without its line end, which the file has."""
        digest = hashlib.sha256(line).hexdigest()
        return _End(seq=self.seq + 1, prev=digest, size=self.size + len(line) + 1)


class Journal:
    """The journal of one run, open for writing: RUNS/RUN/journal.jsonl.

    Making it creates the file (the folder, too); one that is there already is refused.
    Raises JournalFailed, and a run must stop then. As a context manager it closes the file.
    `fsync` and `write` are the disk's: both may fail, and `write` may take less than all.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        fsync: Callable[[int], None] = os.fsync,
        write: Callable[[int, bytes], int] = os.write,
    ) -> None:
        self.path = path
        self._clock = clock
        self._fsync = fsync
        self._write_some = write
        self._end = _End()
        self._broken = False
        try:
            self._file = self._make()
        except OSError as error:
            what = f"no journal can be written: {error.strerror}; nothing was changed"
            raise JournalFailed(what, where=str(path), hint=_ROOM) from error

    @property
    def run(self) -> str:
        return self.path.parent.name

    @property
    def folder(self) -> Path:
        """The run's folder, where what undo needs is saved, too."""
        return self.path.parent

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def append(self, kind: Kind, **fields: JSON) -> None:
        """Durable when it returns. Raises JournalFailed, also for every later entry then
        when the disk did not take back what it had half written. An interrupt may leave the
        entry written or not: the next one finds out which.
        """
        self._look_again()
        if self._broken:
            raise self._failed("an earlier entry is incomplete")
        at = self._clock().astimezone(UTC).isoformat(timespec="milliseconds")
        entry: dict[str, JSON] = {
            "seq": self._end.seq + 1,
            "at": at.replace("+00:00", "Z"),
            "kind": kind.value,
            **fields,
            "prev": self._end.prev,
        }
        line = canonical({**entry, "hash": hash_of(entry)})
        self._write(line + b"\n")
        self._end = self._end.after(line)
        self.sync(self._file)

    def sync(self, descriptor: int) -> None:
        """Makes the journal, or a file beside it, durable; raises JournalFailed."""
        try:
            self._fsync(descriptor)
        except OSError as error:
            raise self._failed(error.strerror) from error

    def sync_folder(self) -> None:
        """Makes the names of new files of the run's folder durable."""
        try:
            _sync_folder(self.folder, self._fsync)
        except OSError as error:
            raise self._failed(error.strerror) from error

    def _make(self) -> int:
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND
        descriptor = os.open(self.path, flags, 0o600)
        try:
            _sync_folder(self.folder, self._fsync)
            _sync_folder(self.folder.parent, self._fsync)
        except BaseException:
            os.close(descriptor)
            self.path.unlink()
            raise
        return descriptor

    def _write(self, line: bytes) -> None:
        rest = line
        try:
            while rest:
                rest = rest[self._write_some(self._file, rest) :]
        except OSError as error:
            self._take_back()
            raise self._failed(error.strerror) from error

    def _look_again(self) -> None:
        """A Ctrl-C may have come as a write returned: then the file goes on after the end
        that is known, with that whole entry or with a part of it.
        """
        try:
            more = os.fstat(self._file).st_size - self._end.size
            line, end, _ = os.pread(self._file, max(more, 0), self._end.size).partition(b"\n")
        except OSError as error:
            raise self._failed(error.strerror) from error
        if end:
            self._end = self._end.after(line)
        elif more > 0:
            self._take_back()

    def _take_back(self) -> None:
        """A full disk may have taken half a line: without it the chain can go on."""
        try:
            os.ftruncate(self._file, self._end.size)
        except OSError:
            self._broken = True

    def _failed(self, why: str | None) -> JournalFailed:
        what = f"the journal cannot be written: {why}"
        return JournalFailed(what, where=str(self.path), hint=_ROOM)


def hash_of(entry: dict[str, JSON]) -> str:
    """The `hash` of an entry that has none yet."""
    return hashlib.sha256(canonical(entry)).hexdigest()


def parsed(line: bytes) -> dict[str, JSON] | None:
    """The entry in a line; None where it is no object of JSON in the canonical spelling."""
    try:
        entry = json.loads(line)
        spelled = isinstance(entry, dict) and canonical(entry) == line
    except (ValueError, RecursionError):
        return None
    return entry if spelled else None


def _sync_folder(folder: Path, fsync: Callable[[int], None]) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fsync(descriptor)
    finally:
        os.close(descriptor)
