"""Where runs are kept: a directory, or a prefix of an S3 bucket. One file a run, RUN.jsonl.

A run for S3 is written on this machine first, and sent when it ends or is interrupted. What
is there is never overwritten; an interrupted run may be replaced by its own continuation.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from mangaops.bench.run_file import parse, parse_header
from mangaops.bench.sample import Run, RunHeader
from mangaops.bench.writer import Writer, created, resumed
from mangaops.errors import AwsError, AwsNotFound, InputError, MangaopsError

SUFFIX = ".jsonl"
REMOTE = "s3://"
MOST_RUNS = 500
_HEADER_BYTES = 65_536
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Objects(Protocol):
    """S3, as `aws.s3.S3Gateway` is."""

    def keys(self, bucket: str, prefix: str) -> tuple[str, ...]: ...
    def text(self, bucket: str, key: str) -> str: ...
    def beginning(self, bucket: str, key: str, size: int) -> str: ...
    def tagged(self, bucket: str, key: str) -> tuple[str, str]: ...
    def put(self, bucket: str, key: str, text: str, *, replacing: str | None = None) -> None: ...


class Files(Protocol):
    """One kind of place. `place` names a run's file for messages."""

    def names(self) -> list[str]: ...
    def place(self, name: str) -> str: ...
    def first_line(self, name: str) -> str: ...
    def text(self, name: str) -> str: ...
    def local(self, name: str) -> Path: ...
    def deliver(self, path: Path) -> None: ...


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

    def listing(self) -> Listing:
        """Every run by its name, oldest first; damaged files do not hide the others."""
        files = self._files()
        found: dict[str, RunHeader] = {}
        damaged: list[MangaopsError] = []
        for name in files.names():
            try:
                found[name] = parse_header(files.first_line(name), files.place(name))
            except InputError as error:
                damaged.append(error)
        order = sorted(found, key=lambda name: (found[name].started_at, name))
        return Listing(headers={name: found[name] for name in order}, damaged=tuple(damaged))

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
        """A new run, named `header.run`. Raises InputError when it is there already."""
        files = self._files()
        path = files.local(_checked(header.run))
        return created(path, header, fsync=self.fsync, to=files.deliver)

    def resume(self, name: str) -> tuple[Run, Writer]:
        """An unfinished run, and the writer that goes on with it."""
        files = self._files()
        path = files.local(_checked(name))
        if not path.exists() and self.place.startswith(REMOTE):
            _write_new(path, files.text(name))
        return resumed(path, fsync=self.fsync, to=files.deliver)

    def _files(self) -> Files:
        if not self.place.startswith(REMOTE):
            return Directory(self.root / Path(self.place).expanduser())
        bucket, _, prefix = self.place.removeprefix(REMOTE).partition("/")
        if not bucket or self.objects is None:
            hint = "write s3://BUCKET/PREFIX"
            raise InputError("this is no place in S3", where=self.place, hint=hint)
        prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        return Prefix(objects=self.objects(), bucket=bucket, prefix=prefix, kept=self.kept)


@dataclass(frozen=True, slots=True)
class Directory:
    """Run files in one folder."""

    folder: Path

    def names(self) -> list[str]:
        """None where there is no folder yet."""
        try:
            found = [one.name for one in self.folder.iterdir() if one.name.endswith(SUFFIX)]
        except FileNotFoundError:
            return []
        except OSError as error:
            hint = "name a folder of run files with --store or resources.bench_store"
            what = f"the store cannot be read: {error.strerror}"
            raise InputError(what, where=str(self.folder), hint=hint) from error
        return sorted(name.removesuffix(SUFFIX) for name in found if not name.startswith("."))

    def place(self, name: str) -> str:
        return str(self.local(name))

    def first_line(self, name: str) -> str:
        return _read(self.local(name), lambda stream: stream.readline(_HEADER_BYTES))

    def text(self, name: str) -> str:
        return _read(self.local(name), lambda stream: stream.read())

    def local(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"

    def deliver(self, path: Path) -> None:
        """It is there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """Run files below one prefix of a bucket; only the last ones by name of very many."""

    objects: Objects
    bucket: str
    prefix: str
    kept: Path

    def names(self) -> list[str]:
        keys = self.objects.keys(self.bucket, self.prefix)
        found = [key.removeprefix(self.prefix) for key in keys if key.endswith(SUFFIX)]
        names = sorted(name.removesuffix(SUFFIX) for name in found if "/" not in name)
        return names[-MOST_RUNS:]

    def place(self, name: str) -> str:
        return f"{REMOTE}{self.bucket}/{self._key(name)}"

    def first_line(self, name: str) -> str:
        begin = self.objects.beginning(self.bucket, self._key(name), _HEADER_BYTES)
        line, end, _ = begin.partition("\n")
        return line + end

    def text(self, name: str) -> str:
        try:
            return self.objects.text(self.bucket, self._key(name))
        except AwsNotFound as error:
            raise _missing(self.place(name)) from error

    def local(self, name: str) -> Path:
        return self.kept / self.bucket / self.prefix / f"{name}{SUFFIX}"

    def deliver(self, path: Path) -> None:
        """Sends the closed file; on failure it stays, and its place is told."""
        name = path.name.removesuffix(SUFFIX)
        try:
            self._send(self._key(name), path.read_text(encoding="utf-8"))
        except MangaopsError as error:
            error.hint = f"the run is kept: aws s3 cp {path} {self.place(name)}"
            raise

    def _send(self, key: str, text: str) -> None:
        try:
            self.objects.put(self.bucket, key, text)
        except AwsError as error:
            if error.code not in {"PreconditionFailed", "412"}:
                raise
            there, tag = self.objects.tagged(self.bucket, key)
            if not text.startswith(there):
                raise
            if text != there:
                self.objects.put(self.bucket, key, text, replacing=tag)

    def _key(self, name: str) -> str:
        return f"{self.prefix}{name}{SUFFIX}"


def read_file(path: Path) -> Run:
    """A run from a file that was named by its path. Raises InputError."""
    return parse(_read(path, lambda stream: stream.read()), str(path))


class _Bytes(Protocol):
    def read(self) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


def _read(path: Path, read: Callable[[_Bytes], bytes]) -> str:
    try:
        with path.open("rb") as stream:
            return read(stream).decode("utf-8", errors="replace")
    except FileNotFoundError as error:
        raise _missing(str(path)) from error
    except OSError as error:
        what = f"this file cannot be read: {error.strerror}"
        raise InputError(
            what, where=str(path), hint="mangaops bench run writes run files"
        ) from error


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="") as stream:
            stream.write(text)
    except OSError as error:
        what = f"the run cannot be kept here: {error.strerror}"
        raise MangaopsError(what, where=str(path), hint="make room, then try again") from error


def _missing(place: str) -> InputError:
    return InputError("there is no such run", where=place, hint="mangaops bench history")


def _checked(name: str) -> str:
    if _NAME.fullmatch(name):
        return name
    hint = "letters, digits, dots, hyphens and underscores, at most 100"
    raise InputError(f"`{name[:60]}` is no name of a run", where="RUN", hint=hint)
