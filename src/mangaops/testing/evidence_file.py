"""What stands below one id in `evidence` of a test file -> `Given`, or findings.

Checked against the declaration: a table has its kind's columns, a record its fields, a
metric its labels and the statistic that the runbook asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mangaops.errors import nearest
from mangaops.model.evidence import EvidenceState, Scalar
from mangaops.model.query import FieldType, LogQuery, MetricQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.source import SOURCE_KINDS, Shape
from mangaops.model.time import parse_duration, parse_instant
from mangaops.runbook.finding import Finding
from mangaops.runbook.queries import is_statistic
from mangaops.runbook.strict_yaml import Document, Path
from mangaops.testing.case import Age, Given, GivenRow, GivenSeries
from mangaops.testing.notation import LARGEST, NO_MINUTES, NotationError, StatisticMinutes, minutes

STATES = tuple(
    str(state)
    for state in EvidenceState
    if state not in {EvidenceState.OK, EvidenceState.NOT_NEEDED}
)
_SHAPED = {
    Shape.SERIES: "series such as {p95: 900x30}",
    Shape.TABLE: "`rows`",
    Shape.RECORD: "`fields`",
}
_TYPED = {
    FieldType.NUMBER: "a number",
    FieldType.TEXT: "text; put it in quotes",
    FieldType.FLAG: "true or false",
    FieldType.TIME: "a time: 2026-01-07T11:30:00Z, or an age such as -10m",
}
_TIMES = "times"
"""In a row: how many rows like this one there are."""
_MOST_ROWS = 10_000
_FREE_STATISTICS = frozenset({"SampleCount"})
"""Counted from the values where a test does not give it."""


@dataclass(slots=True, kw_only=True)
class EvidenceFile:
    """Reads the evidence of one file. `findings` grow; ages stay ages, since a scenario and
    a capsule have a window of their own.
    """

    document: Document
    findings: list[Finding]

    def given(self, declaration: EvidenceDeclaration, value: Any, path: Path) -> Given | None:
        """One piece of evidence; None after a finding."""
        before = len(self.findings)
        place = self.document.key_place(path)
        shape = SOURCE_KINDS[declaration.kind].shape
        held: dict[str, Any] = {}
        if isinstance(value, str) or (isinstance(value, Mapping) and "state" in value):
            held = self._state(declaration, value, path)
        elif shape is Shape.SERIES:
            held = {"series": self._series(declaration, value, path)}
        elif self._shaped(declaration, shape, value, path):
            columns = columns_of(declaration)
            if shape is Shape.TABLE:
                held = {"rows": self._rows(columns, value["rows"], (*path, "rows"))}
            else:
                held = {"fields": self._fields(columns, value["fields"], (*path, "fields"))}
        if len(self.findings) > before:
            return None
        return Given(id=declaration.id, place=place, **held)

    def _state(self, declaration: EvidenceDeclaration, value: Any, path: Path) -> dict[str, Any]:
        inside: Mapping[str, Any] = {"state": value} if isinstance(value, str) else value
        state, detail = inside["state"], inside.get("detail", "")
        where = path if isinstance(value, str) else (*path, "state")
        self._unknown_keys(inside, ("state", "detail"), path)
        if state not in STATES:
            shape = _SHAPED[SOURCE_KINDS[declaration.kind].shape]
            hint = (nearest(state, STATES) if isinstance(state, str) else "") or (
                f"{', '.join(STATES)}, or {shape}"
            )
            self._add("T004", f'"{state}" is no state of evidence', where, hint)
        if not isinstance(detail, str):
            self._add("T006", "detail must be text", (*path, "detail"))
        return {"state": state, "detail": detail}

    def _shaped(
        self, declaration: EvidenceDeclaration, shape: Shape, value: Any, path: Path
    ) -> bool:
        key = "rows" if shape is Shape.TABLE else "fields"
        if isinstance(value, Mapping) and key in value:
            self._unknown_keys(value, (key,), path)
            return True
        what = f"{declaration.id} is {declaration.kind}, so it has {_SHAPED[shape]} or a state"
        self._add("T004", what, path, f"{key}: ... or one of {', '.join(STATES)}")
        return False

    def _rows(self, columns: Mapping[str, Any], value: Any, path: Path) -> tuple[GivenRow, ...]:
        if not isinstance(value, list):
            self._add("T004", "rows must be a list (`- {column: value}` lines)", path)
            return ()
        return tuple(
            made for n, row in enumerate(value) for made in self._repeated(columns, row, (*path, n))
        )

    def _repeated(self, columns: Mapping[str, Any], row: Any, path: Path) -> tuple[GivenRow, ...]:
        """A row, `times` over where it says so and that is no column."""
        if not isinstance(row, Mapping) or _TIMES not in row or _TIMES in columns:
            return (self._row(columns, row, path),)
        times = row[_TIMES]
        rest = {name: value for name, value in row.items() if name != _TIMES}
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= _MOST_ROWS:
            what = f"{_TIMES} must be a whole number from 1 to {_MOST_ROWS:,}"
            self._add("T006", what, (*path, _TIMES))
            times = 1
        return (self._row(columns, rest, path),) * times

    def _row(self, columns: Mapping[str, Any], value: Any, path: Path) -> GivenRow:
        if not isinstance(value, Mapping):
            self._add("T004", "a row must be a mapping ({column: value})", path)
            return {}
        self._unknown_keys(value, tuple(columns), path, what="column")
        return {
            name: self._scalar(kind, value.get(name), (*path, name))
            for name, kind in columns.items()
        }

    def _fields(
        self, kinds: Mapping[str, Any], value: Any, path: Path
    ) -> Mapping[str, Scalar | Age | tuple[GivenRow, ...]]:
        if not isinstance(value, Mapping):
            self._add("T004", "fields must be a mapping ({field: value})", path)
            return {}
        self._unknown_keys(value, tuple(kinds), path, what="field")
        return {
            name: self._rows(kind, value[name], (*path, name))
            if isinstance(kind, Mapping)
            else self._scalar(kind, value[name], (*path, name))
            for name, kind in kinds.items()
            if name in value and value[name] is not None
        }

    def _scalar(self, kind: FieldType, value: Any, path: Path) -> Scalar | Age:
        """A value of its column's type; an instant becomes epoch seconds."""
        if value is None:
            return None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        match kind:
            case FieldType.NUMBER if number:
                return float(value) if isinstance(value, float) else int(value)
            case FieldType.TEXT if isinstance(value, str):
                return value
            case FieldType.FLAG if isinstance(value, bool):
                return value
            case FieldType.TIME if isinstance(value, str):
                at = self._time(value)
                if at is not None:
                    return at
            case _:
                pass
        self._add("T006", f"{path[-1]} must be {_TYPED[kind]}", path)
        return None

    def _time(self, text: str) -> float | Age | None:
        """An instant, or an age before the window's end; `-` is its mark."""
        if text.startswith("-"):
            age = parse_duration(text[1:])
            return None if age is None else Age(seconds=age.total_seconds())
        instant = parse_instant(text)
        return instant.timestamp() if instant else None

    def _series(
        self, declaration: EvidenceDeclaration, value: Any, path: Path
    ) -> tuple[GivenSeries, ...]:
        """Every member once: of two with the same labels one would be lost."""
        members = tuple(self._members(declaration, value, path))
        seen: list[Mapping[str, str]] = []
        for number, member in enumerate(members):
            if member.labels in seen:
                told = ", ".join(f"{k}={v}" for k, v in member.labels.items())
                what = f"two series of {told or 'a metric that has one'}"
                self._add("T005", what, (*path, number))
            seen.append(member.labels)
        return members

    def _members(
        self, declaration: EvidenceDeclaration, value: Any, path: Path
    ) -> Iterator[GivenSeries]:
        if isinstance(value, list):
            for number, one in enumerate(value):
                yield self._member(declaration, one, (*path, number))
        else:
            yield self._member(declaration, value, path)

    def _member(self, declaration: EvidenceDeclaration, value: Any, path: Path) -> GivenSeries:
        query = declaration.query
        if not isinstance(value, Mapping) or not isinstance(query, MetricQuery):
            what = f"{declaration.id} is a metric, so it has series or a state"
            self._add(
                "T004", what, path, f"for example {{{getattr(query, 'stat', 'p95')}: 900x30}}"
            )
            return GivenSeries(statistics=NO_MINUTES)
        if "rows" in value or "fields" in value:
            what = f"{declaration.id} is a metric, so it has no rows or fields"
            self._add("T004", what, path, f"for example {{{query.stat}: 900x30}}")
            return GivenSeries(statistics=NO_MINUTES)
        labels = self._labels(query, value.get("labels", {}), (*path, "labels"), path)
        inside = {k: v for k, v in value.items() if k not in {"labels", "earlier"}}
        statistics = self._statistics(query, inside, path)
        earlier = self._earlier(query, value.get("earlier", []), (*path, "earlier"))
        return GivenSeries(labels=labels, statistics=statistics, earlier=earlier)

    def _labels(
        self, query: MetricQuery, value: Any, path: Path, around: Path
    ) -> Mapping[str, str]:
        wanted = tuple(name for name, asked in query.dimensions.items() if asked == "*")
        if not isinstance(value, Mapping):
            self._add("T004", "labels must be a mapping ({Intent: faq})", path)
            return {}
        self._unknown_keys(value, wanted, path, what="label")
        for name in wanted:
            if name not in value:
                hint = f"{{labels: {{{name}: ...}}, {query.stat}: ...}}"
                self._add("T005", f'the label "{name}" is missing', around, hint)
            elif not isinstance(value[name], str):
                self._add("T006", f"{name} must be {_TYPED[FieldType.TEXT]}", (*path, name))
        return dict(value)

    def _earlier(self, query: MetricQuery, value: Any, path: Path) -> tuple[StatisticMinutes, ...]:
        days = query.baseline.days if query.baseline else 0
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            self._add("T004", "earlier must be a list of days, newest first", path)
            return ()
        if len(value) > days:
            what = f"{len(value)} earlier days, and the runbook asks for {days or 'none'}"
            self._add("T005", what, path)
        return tuple(self._statistics(query, day, (*path, n)) for n, day in enumerate(value))

    def _statistics(
        self, query: MetricQuery, value: Mapping[str, Any], path: Path
    ) -> StatisticMinutes:
        found: dict[str, tuple[float | None, ...]] = {}
        for name, text in value.items():
            if not is_statistic(name):
                known = (query.stat, "SampleCount", "labels", "earlier", "state")
                hint = nearest(name, known) or f"the runbook asks for {query.stat}"
                place = self.document.key_place((*path, name))
                message = f'"{name}" is no statistic'
                self.findings.append(self.document.finding("T005", message, place, hint=hint))
            else:
                found[name] = self._minutes(text, (*path, name))
        if query.stat not in {*found, *_FREE_STATISTICS} and len(found) == len(value):
            given = ", ".join(found) or "nothing"
            what = f"the runbook asks for {query.stat}, and this gives {given}"
            self._add("T005", what, path, f"{query.stat}: ...")
        return found

    def _minutes(self, value: Any, path: Path) -> tuple[float | None, ...]:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if abs(value) < LARGEST:
                return (float(value),)
            self._add("T007", f"{value:g} is too large a number", path)
            return ()
        if not isinstance(value, str):
            what = "a series is text such as 900x30"
            self._add("T007", what, path)
            return ()
        try:
            return minutes(value)
        except NotationError as error:
            place = self.document.place(path)
            if re.match(r"\S", value) and "\n" not in value:
                place = type(place)(
                    file=place.file, line=place.line, column=place.column + error.offset
                )
            finding = self.document.finding("T007", error.message, place, hint=error.hint)
            self.findings.append(finding)
            return ()

    def _unknown_keys(
        self, value: Mapping[str, Any], known: Sequence[str], path: Path, *, what: str = "key"
    ) -> None:
        for name in value:
            if name not in known:
                hint = nearest(name, known) or (f"{what}s: " + ", ".join(known) if known else "")
                place = self.document.key_place((*path, name))
                rule = "M002" if what == "key" else "T005"
                message = f'unknown {what} "{name}"'
                self.findings.append(self.document.finding(rule, message, place, hint=hint))

    def _add(self, rule: str, message: str, path: Path, hint: str = "") -> None:
        place = self.document.place(path)
        self.findings.append(self.document.finding(rule, message, place, hint=hint))


def columns_of(declaration: EvidenceDeclaration) -> Mapping[str, Any]:
    """The columns or fields that evidence of this declaration has."""
    if isinstance(declaration.query, LogQuery):
        return declaration.query.columns
    return SOURCE_KINDS[declaration.kind].fields
