"""The four shapes of evidence <-> plain data, each with its shape's name beside it.

A row of a table is a list in the order of the columns: ten thousand rows of a log query
do not say their columns ten thousand times. A row with other keys stays an object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from mangaops.evidence.capsule.fields import Fields, is_epoch, is_usable
from mangaops.model.evidence import Record, Row, Scalar, Series, SeriesGroup, Table, Value

_SCALARS = (str, int, float, type(None))


def value_document(value: Value) -> dict[str, Any]:
    """`{"shape": "series", ...}`; the way back is `value_from`."""
    match value:
        case Series():
            return {"shape": "series", **_series(value)}
        case SeriesGroup():
            members = [_series(one) for one in value.series]
            return {"shape": "group", "by": list(value.by), "series": members}
        case Table():
            return {"shape": "table", **_table(value)}
        case Record():
            return {"shape": "record", "fields": _fields(value)}
        case _:
            assert_never(value)


def value_from(fields: Fields) -> Value:
    """Raises WrongDocument for what `value_document` does not write."""
    match fields.text("shape"):
        case "series":
            return _series_from(fields)
        case "group":
            members = tuple(_series_from(one) for one in fields.each("series"))
            return SeriesGroup(by=fields.texts("by"), series=members)
        case "table":
            return _table_from(fields)
        case "record":
            return _record_from(fields)
        case other:
            raise fields.wrong(f"`{other[:40]}` is none of series, group, table, record", "shape")


def _series(series: Series) -> dict[str, Any]:
    return {
        "labels": dict(series.labels),
        "start": series.start,
        "end": series.end,
        "period": series.period,
        "points": [list(point) for point in series.points],
        "newest": series.newest,
        "samples": series.samples,
        "sparse": series.sparse,
        "earlier": [_series(one) for one in series.earlier],
    }


def _series_from(fields: Fields) -> Series:
    return Series(
        labels=fields.named_texts("labels"),
        start=fields.epoch("start"),
        end=fields.epoch("end"),
        period=fields.period("period"),
        points=_points_from(fields),
        newest=fields.maybe_epoch("newest"),
        samples=fields.maybe_amount("samples"),
        sparse=fields.flag("sparse"),
        earlier=tuple(_series_from(one) for one in fields.each("earlier")),
    )


def _points_from(fields: Fields) -> tuple[tuple[float, float], ...]:
    found = []
    for point in fields.list("points"):
        match point:
            case [int() | float() as at, int() | float() as value] if (
                not (isinstance(at, bool) or isinstance(value, bool))
                and is_epoch(at)
                and is_usable(value)
            ):
                found.append((at, value))
            case _:
                raise fields.wrong("holds something that is no time with a number", "points")
    return tuple(found)


def _table(table: Table) -> dict[str, Any]:
    columns = table.columns
    return {"columns": list(columns), "rows": [_row(row, columns) for row in table.rows]}


def _row(row: Row, columns: tuple[str, ...]) -> list[Scalar] | dict[str, Scalar]:
    return list(row.values()) if tuple(row) == columns else dict(row)


def _table_from(fields: Fields) -> Table:
    columns = fields.texts("columns")
    rows = tuple(_row_from(row, columns, fields) for row in fields.list("rows"))
    return Table(columns=columns, rows=rows)


def _row_from(row: object, columns: Sequence[str], fields: Fields) -> Row:
    match row:
        case list() if len(row) == len(columns):
            found: Mapping[str, Any] = dict(zip(columns, row, strict=True))
        case dict():
            found = row
        case _:
            raise fields.wrong("holds a row that does not have the table's columns", "rows")
    if not all(isinstance(value, _SCALARS) and is_usable(value) for value in found.values()):
        raise fields.wrong("holds a value that is neither text, number, flag nor null", "rows")
    return found


def _fields(record: Record) -> dict[str, Any]:
    return {
        name: _table(value) if isinstance(value, Table) else value
        for name, value in record.fields.items()
    }


def _record_from(fields: Fields) -> Record:
    found: dict[str, Scalar | Table] = {}
    for name, value in fields.object("fields").items():
        match value:
            case dict():
                found[name] = _table_from(fields.fields("fields").fields(name))
            case None | str() | int() | float() if is_usable(value):
                found[name] = value
            case _:
                raise fields.wrong("is neither a scalar nor a table", "fields", name)
    return Record(fields=found)
