"""The events of exported files, one after the other, with only the fields that are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, assert_never

from mangaops.sandbox.insights.events import Row, document_of
from mangaops.sandbox.insights.files import (
    Export,
    Form,
    document_events,
    is_envelope,
    stamped,
)
from mangaops.sandbox.insights.own_time import milliseconds, own_time
from mangaops.sandbox.insights.records import Wanted, fields_of
from mangaops.sandbox.insights.values import Instant


class Seen(NamedTuple):
    """One event: its row, its milliseconds (0 without a time) and its place in the order."""

    row: Row
    at: int
    position: int


@dataclass(slots=True)
class Damage:
    """Lines, or members of a document's list, that are no records.

    `first` is the place of the first one: `FILE:LINE`, or `FILE, member NUMBER`.
    """

    lines: int = 0
    first: str = ""

    def found(self, export: Export, line: int, count: int = 1) -> None:
        self.lines += count
        apart = ", member " if export.form is Form.DOCUMENT else ":"
        self.first = self.first or f"{export.path}{apart}{line}"


@dataclass(slots=True)
class Reading:
    """What was read so far. `size` counts the bytes of the lines, uncompressed."""

    events: int = 0
    size: int = 0
    damage: Damage = field(default_factory=Damage)


def seen(
    exports: Sequence[Export],
    names: Wanted,
    reading: Reading,
    may_matter: Callable[[bytes], bool] = lambda _: True,
) -> Iterator[Seen]:
    """The events of all files in their order; a line that cannot matter is not even parsed.

    A damaged line is an event without fields, as Logs Insights sees it.
    """
    for export in exports:
        for number, event in _events(export, reading, may_matter):
            if event.damaged:
                reading.damage.found(export, number)
            yield _seen(event, names, reading.events, export)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """`record` is the object that the message is, None where it is none."""

    message: str
    record: Mapping[str, Any] | None = None
    at: int | None = None
    stream: str = ""
    ingested: int | None = None
    damaged: bool = False


def _events(
    export: Export, reading: Reading, may_matter: Callable[[bytes], bool]
) -> Iterator[tuple[int, _Event]]:
    if export.form is Form.DOCUMENT:
        for number, event in enumerate(document_events(export), 1):
            reading.events += 1
            yield number, _of_document(event)
        return
    read = _reader(export.form)
    for number, line in export.lines():
        reading.events += 1
        reading.size += len(line)
        if may_matter(line):
            yield number, read(line)


def _reader(form: Form) -> Callable[[bytes], _Event]:
    match form:
        case Form.RECORDS:
            return _record
        case Form.EVENTS | Form.STAMPED | Form.DOCUMENT:
            return _any
        case _:
            assert_never(form)


def _record(line: bytes) -> _Event:
    text, record = object_of(line)
    if record is None:
        return _Event(message=text, damaged=True)
    return _Event(message=text, record=record, at=own_time(record))


def _any(line: bytes) -> _Event:
    """Whatever the line is by itself: an event, a record, or a time and a message."""
    text, record = object_of(line)
    if record is not None:
        return _of_object(record, text)
    found = stamped(text)
    if found is None:
        return _Event(message=text, damaged=True)
    at, stream, message = found
    return _Event(message=message, record=document_of(message), at=at, stream=stream)


def _of_document(member: object) -> _Event:
    """A member of a document's list."""
    text = json.dumps(member, ensure_ascii=False)
    record = document_of(text)
    return _Event(message=text, damaged=True) if record is None else _of_object(record, text)


def _of_object(event: Mapping[str, Any], text: str) -> _Event:
    if not is_envelope(event):
        return _Event(message=text, record=event, at=own_time(event))
    message = event["message"]
    return _Event(
        message=message,
        record=document_of(message),
        at=milliseconds(event["timestamp"]),
        stream=str(event.get("logStreamName", "")),
        ingested=milliseconds(event.get("ingestionTime")),
    )


def object_of(line: bytes) -> tuple[str, Mapping[str, Any] | None]:
    text, whole = _decoded(line)
    return text, document_of(text) if whole else None


def _decoded(line: bytes) -> tuple[str, bool]:
    """Without the line's end, and without a mark of the byte order at the file's beginning."""
    try:
        return line.decode().strip("\r\n").removeprefix("\ufeff"), True
    except UnicodeDecodeError:
        return line.decode(errors="replace").strip("\r\n"), False


def _seen(event: _Event, names: Wanted, position: int, export: Export) -> Seen:
    at = event.at or 0
    row: Row = {
        "@timestamp": Instant(at),
        "@message": event.message,
        "@logStream": event.stream or export.path.name,
        "@log": export.path.name,
        "@ingestionTime": Instant(event.ingested or at),
    }
    if event.record is not None:
        row.update(fields_of(event.record, names))
    return Seen(row=row, at=at, position=position)
