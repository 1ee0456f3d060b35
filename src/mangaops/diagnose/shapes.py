"""Static types of the condition language: light ones, just enough to reject at load
what could never be decided (a table compared with a number, a column nobody declared).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mangaops.model.query import FieldType, LogQuery, MetricQuery
from mangaops.model.runbook import EvidenceDeclaration, ParameterValue
from mangaops.model.source import SOURCE_KINDS, Columns, Shape


class Kind(StrEnum):
    """What an expression can be, in the words that an error message uses."""

    NUMBER = "a number"
    TEXT = "a text"
    FLAG = "a yes/no value"
    NOTHING = "None"
    ANY = "a value"
    SERIES = "a series"
    SERIES_GROUP = "a group of series"
    TABLE = "a table"
    ROW = "a row of a table"
    RECORD = "a record"
    LIST = "a list"
    ITEM = "an item of group()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """`fields` are what may follow a dot, or a table's columns; `element` is a list's.

    `baseline` says that the series also has earlier days.
    """

    kind: Kind
    fields: Mapping[str, Type] = field(default_factory=dict)
    element: Type | None = None
    baseline: bool = False

    @property
    def scalar(self) -> bool:
        return self.kind in _SCALARS


_SCALARS = frozenset({Kind.NUMBER, Kind.TEXT, Kind.FLAG, Kind.NOTHING, Kind.ANY})

NUMBER = Type(kind=Kind.NUMBER)
TEXT = Type(kind=Kind.TEXT)
FLAG = Type(kind=Kind.FLAG)
NOTHING = Type(kind=Kind.NOTHING)
ANY = Type(kind=Kind.ANY)


def list_of(element: Type) -> Type:
    return Type(kind=Kind.LIST, element=element)


def of_column(field_type: FieldType) -> Type:
    """A time is a number: epoch seconds."""
    match field_type:
        case FieldType.NUMBER | FieldType.TIME:
            return NUMBER
        case FieldType.TEXT:
            return TEXT
        case FieldType.FLAG:
            return FLAG


def table_of(columns: Columns) -> Type:
    return Type(kind=Kind.TABLE, fields={name: of_column(kind) for name, kind in columns.items()})


def row_of(table: Type) -> Type:
    return Type(kind=Kind.ROW, fields=table.fields)


def item_of(table: Type, column: str) -> Type:
    """What iterating `group(table, column)` gives."""
    fields = {"key": table.fields[column], "rows": NUMBER, "share": NUMBER, "table": table}
    return Type(kind=Kind.ITEM, fields=fields)


def series_of(group: Type) -> Type:
    return Type(kind=Kind.SERIES, fields=group.fields, baseline=group.baseline)


def of_evidence(declaration: EvidenceDeclaration) -> Type:
    """The type of the value that this declaration will have once it is read."""
    query = declaration.query
    if isinstance(query, MetricQuery):
        return _of_metric(query)
    if isinstance(query, LogQuery):
        return table_of(query.columns)
    source = SOURCE_KINDS[declaration.kind]
    fields = {
        name: of_column(kind) if isinstance(kind, FieldType) else table_of(kind)
        for name, kind in source.fields.items()
    }
    kind = Kind.TABLE if source.shape is Shape.TABLE else Kind.RECORD
    return Type(kind=kind, fields=fields)


def _of_metric(query: MetricQuery) -> Type:
    labels = {name: TEXT for name, value in query.dimensions.items() if value == "*"}
    kind = Kind.SERIES_GROUP if labels else Kind.SERIES
    return Type(kind=kind, fields=labels, baseline=query.baseline is not None)


def of_parameter(value: ParameterValue) -> Type:
    """A parameter without a default can become anything that is set later."""
    match value:
        case None:
            return ANY
        case bool():
            return FLAG
        case int() | float():
            return NUMBER
        case str():
            return TEXT
        case tuple():
            return list_of(ANY)
