"""Rows of Logs Insights, all text, into rows of the declared columns."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mangaops.model.evidence import Row, Scalar, Table
from mangaops.model.field_type import FieldType
from mangaops.model.redaction import redacted
from mangaops.model.time import parse_instant

_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,17})?(?:e[+-]\d{1,3})?\Z", re.ASCII)
_MILLISECONDS = 1e11
"""Epoch times from here on are milliseconds: as seconds this is the year 5138."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The table, how many values did not parse (they are None), and its newest time."""

    table: Table
    unreadable: int
    newest: float | None


def typed(rows: Sequence[Mapping[str, str]], columns: Mapping[str, FieldType]) -> Typed:
    """Only the declared columns, without secrets; a field that is absent from a row is None.

    Without any declared, every column as it comes.
    """
    columns = columns or as_they_come(rows)
    made: list[Row] = []
    unreadable = 0
    newest: float | None = None
    for row in rows:
        values = {name: _value(row.get(name), kind) for name, kind in columns.items()}
        unreadable += sum(1 for name in columns if values[name] is None and name in row)
        made.append(values)
    for name in (name for name, kind in columns.items() if kind is FieldType.TIME):
        times = [value for row in made if isinstance(value := row[name], int | float)]
        newest = max((*times, *(() if newest is None else (newest,))), default=None)
    table = Table(columns=tuple(columns), rows=tuple(made))
    return Typed(table=table, unreadable=unreadable, newest=newest)


def as_they_come(rows: Sequence[Mapping[str, str]]) -> Mapping[str, FieldType]:
    """The columns of rows of text: numbers where every value is written as a number is."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        name: FieldType.NUMBER
        if all(_PLAIN_NUMBER.match(row[name]) for row in rows if name in row)
        else FieldType.TEXT
        for name in names
    }


def _value(text: str | None, kind: FieldType) -> Scalar:
    if text is None:
        return None
    match kind:
        case FieldType.TEXT:
            return redacted(text)
        case FieldType.NUMBER:
            return _number(text)
        case FieldType.FLAG:
            return {"true": True, "1": True, "false": False, "0": False}.get(text.lower())
        case FieldType.TIME:
            return _time(text)


def _number(text: str) -> float | int | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _time(text: str) -> float | None:
    """`2026-11-21 11:00:00.000` (UTC), ISO 8601, or epoch seconds or milliseconds."""
    number = _number(text)
    if number is not None:
        return number / 1000 if abs(number) >= _MILLISECONDS else float(number)
    instant = parse_instant(text)
    return instant.timestamp() if instant else None
