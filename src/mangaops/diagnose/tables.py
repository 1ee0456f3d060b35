"""Tables: groups of rows, columns, and rows by key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from mangaops.diagnose.values import UNKNOWN
from mangaops.model.evidence import Row, Scalar, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One item of `group(table, column)`: the rows that have `key` in that column."""

    key: Scalar
    rows: int
    share: float
    table: Table
    column: str


def groups(table: Table, column: str) -> tuple[Share, ...]:
    """Largest first, ties by key; an absent value is a key of its own."""
    found: dict[Scalar, list[Row]] = {}
    for row in table.rows:
        found.setdefault(row.get(column), []).append(row)
    shares = [
        Share(
            key=key,
            rows=len(rows),
            share=len(rows) / len(table.rows),
            table=Table(columns=table.columns, rows=tuple(rows)),
            column=column,
        )
        for key, rows in found.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.rows, str(share.key))))


def by_key(table: Table) -> Mapping[object, Row]:
    """Rows by their first column; of several with one key, the first."""
    first = table.columns[0] if table.columns else ""
    found: dict[object, Row] = {}
    for row in table.rows:
        found.setdefault(row.get(first), row)
    return found


def column_values(table: Table, column: str) -> object:
    """The column without absent values; unknown if one is not a finite number."""
    values = tuple(finite(row.get(column)) for row in table.rows)
    return UNKNOWN if UNKNOWN in values else tuple(v for v in values if v is not None)


def finite(value: object) -> object:
    """Evidence may hold NaN or infinity, which no threshold can judge."""
    return UNKNOWN if isinstance(value, float) and not math.isfinite(value) else value
