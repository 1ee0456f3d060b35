"""Exported log files: what they are, found out before anything is asked of them.

    records     each line is the record itself, a JSON object
    events      each line is an event around it: {"timestamp": ms, "message": "..."}
    stamped     each line is a time and the message, as `aws logs tail` and exports write
    document    one JSON document {"events": [...]}, as `aws logs filter-log-events` writes,
                or an array of events or records

Among events and stamped lines any of the three kinds of line is read as what it is.

Any of them may be compressed with gzip. Whatever else a file is, is an `InputError`.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, cast

from mangaops.errors import InputError
from mangaops.sandbox.insights.own_time import milliseconds

_HEAD = 1 << 18
_LONGEST = 1 << 25
"""Bytes of a first line that still tells what its file is."""
_LINES = 50
_GZIP = b"\x1f\x8b"
_MOST_DOCUMENT = 300_000_000
_STAMPED = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*)\s+(?:(?![{\[])(\S+)\s+(?=\{))?(.*)", re.DOTALL
)
_BROKEN = re.compile(r'\s*\{\s*"(?!events")[^"]*"\s*:.*\}\s*\Z', re.DOTALL)
"""A line that looks like a record from its beginning to its end."""
ENVELOPE = frozenset(
    {"timestamp", "message", "ingestionTime", "logStreamName", "logGroupName", "eventId", "id"}
)


class Form(StrEnum):
    RECORDS = "records"
    EVENTS = "events"
    STAMPED = "stamped"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One file that can be read. `size` is of the file as it is, compressed or not."""

    path: Path
    form: Form
    gzipped: bool
    size: int
    sampled: tuple[Mapping[str, Any], ...] = ()
    """The records of its first lines, where each line is one."""

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Each line that is not blank, with its number from 1; raises InputError."""
        with opened(self.path, gzipped=self.gzipped) as stream:
            try:
                for number, line in enumerate(stream, 1):
                    if not line.isspace():
                        yield number, line
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise _truncated(self.path, error) from None
            except OSError as error:
                raise _unreadable(self.path, error) from None


def exported(path: Path) -> Export:
    """What the file is; raises InputError where it is nothing that can be read."""
    size = _size(path)
    head, gzipped = _head(path)
    lines = _sample(path, head)
    form = _form(path, lines)
    records = tuple(r for line in lines if isinstance(r := _json(line), dict))
    return Export(
        path=path,
        form=form,
        gzipped=gzipped,
        size=size,
        sampled=records if form is Form.RECORDS else (),
    )


def stamped(line: str) -> tuple[int, str, str] | None:
    """Milliseconds, name of the stream or nothing, and message of a line with its time."""
    found = _STAMPED.match(line)
    at = milliseconds(found[1]) if found else None
    return None if found is None or at is None else (at, found[2] or "", found[3])


def is_envelope(record: Mapping[str, Any]) -> bool:
    """An event around a record: nothing but what CloudWatch Logs says of an event."""
    return isinstance(record.get("message"), str) and {"timestamp"} <= record.keys() <= ENVELOPE


def document_events(export: Export) -> Sequence[Any]:
    """The events of a document, which is read as a whole; raises InputError."""
    with opened(export.path, gzipped=export.gzipped) as stream:
        try:
            text = stream.read(_MOST_DOCUMENT + 1)
            document = json.loads(text) if len(text) <= _MOST_DOCUMENT else None
        except (ValueError, RecursionError):
            document = None
        except (EOFError, zlib.error, OSError) as error:
            raise _truncated(export.path, error) from None
    events = document.get("events") if isinstance(document, dict) else document
    if not isinstance(events, list):
        raise InputError(
            "this is no whole JSON document with a list of events or records, or one over 300 MB",
            where=str(export.path),
            hint="write one event a line: jq -c '.events[]'",
        )
    return events


def _size(path: Path) -> int:
    if path.is_dir():
        raise InputError("this is a folder", where=str(path), hint="name the files in it")
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        hint = "standard input is not read: save it first" if str(path) == "-" else "check --file"
        raise InputError("this file does not exist", where=str(path), hint=hint) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    if not path.is_file():
        raise InputError("this is no regular file", where=str(path), hint="save it in one first")
    if not size:
        raise InputError("this file is empty", where=str(path), hint="was the export finished?")
    return size


def _head(path: Path) -> tuple[bytes, bool]:
    try:
        with path.open("rb") as stream:
            gzipped = stream.read(2) == _GZIP
        with opened(path, gzipped=gzipped) as stream:
            head = stream.read(_HEAD)
            return head if b"\n" in head else head + stream.readline(_LONGEST), gzipped
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _truncated(path, error) from None
    except OSError as error:
        raise _unreadable(path, error) from None


@contextmanager
def opened(path: Path, *, gzipped: bool) -> Iterator[IO[bytes]]:
    """Its bytes, unpacked."""
    with path.open("rb", buffering=1 << 20) as stream:
        if not gzipped:
            yield stream
            return
        with gzip.GzipFile(fileobj=stream) as unpacked:
            yield cast("IO[bytes]", unpacked)


def _sample(path: Path, head: bytes) -> Sequence[str]:
    """The first lines, without one that the sample cuts off."""
    if b"\0" in head:
        raise InputError(
            "this is no text: a binary file, or one in UTF-16",
            where=str(path),
            hint="export logs as JSON lines in UTF-8, plain or compressed with gzip",
        )
    whole = head if len(head) < _HEAD else head[: head.rfind(b"\n") + 1] or head
    text = whole.decode("utf-8", errors="replace").removeprefix("\ufeff")
    lines = [line for line in text.split("\n") if line.strip()][:_LINES]
    if not lines:
        raise InputError(
            "this file holds nothing but blanks", where=str(path), hint="was the export finished?"
        )
    return lines


def _form(path: Path, lines: Sequence[str]) -> Form:
    """By the majority of the first lines; a document by what its beginning looks like."""
    found = [form for line in lines if (form := _form_of(line)) is not None]
    if found and not _is_document(lines):
        return Form.EVENTS if _is_mixed(lines) else max(found, key=found.count)
    if len(lines) == 1 and _is_no_record(lines[0]):
        return Form.RECORDS
    if lines[0].lstrip()[:1] in {"{", "["}:
        return Form.DOCUMENT
    raise InputError(
        "no line at its beginning is a JSON record or a log event",
        where=f"{path}:1",
        hint='one JSON object a line, {"timestamp": ..., "message": ...}, or a time and a message',
    )


def _is_mixed(lines: Sequence[str]) -> bool:
    """Whether an event around a record is among them: then each line is looked at by itself."""
    records = (record for line in lines if isinstance(record := _json(line), dict))
    return any(is_envelope(one) and one["message"].startswith("{") for one in records)


def _is_document(lines: Sequence[str]) -> bool:
    """Begun on the first line, or whole on it; an array before other lines is none."""
    document = _json(lines[0])
    return (
        lines[0].strip() in {"{", "["}
        or (isinstance(document, list) and len(lines) == 1)
        or (isinstance(document, dict) and isinstance(document.get("events"), list))
    )


def _is_no_record(line: str) -> bool:
    """A broken record or an array of no objects: the only line, but not the file's fault."""
    document = _json(line)
    if isinstance(document, list):
        return bool(document) and not any(isinstance(one, dict) for one in document)
    return _BROKEN.match(line) is not None


def _form_of(line: str) -> Form | None:
    record = _json(line)
    if isinstance(record, dict):
        return Form.EVENTS if is_envelope(record) else Form.RECORDS
    return Form.STAMPED if stamped(line) else None


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _truncated(path: Path, error: Exception) -> InputError:
    return InputError(
        f"the gzip file is cut off or damaged: {error}",
        where=str(path),
        hint="copy or download it again; `gzip -t` tells whether it is whole",
    )


def _unreadable(path: Path, error: OSError) -> InputError:
    why = error.strerror or str(error)
    return InputError(f"this file cannot be read: {why}", where=str(path), hint="check --file")
