"""A capsule's file: gzip over two lines of JSON, a header and a body.

    {"schema": "mangaops.capsule/1", "tool": "0.4.0", "sha256": "...", "length": 12345}
    {"run": "r-7f3a", ...}

`sha256` and `length` are of the body without its line end. The gzip header holds no time
and no name, and keys stand in the order of `document.py`, so the same capsule gives the
same bytes. A file that is cut off, altered, of a newer version or unreasonably large is
refused with what it is.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any

from mangaops.errors import InputError
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.document import capsule_document, capsule_from
from mangaops.evidence.capsule.fields import Fields, WrongDocument

SCHEMA = "mangaops.capsule/1"
LARGEST = 256 * 2**20
"""Bytes of a body: some hundred times what a diagnosis reads at most."""

_VERSION = re.compile(r"mangaops\.capsule/(\d{1,9})")
_REDACTED = re.compile(r"\[redacted-\d+\]")
_LONGEST_HEADER = 64 * 1024
_LEVEL = 6


def to_bytes(capsule: Capsule) -> bytes:
    """The whole file; the same bytes for the same capsule."""
    body = _canonical(capsule_document(capsule))
    header = {
        "schema": SCHEMA,
        "tool": capsule.tool,
        "sha256": hashlib.sha256(body).hexdigest(),
        "length": len(body),
    }
    lines = b"\n".join((json.dumps(header).encode(), body, b""))
    return gzip.compress(lines, compresslevel=_LEVEL, mtime=0)


def read(file: Path) -> Capsule:
    """Raises InputError, which says what is wrong with the file and what to do."""
    if not file.is_file():
        what = "this is no file" if file.exists() else "this file does not exist"
        raise InputError(what, where=str(file), hint=_RECORD)
    try:
        with file.open("rb") as data, gzip.GzipFile(fileobj=data) as lines:
            body = _body(lines, str(file))
        capsule = capsule_from(json.loads(body))
    except (OSError, EOFError, zlib.error, WrongDocument, ValueError, RecursionError) as error:
        raise InputError(_why(error), where=str(file), hint=_hint(error)) from None
    if not _holds_its_runbook(capsule):
        what = "this capsule was altered: its runbook does not match its digest"
        raise InputError(what, where=str(file), hint="take the file as it was recorded")
    return capsule


def _holds_its_runbook(capsule: Capsule) -> bool:
    """A text that was redacted says so itself, and cannot have the digest of its file."""
    digest = hashlib.sha256(capsule.text.encode("utf-8", "surrogatepass")).hexdigest()
    return digest == capsule.digest or _REDACTED.search(capsule.text) is not None


def _why(error: Exception) -> str:
    match error:
        case EOFError():
            return "this capsule is cut off: the end of the file is missing"
        case gzip.BadGzipFile() if _is_foreign(error):
            return "this is no capsule"
        case gzip.BadGzipFile() | zlib.error():
            return "this capsule is damaged: it cannot be unpacked"
        case OSError():
            return f"this cannot be read: {error.strerror}"
        case WrongDocument():
            return f"this capsule is not as mangaops writes it: {error}"
        case _:
            return "this capsule is not as mangaops writes it: its body is no JSON"


def _hint(error: Exception) -> str:
    return _RECORD if _is_foreign(error) else "record it again, or take an intact copy"


def _is_foreign(error: Exception) -> bool:
    """Whether it is no gzip at all; gzip tells a wrong checksum by the same error."""
    return isinstance(error, gzip.BadGzipFile) and str(error).startswith("Not a gzip")


_RECORD = "mangaops diagnose RUNBOOK --record FILE writes a capsule"


def _canonical(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _body(lines: gzip.GzipFile, where: str) -> bytes:
    header = _header(lines.readline(_LONGEST_HEADER), where)
    length = header.count("length")
    if not 0 <= length <= LARGEST:
        what = f"this capsule says that it is {length // 2**20} MB large"
        raise InputError(what, where=where, hint=f"at most {LARGEST // 2**20} MB are read")
    rest = lines.read(length + 2)  # one byte more than there may be
    body = rest[:length]
    if len(rest) <= length:
        raise EOFError
    if rest[length:] != b"\n" or hashlib.sha256(body).hexdigest() != header.text("sha256"):
        what = "this capsule was altered: its contents do not match its digest"
        raise InputError(what, where=where, hint="take the file as it was recorded")
    return body


def _header(line: bytes, where: str) -> Fields:
    """The first line, of a version that can be read here."""
    try:
        header = Fields(json.loads(line))
        version = _VERSION.fullmatch(header.text("schema"))
    except (ValueError, RecursionError, WrongDocument):
        version = None
    if version is None:
        raise InputError("this is no capsule", where=where, hint=_RECORD)
    if f"mangaops.capsule/{version[1]}" != SCHEMA:
        what = f"this capsule is of format {version[1]}, written by mangaops {header.text('tool')}"
        raise InputError(what, where=where, hint="this version reads format 1; upgrade mangaops")
    return header
