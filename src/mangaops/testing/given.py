"""A test's evidence -> what the readers of production make of it.

Metrics go through the production `MetricReader` with a telemetry that answers from the
test, so that statistics, pools, windows, gaps and freshness mean what they mean at
CloudWatch. Tables and records are redacted as their readers do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from mangaops.errors import InputError
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.source import Asked, found, missing
from mangaops.evidence.sources.metrics import MetricReader
from mangaops.evidence.sources.parameter import number_in
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState, Record, Row, Scalar, Table
from mangaops.model.query import FieldType, LogQuery, MetricQuery, ParameterQuery, Query
from mangaops.model.redaction import redacted_row, redacted_value
from mangaops.model.runbook import EvidenceDeclaration, Runbook
from mangaops.model.settings import DEFAULT_RESOURCES, Environment
from mangaops.model.time import Window, floor_minute
from mangaops.runbook.bind import bind
from mangaops.testing.case import Age, Case, Given, GivenRow, Prepared, TestFile
from mangaops.testing.evidence_file import columns_of
from mangaops.testing.telemetry import Telemetry

NOT_GIVEN = "the test gives none"


class Sources(Protocol):
    """Where evidence comes from that a test names and does not hold."""

    def scenario(self, name: str, runbook: Runbook, case: Case) -> tuple[EvidenceSet, Window]:
        """What a sandbox with this scenario answers to a bound runbook."""
        ...

    def capsule(self, path: Path) -> Capsule: ...


@dataclass(slots=True)
class Memory:
    """Evidence that was prepared before: most tests of a file, and most mutants of its
    runbook, ask the same of the same. Holds what it is keyed by, so no id comes again.
    """

    read: dict[tuple[str, int, Window], list[tuple[Query, Given | None, Evidence]]] = field(
        default_factory=dict
    )


class Preparing:
    """Prepares the tests of one file on one loaded (unbound) runbook."""

    def __init__(
        self, file: TestFile, runbook: Runbook, sources: Sources, memory: Memory | None = None
    ) -> None:
        self._file = file
        self._runbook = runbook
        self._sources = sources
        self._memory = memory or Memory()
        self._bound: dict[tuple[tuple[str, str], ...], Runbook] = {}

    def prepare(self, case: Case) -> Prepared:
        """Raises InputError for parameters that do not fit, or a source that is not there."""
        if case.capsule:
            return self._from_capsule(case)
        runbook = self._bind(case.sets)
        if case.scenario:
            taken, window = self._sources.scenario(case.scenario, runbook, case)
        else:
            end = floor_minute(case.now)
            taken, window = EvidenceSet(), Window(start=end - runbook.window, end=end)
        return self._prepared(case, runbook, taken, window)

    def _from_capsule(self, case: Case) -> Prepared:
        """As it was recorded; what the test sets or answers itself comes first."""
        capsule = self._sources.capsule(Path(self._file.file).parent / case.capsule)
        if capsule.runbook != self._runbook.name:
            what = f"this capsule is of {capsule.runbook}, and the test of {self._runbook.name}"
            raise InputError(what, where=case.capsule, hint="name a capsule of this runbook")
        resources = {**DEFAULT_RESOURCES, **capsule.resources, **self._file.resources}
        environment = Environment(resources=resources, parameters=capsule.parameters)
        sets = {k: v for k, v in capsule.sets.items() if k in self._runbook.parameters}
        runbook = bind(self._runbook, environment, {**sets, **case.sets})
        answers = {k: v for k, v in capsule.answers.items() if k in runbook.nodes}
        case = replace(case, answers={**answers, **case.answers}, force=case.force or capsule.force)
        return self._prepared(case, runbook, capsule.evidence, capsule.window)

    def _bind(self, sets: Mapping[str, str]) -> Runbook:
        key = tuple(sorted(sets.items()))
        if key not in self._bound:
            resources = {**DEFAULT_RESOURCES, **self._file.resources}
            self._bound[key] = bind(self._runbook, Environment(resources=resources), sets)
        return self._bound[key]

    def _prepared(
        self, case: Case, runbook: Runbook, taken: EvidenceSet, window: Window
    ) -> Prepared:
        items: dict[str, Evidence] = {}
        for name, declaration in runbook.evidence.items():
            held = taken.get(name)
            if name in case.given or held is None or held.state is EvidenceState.NOT_NEEDED:
                held = self._read(declaration, case.given.get(name), window)
            items[name] = held
        return Prepared(
            case=case, runbook=runbook, evidence=EvidenceSet(items=items), window=window
        )

    def _read(
        self, declaration: EvidenceDeclaration, given: Given | None, window: Window
    ) -> Evidence:
        known = self._memory.read.setdefault((declaration.id, id(given), window), [])
        for query, _, evidence in known:
            if query == declaration.query:
                return evidence
        evidence = evidence_of(declaration, given, window)
        known.append((declaration.query, given, evidence))
        return evidence


def prepare(file: TestFile, case: Case, runbook: Runbook, sources: Sources) -> Prepared:
    """One test on a loaded runbook; `Preparing` does many of them sooner."""
    return Preparing(file, runbook, sources).prepare(case)


def evidence_of(declaration: EvidenceDeclaration, given: Given | None, window: Window) -> Evidence:
    """What production would hold of one declaration; `no_data` where nothing is given."""
    if given is not None and given.state:
        detail = given.detail or f"the test says {given.state}"
        return missing(declaration, EvidenceState(given.state), detail)
    if isinstance(declaration.query, MetricQuery):
        return _metric(declaration, declaration.query, given, window)
    if given is None or (isinstance(declaration.query, LogQuery) and not given.rows):
        return missing(declaration, EvidenceState.NO_DATA, "no rows" if given else NOT_GIVEN)
    if given.rows is not None:
        return _table(declaration, _dated_rows(given.rows, window))
    return _record(declaration, _dated_fields(given.fields or {}, window))


def _dated(value: Scalar | Age, window: Window) -> Scalar:
    return window.end.timestamp() - value.seconds if isinstance(value, Age) else value


def _dated_rows(rows: tuple[GivenRow, ...], window: Window) -> tuple[Row, ...]:
    return tuple({name: _dated(cell, window) for name, cell in row.items()} for row in rows)


def _dated_fields(
    fields: Mapping[str, Scalar | Age | tuple[GivenRow, ...]], window: Window
) -> Mapping[str, Scalar | tuple[Row, ...]]:
    return {
        name: _dated_rows(value, window) if isinstance(value, tuple) else _dated(value, window)
        for name, value in fields.items()
    }


@dataclass(frozen=True, slots=True)
class _NeverStopped:
    requested: bool = False

    def remaining(self) -> float:
        return float("inf")

    def wait(self, seconds: float) -> bool:
        del seconds
        return False


def _metric(
    declaration: EvidenceDeclaration, query: MetricQuery, given: Given | None, window: Window
) -> Evidence:
    series = given.series if given is not None else ()
    reader = MetricReader(Telemetry(query, series, window.end), wall=lambda: window.end)
    asked = Asked(window=window, evidence=EvidenceSet(), stop=_NeverStopped())
    return next(item for read in reader.read_all([declaration], asked) for item in read)


def _table(declaration: EvidenceDeclaration, rows: tuple[Row, ...]) -> Evidence:
    columns = columns_of(declaration)
    if declaration.kind == "ecs_environment":
        kept = tuple(_variable(row) for row in rows)
    else:
        kept = tuple(redacted_row(row) for row in rows)
    return found(
        declaration,
        Table(columns=tuple(columns), rows=kept),
        query={},
        summary={"rows": len(kept)},
        newest=_newest(columns, kept),
    )


def _variable(row: Row) -> Row:
    """As `ecs_environment` keeps it: nothing of a value whose name looks secret."""
    name, value = row["name"], row["value"]
    return {"name": name, "value": redacted_value(str(name), str(value)) if value else value}


def _newest(columns: Mapping[str, object], rows: tuple[Row, ...]) -> datetime | None:
    times = [
        value
        for name, kind in columns.items()
        if kind is FieldType.TIME
        for row in rows
        if isinstance(value := row.get(name), int | float)
    ]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _record(
    declaration: EvidenceDeclaration, fields: Mapping[str, Scalar | tuple[Row, ...]]
) -> Evidence:
    columns = columns_of(declaration)
    kept: dict[str, Scalar | Table] = {}
    for name, value in fields.items():
        if isinstance(value, tuple):
            inner = columns[name]
            names = tuple(inner) if isinstance(inner, Mapping) else ()
            kept[name] = Table(columns=names, rows=tuple(redacted_row(row) for row in value))
        else:
            kept[name] = redacted_row({name: value})[name]
    if isinstance(declaration.query, ParameterQuery):
        kept = _stored(declaration.query, kept)
    return found(declaration, Record(fields=kept), query={})


def _stored(query: ParameterQuery, fields: dict[str, Scalar | Table]) -> dict[str, Scalar | Table]:
    """As `parameter` keeps it: `number` is there when the value is one."""
    value = fields.get("value")
    if not isinstance(value, str):
        return fields
    kept = redacted_value(query.name, value)
    number = number_in(kept)
    return {**({} if number is None else {"number": number}), **fields, "value": kept}
