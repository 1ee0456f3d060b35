"""Where records go: one JSON object a line, in ASCII, to a stream.

Rule: writing a record never raises and never blocks a call but for the stream itself; what
cannot be written is counted. Only the fields that `fields.py` names are written, and of the
metrics' directive only its own members, so that no text of a prompt or an answer gets into a
log by a mistake elsewhere. A value that JSON has not is left out, and the rest is written.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, TextIO

from mangaops.fm.records.document import instant
from mangaops.fm.records.emf import directive_of
from mangaops.fm.records.fields import FIELDS, LONGEST_TEXT

EMBEDDED = "_aws"
"""The one member that is no plain value: the directive of the metrics, made by emf.py."""
_MOST_BITS = 14_000
"""Of a whole number that Python writes: 4,300 digits."""
_MOST_USUAL = 1 << 63
_ENCODE = json.JSONEncoder(allow_nan=False).encode
MOST_ITEMS = 100
"""Members of a list that are kept: as many as a metric may have values."""


class JsonLines:
    """A `log_sink` of the client; used by several threads at once.

    `more_fields` are records of the caller's own: `log_type` -> names of fields. `lost`
    counts the records that could not be written.
    """

    def __init__(
        self, stream: TextIO, *, more_fields: Mapping[str, frozenset[str]] = MappingProxyType({})
    ) -> None:
        self._stream = stream
        self._fields = {**FIELDS, **more_fields}
        self._lock = threading.RLock()
        self._torn = False
        self.lost = 0

    def __call__(self, record: Mapping[str, Any]) -> None:
        try:
            self._write(_ENCODE(self._allowed(record)))
        except Exception:  # noqa: BLE001 - a log never breaks the call that it tells of
            with self._lock:
                self.lost += 1

    def _write(self, line: str) -> None:
        """On a line of its own, also after one of which only the beginning was written."""
        with self._lock:
            begin = "\n" if self._torn else ""
            self._torn = True
            self._stream.write(f"{begin}{line}\n")
            self._stream.flush()
            self._torn = False

    def _allowed(self, record: Mapping[str, Any]) -> dict[str, Any]:
        names = self._fields[record["log_type"]]
        told: dict[str, Any] = {}
        for name, value in record.items():
            if name not in names:
                continue
            if not _is_plain(value):
                value = directive_of(value) if name == EMBEDDED else _plain(value)  # noqa: PLW2901
            elif name == EMBEDDED:
                continue
            if value is not None:
                told[name] = value
        return told


def _is_plain(value: Any) -> bool:
    """Of nearly all values: they are written as they are, with no further look."""
    kind = type(value)
    if kind is str:
        return bool(len(value) <= LONGEST_TEXT and value.isascii())
    if kind is int:
        return bool(-_MOST_USUAL < value < _MOST_USUAL)
    return kind is bool or (kind is float and math.isfinite(value))


def _plain(value: Any) -> Any:
    """The value as JSON has it; None for what it has not."""
    if isinstance(value, list | tuple):
        plain = [_single(item) for item in value[:MOST_ITEMS]]
        return [item for item in plain if item is not None]
    return _single(value)


def _single(value: Any) -> Any:
    match value:
        case str():
            return _text(value)
        case bool():
            return value
        case int() if value.bit_length() <= _MOST_BITS:
            return value
        case float() if math.isfinite(value):
            return value
        case datetime():
            return _instant(value)
        case _:
            return None


def _instant(at: datetime) -> str | None:
    try:
        return instant(at)
    except (OverflowError, ValueError):  # the first or last day of the calendar, elsewhere
        return None


def _text(text: str) -> str:
    """Cut, and without halves of surrogate pairs, which UTF-8 has not."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode()
