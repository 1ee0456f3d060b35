"""Where runs are kept: a directory, or a prefix of an S3 bucket. One file a run, RUN.jsonl.

A run for S3 is written on this machine first; its header is sent before the first call, so
that a place that takes nothing is known in time, and all of it when it ends or is interrupted.
Until it could be sent, it is read from here. What is in S3 is never overwritten; an interrupted run
may be replaced by its own continuation.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mangaops.bench.runs.places import (
    REMOTE,
    SUFFIX,
    Directory,
    Files,
    Objects,
    Prefix,
    read_local,
)
from mangaops.bench.runs.run_file import parse, parse_header
from mangaops.bench.runs.sample import Run, RunHeader
from mangaops.bench.runs.writer import Writer, created, resumed
from mangaops.errors import InputError, MangaopsError

__all__ = ["REMOTE", "SUFFIX", "Listing", "Objects", "RunStore", "read_file"]
_AT_ONCE = 8
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The runs of a store, oldest first, and what is wrong with other files in it."""

    headers: dict[str, RunHeader]
    damaged: tuple[MangaopsError, ...] = ()


@dataclass(frozen=True, slots=True)
class RunStore:
    """`place` is a directory (a relative one is below `root`) or `s3://bucket/prefix`.

    `objects` gives the way into S3, when it is needed; `kept` is the folder for runs on their
    way there. A run's name is its file's, without the ending.
    """

    place: str
    objects: Callable[[], Objects] | None = field(default=None, kw_only=True)
    root: Path = field(default=Path(), kw_only=True)
    kept: Path = field(default=Path("bench"), kw_only=True)
    fsync: Callable[[int], None] = field(default=os.fsync, kw_only=True)

    def __post_init__(self) -> None:
        if _SCHEME.match(self.place) and not self.place.startswith(REMOTE):
            hint = "a folder, or s3://BUCKET/PREFIX"
            raise InputError("runs are not kept in such a place", where=self.place, hint=hint)

    def listing(self) -> Listing:
        """Every run by its name, oldest first; damaged files do not hide the others."""
        files = self._files()
        found: dict[str, RunHeader] = {}
        damaged: list[MangaopsError] = []
        names = files.names()
        for name, header in zip(names, self._headers(files, names), strict=True):
            if isinstance(header, RunHeader):
                found[name] = header
            else:
                damaged.append(header)
        order = sorted(found, key=lambda name: (found[name].started_at, name))
        return Listing(headers={name: found[name] for name in order}, damaged=tuple(damaged))

    def _headers(self, files: Files, names: Sequence[str]) -> Iterable[RunHeader | InputError]:
        if not self.place.startswith(REMOTE):
            return [_header(files, name) for name in names]
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - for S3 alone

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda name: _header(files, name), names))

    def headers(self) -> dict[str, RunHeader]:
        return self.listing().headers

    def names(self) -> tuple[str, ...]:
        """The newest last. Damaged files are left out."""
        return tuple(self.listing().headers)

    def stems(self) -> tuple[str, ...]:
        """Names alone, in their own order: nothing is opened."""
        return tuple(self._files().names())

    def read(self, name: str) -> Run:
        """Raises InputError for a file that is damaged or not there."""
        files = self._files()
        return parse(files.text(_checked(name)), files.place(name))

    def runs(self) -> Iterator[Run | MangaopsError]:
        """Every run, oldest first; an error in the place of one that is damaged."""
        listing = self.listing()
        yield from listing.damaged
        for name in listing.headers:
            try:
                yield self.read(name)
            except InputError as error:
                yield error

    def new_name(self, at: datetime, token: Callable[[int], str]) -> str:
        """Such as `b-20261121-110000-7f3a`; `token(n)` gives n random bytes in hex."""
        return f"b-{at:%Y%m%d-%H%M%S}-{token(2)}"

    def create(self, header: RunHeader) -> Writer:
        """A new run, named `header.run`, that is begun where the store is.

        Raises InputError when it is there already, MangaopsError where nothing can be written:
        then no file is left of it.
        """
        files = self._files()
        path = files.local(_checked(header.run))
        writer = created(path, header, fsync=self.fsync, to=files.deliver)
        try:
            files.begin(path)
        except BaseException:
            writer.give_up()
            path.unlink()
            raise
        return writer

    def resume(self, name: str) -> tuple[Run, Writer]:
        """An unfinished run, and the writer that goes on with it."""
        files = self._files()
        path = files.local(_checked(name))
        if not path.exists() and self.place.startswith(REMOTE):
            _write_new(path, files.text(name))
        run, writer = resumed(path, fsync=self.fsync, to=files.deliver)
        try:
            files.begin(path)
        except BaseException:
            writer.give_up()
            raise
        return run, writer

    def _files(self) -> Files:
        if not self.place.startswith(REMOTE):
            return Directory(self.root / Path(self.place).expanduser())
        bucket, _, prefix = self.place.removeprefix(REMOTE).partition("/")
        if not bucket or self.objects is None:
            hint = "write s3://BUCKET/PREFIX"
            raise InputError("this is no place in S3", where=self.place, hint=hint)
        prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        return Prefix(objects=self.objects(), bucket=bucket, prefix=prefix, kept=self.kept)


def _header(files: Files, name: str) -> RunHeader | InputError:
    try:
        return parse_header(files.first_line(name), files.place(name))
    except InputError as error:
        return error


def read_file(path: Path) -> Run:
    """A run from a file that was named by its path. Raises InputError."""
    return parse(read_local(path, lambda stream: stream.read()), str(path))


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="") as stream:
            stream.write(text)
    except OSError as error:
        what = f"the run cannot be kept here: {error.strerror}"
        raise MangaopsError(what, where=str(path), hint="make room, then try again") from error


def _checked(name: str) -> str:
    if _NAME.fullmatch(name):
        return name
    hint = "letters, digits, dots, hyphens and underscores, at most 100"
    raise InputError(f"`{name[:60]}` is no name of a run", where="RUN", hint=hint)
