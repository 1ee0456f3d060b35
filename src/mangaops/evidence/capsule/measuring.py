"""How much one piece of evidence has changed, from one capsule to the other.

Each piece of evidence, member of a group, field of a record and row of a table is one
line. Its weight says how much it changed, and sorts them:

- A state that is another comes before all figures.
- A series is measured by the median of its values in the window, of numbers by how many
  times one is the other: `abs(ln(b / a))`, less what such a series scatters by itself, the
  mean of both relative interquartile ranges. So 400 ms to 800 ms weighs as much as 3 % to
  6 %, and a noisy series needs more. From or to zero weighs as much as a factor of 100.
- A number in a record or a row as a series without scatter; a text, a flag or a row that
  only one of them has weighs as much as a factor of 2.

Rows of tables are compared by their texts, which say what a row is about; times are left
out, as they are others in any two windows. Where that is not one row, by their number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import median, quantiles

from mangaops.diagnose.operators import is_number
from mangaops.model.evidence import (
    Evidence,
    EvidenceState,
    Record,
    Row,
    Scalar,
    Series,
    SeriesGroup,
    Table,
    Value,
)
from mangaops.model.query import FieldType
from mangaops.model.source import SOURCE_KINDS

_STATE = 1000.0
_ZERO = math.log(100)
_TEXT = math.log(2)
_LEAST = 0.01
"""One percent: what is below it has not changed."""
_MOST_ROWS = 1000
_FEW = 4
"""Values without quartiles."""


class What(StrEnum):
    """What a line is about."""

    STATE = "state"
    SERIES = "series"
    FIELD = "field"
    ROWS = "rows"
    CELL = "cell"
    PARAMETER = "parameter"
    RUNBOOK = "runbook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs; None is absent. `subject` is a member, field or row."""

    evidence: str
    what: What
    a: Scalar
    b: Scalar
    weight: float
    subject: str = ""


def changes(a: Evidence, b: Evidence) -> Iterator[Change]:
    if a.state is not b.state:
        weight = _STATE
        if EvidenceState.NOT_NEEDED in {a.state, b.state}:
            weight = 0.0  # one walk did not come by: nothing of the world has changed
        yield Change(
            evidence=a.id, what=What.STATE, a=a.state.value, b=b.state.value, weight=weight
        )
    elif a.value is not None and b.value is not None:
        yield from _of_values(a.id, a.kind, a.value, b.value)


def _of_values(name: str, kind: str, a: Value, b: Value) -> Iterator[Change]:
    match a, b:
        case Series(), Series():
            yield from _of_series(name, "", a, b)
        case SeriesGroup(), SeriesGroup():
            ones, others = _members(a), _members(b)
            for member in dict.fromkeys((*ones, *others)):
                yield from _of_series(name, member, ones.get(member), others.get(member))
        case Table(), Table():
            yield from _of_tables(name, "", a, b, _times(kind))
        case Record(), Record():
            yield from _of_records(name, kind, a, b)
        case _:
            return


def _members(group: SeriesGroup) -> dict[str, Series]:
    return {", ".join(f"{k}={v}" for k, v in one.labels.items()): one for one in group.series}


def _of_series(name: str, member: str, a: Series | None, b: Series | None) -> Iterator[Change]:
    one, other = _middle(a), _middle(b)
    weight = _weight(one, other) - (_scatter(a) + _scatter(b)) / 2
    if one != other and (one is None or other is None or weight > _LEAST):
        yield Change(evidence=name, what=What.SERIES, a=one, b=other, weight=weight, subject=member)


def _finite(series: Series | None) -> list[float]:
    return [value for _, value in series.points if math.isfinite(value)] if series else []


def _middle(series: Series | None) -> float | None:
    values = _finite(series)
    return median(values) if values else None


def _scatter(series: Series | None) -> float:
    """The interquartile range as a part of the median, at most 1."""
    values = _finite(series)
    if len(values) < _FEW:
        return 0.0
    low, middle, high = quantiles(values, n=4)
    return min(1.0, abs((high - low) / middle)) if middle else 0.0


def _weight(a: Scalar, b: Scalar) -> float:
    if a == b:
        return 0.0
    if not is_number(a) or not is_number(b):
        return _TEXT
    one, other = float(a), float(b)
    if not (math.isfinite(one) and math.isfinite(other)):
        return _ZERO
    if one * other <= 0:
        return _ZERO
    return abs(math.log(abs(other)) - math.log(abs(one)))


def _of_records(name: str, kind: str, a: Record, b: Record) -> Iterator[Change]:
    times = _times(kind)
    for field in dict.fromkeys((*a.fields, *b.fields)):
        one, other = a.fields.get(field), b.fields.get(field)
        if isinstance(one, Table) and isinstance(other, Table):
            yield from _of_tables(name, field, one, other, times)
        elif isinstance(one, Table) or isinstance(other, Table) or field in times:
            continue
        elif one != other:
            weight = _weight(one, other)
            yield Change(
                evidence=name, what=What.FIELD, a=one, b=other, weight=weight, subject=field
            )


def _of_tables(
    name: str, field: str, a: Table, b: Table, times: frozenset[str]
) -> Iterator[Change]:
    if len(a.rows) != len(b.rows):
        one, other = len(a.rows), len(b.rows)
        yield Change(
            evidence=name,
            what=What.ROWS,
            a=one,
            b=other,
            weight=_weight(one, other),
            subject=field,
        )
    if max(len(a.rows), len(b.rows)) > _MOST_ROWS:
        return
    ones, others = _keyed(a, times), _keyed(b, times)
    for key in (key for key in ones if key in others):
        for column, before in ones[key].items():
            after = others[key].get(column)
            if before != after:
                subject = ".".join(part for part in (field, f"{key} {column}".strip()) if part)
                yield Change(
                    evidence=name,
                    what=What.CELL,
                    a=before,
                    b=after,
                    weight=_weight(before, after),
                    subject=subject,
                )


def _keyed(table: Table, times: frozenset[str]) -> dict[str, dict[str, Scalar]]:
    """Rows by the texts in them, with their other cells; rows that share them are left out.

    A variable (`name`, `value`) is known by its name alone.
    """
    named = "name" in table.columns
    found: dict[str, dict[str, Scalar]] = {}
    count: Counter[str] = Counter()
    for row in table.rows:
        key = str(row.get("name")) if named else _texts(row)
        count[key] += 1
        found[key] = {
            column: value
            for column, value in row.items()
            if column not in times and (column != "name" if named else not isinstance(value, str))
        }
    return {key: cells for key, cells in found.items() if count[key] == 1}


def _texts(row: Row) -> str:
    return " ".join(value for value in row.values() if isinstance(value, str))


def _times(kind: str) -> frozenset[str]:
    """Columns and fields of this kind that hold times."""
    source = SOURCE_KINDS.get(kind)
    found = {"slot", "at"}
    for name, field in (source.fields if source else {}).items():
        columns = field.items() if isinstance(field, Mapping) else ((name, field),)
        found |= {column for column, one in columns if one is FieldType.TIME}
    return frozenset(found)
