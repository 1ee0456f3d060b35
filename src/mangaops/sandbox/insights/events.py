"""A log event, and the fields that Logs Insights discovers in it.

Fields exist only if the whole message is one JSON object: a prefix such as
`INFO:app:` hides all of them. Nested members are flattened (`a.b.0`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from mangaops.sandbox.insights.values import Instant, Value

MAX_FIELDS = 200
_MOST_DIGITS = 300
_BLANKS = " \t\r\n"
Row = dict[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One event. Times are milliseconds since the epoch; `log` is `ACCOUNT:GROUP`."""

    timestamp: int
    message: str
    log: str = ""
    stream: str = ""
    ingested: int = 0
    id: str = ""


def row_of(event: LogEvent) -> Row:
    """The event as a row: system fields and everything discovered."""
    row: Row = {
        "@timestamp": Instant(event.timestamp),
        "@message": event.message,
        "@logStream": event.stream,
        "@log": event.log,
        "@ingestionTime": Instant(event.ingested or event.timestamp),
    }
    row.update(discovered(event.message))
    return row


def pointer(event: LogEvent) -> str:
    """`@ptr`: opaque, the same for the same event."""
    identity = "\0".join((event.log, event.stream, event.id, str(event.timestamp)))
    return base64.b64encode(identity.encode()).decode()


def discovered(message: str) -> Row:
    """Flattened JSON members, at most 200; nothing unless the whole message is an object."""
    row: Row = {}
    _flatten(row, "", document_of(message) or {})
    return row


def document_of(message: str) -> Mapping[str, Any] | None:
    """The object that the whole message is, as JSON alone has it: the one reading of a message.

    Of two members of the same name the last counts. A NaN or an infinity makes it no JSON.
    """
    if message.lstrip(_BLANKS)[:1] != "{":
        return None
    try:
        document = parsed(message)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def parsed(text: str) -> Any:
    """JSON by the rules above; raises ValueError or RecursionError."""
    return json.loads(text, parse_constant=_no_constant, parse_int=whole)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def whole(digits: str) -> float | int:
    """An integer of JSON; one that no float can hold is infinite, as a decimal one is."""
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


def _flatten(row: Row, prefix: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, member in value.items():
            _flatten(row, f"{prefix}.{key}" if prefix else _own(key), member)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _flatten(row, f"{prefix}.{index}", member)
    elif value is not None and len(row) < MAX_FIELDS:
        row[prefix] = value


def _own(key: str) -> str:
    """A member `@x` of the event is the field `@@x`; one @ is Logs Insights' own."""
    return f"@{key}" if key.startswith("@") else key
