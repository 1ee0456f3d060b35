"""Evidence declarations and small runbooks for tests of the collecting."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta

from mangaops.evidence.source import Asked, Stop
from mangaops.model.condition import Condition, Place
from mangaops.model.evidence import EvidenceSet
from mangaops.model.query import FieldType, LogQuery, MetricQuery, Query
from mangaops.model.runbook import EvidenceDeclaration, Runbook, Severity, Trigger
from mangaops.model.time import Window

PLACE = Place(file="test.yaml", line=1, column=1)
END = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)
END_S = int(END.timestamp())
WINDOW = Window(start=END - timedelta(minutes=30), end=END)


def declared(evidence_id: str, kind: str, query: Query) -> EvidenceDeclaration:
    return EvidenceDeclaration(id=evidence_id, kind=kind, query=query, place=PLACE)


def metric(
    evidence_id: str, name: str = "latency", stat: str = "p95", **query
) -> EvidenceDeclaration:
    return declared(
        evidence_id, "metric", MetricQuery(namespace="Manga", name=name, stat=stat, **query)
    )


def log(evidence_id: str, **query) -> EvidenceDeclaration:
    return declared(
        evidence_id,
        "logs",
        LogQuery(
            groups=("/app",),
            query="stats count(*) as calls by model",
            columns={"model": FieldType.TEXT, "calls": FieldType.NUMBER},
            **query,
        ),
    )


def asked(stop: Stop, evidence: EvidenceSet | None = None) -> Asked:
    return Asked(window=WINDOW, evidence=evidence or EvidenceSet(), stop=stop)


def runbook(*declarations: EvidenceDeclaration) -> Runbook:
    true = Condition(
        source="True",
        tree=ast.Constant(True),
        place=PLACE,
        evidence=frozenset(),
        parameters=frozenset(),
    )
    return Runbook(
        name="test",
        title="Test",
        severity=Severity.SEV_3,
        description="",
        window=WINDOW.length,
        parameters={},
        evidence={declaration.id: declaration for declaration in declarations},
        trigger=Trigger(question="?", when=true, on_missing="inconclusive"),
        start="x",
        nodes={},
        outcomes={},
        file="test.yaml",
        digest="",
    )
