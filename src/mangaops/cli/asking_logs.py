"""One saved question put to Logs Insights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mangaops.cli.questions import QUESTIONS, declaration
from mangaops.cli.reading import Visitor
from mangaops.evidence.collect import Collector
from mangaops.model.diagnosis import Needs
from mangaops.model.evidence import Evidence, EvidenceSet, Table
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.settings import Environment
from mangaops.model.time import Window
from mangaops.render.logs import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Only:
    """Satisfies `evidence.collect.Declares`."""

    evidence: Mapping[str, EvidenceDeclaration]


def asked_of_logs(
    name: str, environment: Environment, window: Window, collector: Collector, visitor: Visitor
) -> Asked:
    """The answer in whatever state; errors that concern all of AWS are raised."""
    question = QUESTIONS[name]
    declared = _Only(evidence={name: declaration(question, environment)})

    def decide(evidence: EvidenceSet) -> Evidence | Needs:
        return evidence.get(name) or Needs(evidence=frozenset({name}))

    collected = collector.collect(declared, window, decide, beside=visitor.ask)
    found = collected.result
    if not isinstance(found, Evidence):
        raise TypeError(f"{name} was not read")
    table = found.value if isinstance(found.value, Table) else Table(columns=(), rows=())
    return Asked(
        question=name,
        title=question.title,
        site=visitor.site(hurry=collected.interrupted),
        interrupted=collected.interrupted,
        window=window,
        state=found.state,
        detail=found.detail,
        query=found.query,
        columns=tuple(question.columns),
        units=question.units,
        rows=table.rows,
        cost=collected.cost,
        seconds=collected.seconds,
    )
