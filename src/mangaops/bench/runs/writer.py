"""Writing a run file: append only, line by line, for one writer at a time.

A line is handed to the operating system when its sample is there, so a killed process loses
the calls under way and nothing else. A power cut may lose more: the disk is waited for at the
end and at an interruption only, as a call to a model must not wait for it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from mangaops.bench.runs.run_file import (
    as_resumed,
    end_line,
    header_line,
    parse,
    parse_header,
    sample_line,
)
from mangaops.bench.runs.run_file import without_torn_line as whole_lines
from mangaops.bench.runs.sample import Run, RunHeader, Sample
from mangaops.errors import InputError, Locked, MangaopsError

Deliver = Callable[[Path], None]
"""Called once with a closed file: takes it to where the store is."""


class Writer:
    """One run under way; safe to use from several threads.

    As a context manager it closes the file whatever happens.
    """

    def __init__(
        self, path: Path, handle: int, *, samples: int, fsync: Callable[[int], None], to: Deliver
    ) -> None:
        self.path = path
        self.samples = samples
        self._handle: int | None = handle
        self._fsync = fsync
        self._deliver = to
        self._lock = Lock()

    def append(self, sample: Sample) -> None:
        """Keeps one sample. Raises MangaopsError on a full disk: what was kept stays."""
        line = sample_line(sample)
        with self._lock:
            self._write(line)
            self.samples += 1

    def finish(self, at: datetime) -> None:
        """Ends the run: it is whole now, and cannot be resumed."""
        self._write(end_line(at, self.samples))
        self.close()

    def close(self) -> None:
        """Without `finish`, the run is unfinished and can be resumed. A second time: nothing."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        try:
            self._fsync(handle)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        finally:
            os.close(handle)
        self._deliver(self.path)

    def give_up(self) -> None:
        """Closes the file, and takes it nowhere."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, line: str) -> None:
        if self._handle is None:
            raise ValueError("the run is closed")
        _write_all(self._handle, line, self.path)


def created(path: Path, header: RunHeader, *, fsync: Callable[[int], None], to: Deliver) -> Writer:
    """A new run file with its header.

    InputError: it is there already, the store is no folder, or the header could not be read
    again, which is found before a call is paid for.
    """
    line = header_line(header)
    try:
        parse_header(line, str(path))
    except InputError as error:
        hint = "name the version or the intent otherwise: nothing was sent"
        raise InputError(f"the run could not be read: {error.what}", hint=hint) from error
    _make_folder(path.parent)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    except FileExistsError as error:
        hint = "repeat it: the next run has another name"
        raise InputError("this run is there already", where=str(path), hint=hint) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    _write_all(handle, line, path)
    return Writer(path, handle, samples=0, fsync=fsync, to=to)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        hint = "name a folder with --store or resources.bench_store"
        what = "this is a file or below one, and a store is a folder"
        raise InputError(what, where=str(folder), hint=hint) from error
    except OSError as error:
        what = f"the store cannot be made: {error.strerror}"
        hint = "name another place with --store; nothing was measured"
        raise MangaopsError(what, where=str(folder), hint=hint) from error


def resumed(path: Path, *, fsync: Callable[[int], None], to: Deliver) -> tuple[Run, Writer]:
    """An unfinished run and the writer that goes on with it; a torn last line is dropped.

    Raises Locked while another process writes it, InputError when it is finished or damaged.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_APPEND)
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        run = _taken_up(handle, path)
    except BaseException:
        os.close(handle)
        raise
    return run, Writer(path, handle, samples=len(run.samples), fsync=fsync, to=to)


def _taken_up(handle: int, path: Path) -> Run:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        hint = "wait for it to end, or stop that process"
        raise Locked("this run is being measured now", where=str(path), hint=hint) from error
    with os.fdopen(os.dup(handle), "rb") as stream:
        data = stream.read()
    text, torn = whole_lines(data.decode("utf-8", errors="replace"))
    run = parse(text or data.decode("utf-8", errors="replace"), str(path))
    if run.finished_at is not None:
        hint = f"compare it: mangaops bench compare {path.stem}"
        raise InputError("this run is finished", where=str(path), hint=hint)
    if torn:
        os.ftruncate(handle, data.rfind(b"\n") + 1)
    elif not data.endswith(b"\n"):
        _write_all(handle, "\n", path)
    return as_resumed(run, torn)


def _write_all(handle: int, line: str, path: Path) -> None:
    left = line.encode()
    try:
        while left:
            left = left[os.write(handle, left) :]
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> MangaopsError:
    hint = "make room or name another place with --store; then mangaops bench run --resume RUN"
    what = f"the run cannot be written: {error.strerror}"
    return MangaopsError(what, where=str(path), hint=hint)


def _unreadable(path: Path, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError("there is no such run", where=str(path), hint="mangaops bench history")
    return InputError(f"this file cannot be read: {error.strerror}", where=str(path))
