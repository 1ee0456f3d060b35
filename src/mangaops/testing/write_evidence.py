"""One piece of recorded evidence as it stands below its id in a test file.

Metrics are turned back into minutes: a bucket of several minutes becomes one minute with
its value and gaps, which the reader makes the same bucket of again; so does a pool, which
has its number of samples beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from mangaops.errors import InputError
from mangaops.model.evidence import (
    Evidence,
    EvidenceState,
    Record,
    Row,
    Scalar,
    Series,
    SeriesGroup,
    Table,
)
from mangaops.model.query import FieldType, MetricQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.testing.evidence_file import columns_of
from mangaops.testing.write_words import flow, moment, series

_MINUTE, _DAY = 60, 86400
_INDENT = "  "


def evidence_lines(declaration: EvidenceDeclaration, item: Evidence, end: datetime) -> list[str]:
    """The lines of `id: ...`. Raises InputError for what the format cannot say."""
    name = declaration.id
    match item.value:
        case None:
            return [f"{name}: {_state(item)}"]
        case Series():
            return [f"{name}: {flow(_member(declaration, item.value, end))}"]
        case SeriesGroup():
            members = [_member(declaration, one, end) for one in item.value.series]
            return [f"{name}:", *(f"{_INDENT}- {flow(member)}" for member in members)]
        case Table():
            return _table(declaration, item.value, end)
        case Record():
            return _record(declaration, item.value, end)


def _state(item: Evidence) -> str:
    if item.state is EvidenceState.NO_DATA or not item.detail:
        return item.state.value
    return flow({"state": item.state.value, "detail": item.detail})


def _member(declaration: EvidenceDeclaration, held: Series, end: datetime) -> dict[str, object]:
    query = declaration.query
    if not isinstance(query, MetricQuery):
        raise TypeError(f"{declaration.id} is no metric")
    if held.end != end.timestamp():
        raise InputError(f"{declaration.id} does not end with the window")
    labels: dict[str, object] = {"labels": dict(held.labels)} if held.labels else {}
    if query.pool is not None:
        return {**labels, **_pooled(query, held)}
    earlier = _earlier(query, held)
    return {
        **labels,
        query.stat: series(_minutes(held)),
        **({"earlier": earlier} if earlier else {}),
    }


def _pooled(query: MetricQuery, held: Series) -> dict[str, object]:
    """The pool's value and its samples in the newest minute that had any."""
    if not held.points:
        return {query.stat: "_"}
    newest = held.end if held.newest is None else held.newest
    behind = (held.end - newest) / _MINUTE
    if len(held.points) > 1 or behind != int(behind):
        raise InputError("a pool of several values was recorded")
    gap = [None] * int(behind)
    found: dict[str, object] = {query.stat: series([held.points[0][1], *gap])}
    if held.samples is not None and query.stat != "SampleCount":
        found["SampleCount"] = series([held.samples, *gap])
    return found


def _minutes(held: Series) -> list[float | None]:
    """From the first minute with a value to the end; None where there is none."""
    values = dict(held.points)
    if any((at - held.start) % _MINUTE for at in values):
        raise InputError("datapoints that are not on whole minutes were recorded")
    first = min(values, default=held.end - _MINUTE)
    count = round((held.end - first) / _MINUTE)
    return [values.get(first + n * _MINUTE) for n in range(count)]


def _earlier(query: MetricQuery, held: Series) -> list[dict[str, object]]:
    """Newest day first; a day that is not there has no value."""
    days = {round((held.end - day.end) / _DAY): day for day in held.earlier if day.points}
    return [
        {query.stat: series(_minutes(days[n])) if n in days else "_"}
        for n in range(1, max(days, default=0) + 1)
    ]


def _table(declaration: EvidenceDeclaration, table: Table, end: datetime) -> list[str]:
    columns = columns_of(declaration)
    if not table.rows:
        return [f"{declaration.id}: {{rows: []}}"]
    lines = [f"{_INDENT * 2}- {flow(_row(columns, row, end))}" for row in table.rows]
    return [f"{declaration.id}:", f"{_INDENT}rows:", *lines]


def _row(columns: Mapping[str, object], row: Row, end: datetime) -> dict[str, object]:
    """Only what is there: an absent column is null."""
    return {
        name: _scalar(columns.get(name), value, end)
        for name, value in row.items()
        if value is not None
    }


def _scalar(kind: object, value: Scalar, end: datetime) -> object:
    if kind == FieldType.TIME and isinstance(value, int | float):
        return moment(value, end)
    return value


def _record(declaration: EvidenceDeclaration, record: Record, end: datetime) -> list[str]:
    columns = columns_of(declaration)
    return [f"{declaration.id}:", f"{_INDENT}fields:", *_fields(columns, record, end)]


def _fields(columns: Mapping[str, object], record: Record, end: datetime) -> Iterator[str]:
    for name, value in record.fields.items():
        kind = columns.get(name)
        if isinstance(value, Table):
            inner = kind if isinstance(kind, Mapping) else {}
            if not value.rows:
                yield f"{_INDENT * 2}{name}: []"
                continue
            yield f"{_INDENT * 2}{name}:"
            yield from (f"{_INDENT * 3}- {flow(_row(inner, row, end))}" for row in value.rows)
        elif value is not None:
            yield f"{_INDENT * 2}{name}: {flow(_scalar(kind, value, end))}"
