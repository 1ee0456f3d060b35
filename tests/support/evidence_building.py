"""Small builders of evidence and runbooks for tests of conditions and walks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mangaops.diagnose.evaluate import Evaluation, evaluate_value
from mangaops.diagnose.facts import Facts
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
from mangaops.model.query import Baseline, FieldType, LogQuery, MetricQuery, Query
from mangaops.model.runbook import (
    Ask,
    Branch,
    Confirmation,
    EvidenceDeclaration,
    Node,
    Option,
    Outcome,
    Parameter,
    ParameterValue,
    Remedy,
    RemedyKind,
    Runbook,
    Severity,
    SeverityRule,
    Trigger,
    Urgency,
)
from mangaops.model.source import SOURCE_KINDS
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


def declared(
    evidence_id: str, query: Query, *, title: str = "", unit: str = ""
) -> EvidenceDeclaration:
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


def facts(names: Scope, read: EvidenceSet) -> Facts:
    """Facts of a runbook that declares `names` and has no tree."""
    return Facts(runbook=runbook(names), evidence=read, window=WINDOW)


def value_of(source: str, known: Facts) -> Evaluation:
    """The value of an expression of any type."""
    names = scope_of(known.runbook)
    return evaluate_value(parse_definition(source, PLACE, names), known)


def scope_of(book: Runbook) -> Scope:
    return Scope(evidence=book.evidence, parameters=book.parameters, definitions=book.definitions)


def runbook(
    names: Scope,
    *,
    when: str = "True",
    on_missing: str = "inconclusive",
    healthy: str = "",
    nodes: Sequence[Node | Ask] = (),
    outcomes: Sequence[Outcome] = (),
    report: Sequence[str] = (),
) -> Runbook:
    """A runbook that starts at its first node."""
    return Runbook(
        name="book",
        title="Something is slow",
        severity=Severity.SEV_2,
        description="",
        window=WINDOW.length,
        parameters=names.parameters,
        evidence=names.evidence,
        definitions=names.definitions,
        trigger=Trigger(
            question="Is it slow?",
            when=condition(when, names),
            on_missing=on_missing,
            healthy=template(healthy, names) if healthy else None,
        ),
        start=nodes[0].id if nodes else "inconclusive",
        nodes={node.id: node for node in nodes},
        outcomes={outcome.id: outcome for outcome in outcomes},
        report=tuple(template(line, names) for line in report),
        file="book.yaml",
        digest="d" * 64,
    )


def node(node_id: str, names: Scope, *branches: tuple[str, str | None, str, str | None]) -> Node:
    """Branches are (answer, when or None, goto, on_missing)."""
    return Node(
        id=node_id,
        question=f"Which {node_id}?",
        branches=tuple(
            Branch(
                answer=answer,
                when=condition(when, names) if when else None,
                goto=goto,
                on_missing=on_missing,
                place=PLACE,
            )
            for answer, when, goto, on_missing in branches
        ),
        place=PLACE,
    )


def ask(node_id: str, on_missing: str, **options: str) -> Ask:
    """Options are answer=goto."""
    return Ask(
        id=node_id,
        question=f"Do you know {node_id}?",
        options=tuple(Option(answer=answer, goto=goto) for answer, goto in options.items()),
        on_missing=on_missing,
        place=PLACE,
    )


def outcome(
    outcome_id: str,
    names: Scope,
    *,
    cause: str = "It is so.",
    confirm: Mapping[str, str] | None = None,
    at_most_likely: str = "",
    rules: Mapping[str, Severity] | None = None,
    report: Sequence[str] = (),
    commands: Mapping[str, str] | None = None,
    **fields: Any,
) -> Outcome:
    """`confirm` maps conditions to their `otherwise`, `commands` remedies to commands."""
    return Outcome(
        id=outcome_id,
        title=f"The {outcome_id}",
        cause=template(cause, names),
        confirm=tuple(
            Confirmation(when=condition(when, names), otherwise=template(otherwise, names))
            for when, otherwise in (confirm or {}).items()
        ),
        at_most_likely=template(at_most_likely, names) if at_most_likely else None,
        severity_rules=tuple(
            SeverityRule(when=condition(when, names), severity=severity)
            for when, severity in (rules or {}).items()
        ),
        report=tuple(template(line, names) for line in report),
        remedies=tuple(
            Remedy(
                id=name,
                title=name,
                urgency=Urgency.IMMEDIATE,
                kind=RemedyKind.EXECUTABLE,
                command=template(command, names),
            )
            for name, command in (commands or {}).items()
        ),
        place=PLACE,
        **fields,
    )
