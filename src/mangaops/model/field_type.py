"""How a field or a column is read; by itself, since the logs of files need no more."""

from __future__ import annotations

from enum import StrEnum


class FieldType(StrEnum):
    """Types of fields and columns. A time is epoch seconds, so that `age()` can subtract it."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    TIME = "time"
