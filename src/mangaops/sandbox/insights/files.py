"""Exported log files: one event a line, for use without any AWS.

A line is either an event itself (a JSON object, or any text), or an envelope as
FilterLogEvents and exports write it: `{"timestamp": ms, "message": "..."}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mangaops.sandbox.insights.events import LogEvent


def read_events(path: Path) -> Iterator[LogEvent]:
    """The events of a file in its order. The time of an event that is no envelope is its
    `@timestamp`, `timestamp`, `ts` or `time` (ISO 8601 or epoch), else 0.
    """
    with path.open(encoding="utf-8") as lines:
        for line_number, line in enumerate(lines, 1):
            text = line.rstrip("\r\n")
            if text.strip():
                yield _event(text, path.name, line_number)


def _event(text: str, name: str, line_number: int) -> LogEvent:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    message, at, stream = text, 0, name
    if isinstance(document, dict):
        found = (document.get(key) for key in ("@timestamp", "timestamp", "ts", "time"))
        at = next((ms for ms in map(_milliseconds, found) if ms is not None), 0)
        if isinstance(document.get("message"), str) and "timestamp" in document:
            message = document["message"]
            stream = str(document.get("logStreamName", name))
    return LogEvent(timestamp=at, message=message, log=name, stream=stream, id=str(line_number))


def _milliseconds(value: object) -> int | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value * 1000) if value < 1e11 else int(value)
    if isinstance(value, str):
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            return None
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        return round(aware.timestamp() * 1000)
    return None
