"""What one piece of evidence hides is hidden in all others of the same run.

An environment holds `DB_PASSWORD=x`, and a line of a log repeats `x` without a name: only
the two together tell that it is a secret. So a reader says what it hid
(`Evidence.hidden`), and from then on a walk, its answer and the record see no text with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mangaops.model.evidence import (
    JSON,
    Evidence,
    EvidenceSet,
    Record,
    Row,
    Scalar,
    Series,
    SeriesGroup,
    Table,
    Value,
)
from mangaops.model.redaction import REDACTED
from mangaops.model.redaction.hidden import Hidden


class Taken:
    """What has been read. `evidence` is without what any of it hides, in whatever order
    it came: it is made from what was read, which this keeps for as long as it lasts.
    """

    def __init__(self, known: Iterable[Evidence] = ()) -> None:
        self._read = {item.id: item for item in known}
        self._values = {value for item in self._read.values() for value in item.hidden}
        self._hidden = Hidden(self._values)
        self.evidence = self._masked()

    def add(self, item: Evidence) -> Evidence:
        """The evidence as it may be seen."""
        self._read[item.id] = item
        if self._values.issuperset(item.hidden):
            self.evidence = self.evidence.with_items(without_hidden(item, self._hidden))
        else:
            self._values.update(item.hidden)
            self._hidden = Hidden(self._values)
            self.evidence = self._masked()
        return self.evidence.items[item.id]

    def _masked(self) -> EvidenceSet:
        items = self._read.values()
        return EvidenceSet(items={each.id: without_hidden(each, self._hidden) for each in items})


def without_hidden(item: Evidence, hidden: Hidden) -> Evidence:
    """The same evidence, without the hidden values in any of its texts."""
    if not hidden:
        return item
    return replace(
        item,
        value=_value(item.value, hidden),
        summary=_object(item.summary, hidden),
        query=_object(item.query, hidden),
        detail=_text(item.detail, hidden),
    )


def _text(text: str, hidden: Hidden) -> str:
    return hidden.without(text, lambda _: REDACTED)


def _value(value: Value | None, hidden: Hidden) -> Value | None:
    match value:
        case Table():
            return _table(value, hidden)
        case Record():
            return replace(
                value,
                fields={
                    name: _table(one, hidden) if isinstance(one, Table) else _scalar(one, hidden)
                    for name, one in value.fields.items()
                },
            )
        case Series():
            return _series(value, hidden)
        case SeriesGroup():
            return replace(value, series=tuple(_series(one, hidden) for one in value.series))
        case None:
            return None


def _table(table: Table, hidden: Hidden) -> Table:
    """Most tables repeat nothing, which one look at all of their texts tells."""
    if not hidden.are_in("\n".join(_texts(table.rows))):
        return table
    return replace(table, rows=tuple(_row(row, hidden) for row in table.rows))


def _texts(rows: Iterable[Row]) -> Iterator[str]:
    return (one for row in rows for one in row.values() if isinstance(one, str))


def _row(row: Row, hidden: Hidden) -> Row:
    return {name: _scalar(one, hidden) for name, one in row.items()}


def _scalar(one: Scalar, hidden: Hidden) -> Scalar:
    return _text(one, hidden) if isinstance(one, str) else one


def _series(series: Series, hidden: Hidden) -> Series:
    labels = {name: _text(label, hidden) for name, label in series.labels.items()}
    earlier = tuple(_series(one, hidden) for one in series.earlier)
    return replace(series, labels=labels, earlier=earlier)


def _object(data: Mapping[str, JSON], hidden: Hidden) -> dict[str, JSON]:
    return {name: _json(one, hidden) for name, one in data.items()}


def _json(data: JSON, hidden: Hidden) -> JSON:
    match data:
        case str():
            return _text(data, hidden)
        case Mapping():
            return _object(data, hidden)
        case None | bool() | int() | float():
            return data
        case _:
            return [_json(one, hidden) for one in data]
