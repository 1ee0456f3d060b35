"""Small builders of evidence and runbooks for tests of conditions and walks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mangaops.diagnose.parse import parse_condition, parse_definition, parse_template
from mangaops.diagnose.scope import Scope
from mangaops.model.condition import Condition, Place, Template
from mangaops.model.evidence import (
    Evidence,
    EvidenceSet,
    EvidenceState,
    Record,
    Row,
    Scalar,
    Series,
    SeriesGroup,
    Table,
    Value,
)
from mangaops.model.runbook import EvidenceDeclaration, Parameter, ParameterValue
from mangaops.model.source import (
    SOURCE_KINDS,
    Baseline,
    FieldType,
    LogQuery,
    MetricQuery,
    Query,
)
from mangaops.model.time import Window

END = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
WINDOW = Window(start=END - timedelta(minutes=30), end=END)
PLACE = Place(file="test.yaml", line=1, column=1)
_MINUTE = 60.0


def series(
    *values: float | None,
    end: datetime = END,
    length: int | None = None,
    period: float = _MINUTE,
    sparse: bool = False,
    labels: Mapping[str, str] | None = None,
    earlier: Sequence[Series] = (),
    newest: float | None = None,
) -> Series:
    """One value a period, the last ending at `end`; None where there is no datapoint.

    `length` is how many periods were asked for, when that is more than the values.
    """
    until = end.timestamp()
    first = until - len(values) * period
    points = tuple((first + i * period, v) for i, v in enumerate(values) if v is not None)
    ended = points[-1][0] + period if points else None
    return Series(
        labels=labels or {},
        start=until - (length or len(values)) * period,
        end=until,
        period=period,
        points=points,
        newest=ended if newest is None else newest,
        sparse=sparse,
        earlier=tuple(earlier),
    )


def group(by: str, members: Mapping[str, Sequence[float | None] | Series]) -> SeriesGroup:
    """One series for each value of the dimension `by`."""
    made = []
    for name, values in members.items():
        if isinstance(values, Series):
            made.append(values)
        else:
            made.append(series(*values, labels={by: name}))
    return SeriesGroup(by=(by,), series=tuple(made))


def table(*rows: Row, columns: Sequence[str] = ()) -> Table:
    return Table(columns=tuple(columns) or tuple(rows[0]) if rows else tuple(columns), rows=rows)


def record(**fields: Scalar | Table) -> Record:
    return Record(fields=fields)


def ok(evidence_id: str, value: Value, kind: str = "metric") -> Evidence:
    return Evidence(id=evidence_id, kind=kind, state=EvidenceState.OK, value=value)


def lost(
    evidence_id: str, state: EvidenceState = EvidenceState.DENIED, detail: str = "AccessDenied"
) -> Evidence:
    return Evidence(id=evidence_id, kind="metric", state=state, detail=detail)


def evidence(**values: Value | EvidenceState) -> EvidenceSet:
    """Read evidence by id; a state stands for evidence that was not to be had."""
    items = {
        name: lost(name, value, "") if isinstance(value, EvidenceState) else ok(name, value)
        for name, value in values.items()
    }
    return EvidenceSet(items=items)


def metric(
    *, by: Sequence[str] = (), days: int = 0, sparse: bool = False, pool: int = 0
) -> MetricQuery:
    return MetricQuery(
        namespace="N",
        name="m",
        stat="p95",
        dimensions=dict.fromkeys(by, "*"),
        sparse=sparse,
        pool=timedelta(minutes=pool) if pool else None,
        baseline=Baseline(days=days) if days else None,
    )


def logs(**columns: str) -> LogQuery:
    typed = {name: FieldType(kind) for name, kind in columns.items()}
    return LogQuery(groups=("g",), query="fields x", columns=typed)


def declared(evidence_id: str, query: Query, *, title: str = "", unit: str = "") -> Any:
    kind = next(kind.name for kind in SOURCE_KINDS.values() if isinstance(query, kind.query))
    return EvidenceDeclaration(
        id=evidence_id, kind=kind, query=query, title=title, unit=unit, place=PLACE
    )


def scope(
    queries: Mapping[str, Query] | None = None,
    parameters: Mapping[str, ParameterValue] | None = None,
    *,
    units: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
    definitions: Mapping[str, str] | None = None,
) -> Scope:
    """Names for conditions; `units` are those of evidence and of parameters."""
    unit, title = units or {}, titles or {}
    made = Scope(
        evidence={
            name: declared(name, query, unit=unit.get(name, ""), title=title.get(name, ""))
            for name, query in (queries or {}).items()
        },
        parameters={
            name: Parameter(name=name, value=value, unit=unit.get(name, ""))
            for name, value in (parameters or {}).items()
        },
    )
    found: dict[str, Condition] = {}
    for name, source in (definitions or {}).items():
        inner = Scope(evidence=made.evidence, parameters=made.parameters, definitions=dict(found))
        found[name] = parse_definition(source, PLACE, inner)
    return Scope(evidence=made.evidence, parameters=made.parameters, definitions=found)


def condition(source: str, names: Scope) -> Condition:
    return parse_condition(source, PLACE, names)


def template(source: str, names: Scope) -> Template:
    return parse_template(source, PLACE, names)
