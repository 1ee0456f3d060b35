"""The two kinds of places that hold run files: a folder, and a prefix of an S3 bucket."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mangaops.errors import AwsError, AwsNotFound, InputError, MangaopsError

SUFFIX = ".jsonl"
REMOTE = "s3://"
MOST_RUNS = 500
_HEADER_BYTES = 65_536
_THERE = {"PreconditionFailed", "ConditionalRequestConflict"}
"""What S3 answers where another object is, or is being put at this moment."""


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
    def begin(self, path: Path) -> None: ...
    def deliver(self, path: Path) -> None: ...


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
        return read_local(self.local(name), lambda stream: stream.readline(_HEADER_BYTES))

    def text(self, name: str) -> str:
        return read_local(self.local(name), lambda stream: stream.read())

    def local(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"

    def begin(self, path: Path) -> None:
        """It could be made: it can be written."""

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
        sent = sorted(name.removesuffix(SUFFIX) for name in found if "/" not in name)
        return sorted({*sent[-MOST_RUNS:], *Directory(self.local("x").parent).names()})

    def place(self, name: str) -> str:
        return f"{REMOTE}{self.bucket}/{self._key(name)}"

    def first_line(self, name: str) -> str:
        try:
            begin = self.objects.beginning(self.bucket, self._key(name), _HEADER_BYTES)
        except AwsNotFound as error:
            begin = self._unsent(name, error)
        line, end, _ = begin.partition("\n")
        return line + end

    def text(self, name: str) -> str:
        """What is here and goes on from what is there could not be sent yet."""
        try:
            there = self.objects.text(self.bucket, self._key(name))
        except AwsNotFound as error:
            return self._unsent(name, error)
        if not self.local(name).is_file():
            return there
        here = read_local(self.local(name), lambda stream: stream.read())
        return here if here.startswith(there) else there

    def _unsent(self, name: str, missing: AwsNotFound) -> str:
        if not self.local(name).is_file():
            raise _missing(self.place(name)) from missing
        return read_local(self.local(name), lambda stream: stream.read())

    def local(self, name: str) -> Path:
        return self.kept / self.bucket / self.prefix / f"{name}{SUFFIX}"

    def begin(self, path: Path) -> None:
        """Sends what there is of a run, so that a place that takes none is known at once."""
        try:
            self._send(self._key(_name(path)), path.read_text(encoding="utf-8"))
        except MangaopsError as error:
            there = isinstance(error, AwsError) and error.code in _THERE
            what = "another file has its name in S3" if there else error.hint
            told = "nothing was measured: name another place with --store"
            error.hint = f"{what}; {told}" if what else told
            raise

    def deliver(self, path: Path) -> None:
        """Sends the closed file and removes it; on failure it stays, and its place is told."""
        name = _name(path)
        try:
            self._send(self._key(name), path.read_text(encoding="utf-8"))
        except MangaopsError as error:
            send = f"to send it: aws s3 cp {path} {self.place(name)}"
            if isinstance(error, AwsError) and error.code in _THERE:
                send = "another file has its name in S3, and is not overwritten"
            error.hint = f"the run is kept in {path}; {send}"
            raise
        path.unlink()

    def _send(self, key: str, text: str) -> None:
        try:
            self.objects.put(self.bucket, key, text)
        except AwsError as error:
            if error.code not in _THERE:
                raise
            there, tag = self.objects.tagged(self.bucket, key)
            if not text.startswith(there):
                raise
            if text != there:
                self.objects.put(self.bucket, key, text, replacing=tag)

    def _key(self, name: str) -> str:
        return f"{self.prefix}{name}{SUFFIX}"


def _name(path: Path) -> str:
    return path.name.removesuffix(SUFFIX)


class _Bytes(Protocol):
    def read(self) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


def read_local(path: Path, read: Callable[[_Bytes], bytes]) -> str:
    """A file, or its beginning, as text. Raises InputError."""
    try:
        with path.open("rb") as stream:
            return read(stream).decode("utf-8", errors="replace")
    except FileNotFoundError as error:
        raise _missing(str(path)) from error
    except IsADirectoryError as error:
        raise folder_named(path) from error
    except OSError as error:
        what = f"this file cannot be read: {error.strerror}"
        raise InputError(
            what, where=str(path), hint="mangaops bench run writes run files"
        ) from error


def folder_named(path: Path) -> InputError:
    """For somebody who named a folder where a run is meant."""
    hint = f"name a run in it: last --store {shlex.quote(str(path))}"
    return InputError("this is a folder, and a run is a file", where=str(path), hint=hint)


def _missing(place: str) -> InputError:
    return InputError("there is no such run", where=place, hint="mangaops bench history")
