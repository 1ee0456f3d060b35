"""Questions put to Logs Insights: the saved ones, and any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from mangaops.cli.context import AppContext, environment_of
from mangaops.cli.options import Budget, Show, When, Where
from mangaops.cli.progress import progress
from mangaops.cli.questions import EVERY_CALL, QUESTIONS, Question
from mangaops.cli.reading import Visitor, reading
from mangaops.cli.window import window_of
from mangaops.evidence.collect import Collected, Collector
from mangaops.model.condition import Place
from mangaops.model.diagnosis import Needs
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState, Table
from mangaops.model.query import LogQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.settings import Environment
from mangaops.model.time import Window
from mangaops.render.logs import Asked

_WINDOW = timedelta(minutes=30)
"""Without --since and --from."""
Ask = Callable[[Environment, Window, Collector, Visitor], Asked]


def asked_in_window(
    context: AppContext, where: Where, when: When, budget: Budget, show: Show, ask: Ask
) -> Asked:
    """A wrong window is told before anything is opened; its end is when reading begins."""

    def window() -> Window:
        return window_of(when, default=_WINDOW, now=context.clock(), of_events=True)

    window()
    with environment_of(where, context) as environment, progress(context, show) as tell:
        asked_of = window()
        with reading(environment, budget, context, tell) as (collector, visitor):
            return ask(environment, asked_of, collector, visitor)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Only:
    """Satisfies `evidence.collect.Declares`."""

    evidence: Mapping[str, EvidenceDeclaration]


def declaration(
    question: Question, environment: Environment, groups: Sequence[str] = ()
) -> EvidenceDeclaration:
    """The question as evidence of these log groups, or of the environment's own."""
    query = LogQuery(
        groups=tuple(groups) or (environment.resources["orchestrator_log"],),
        query=question.query,
        columns=question.columns,
    )
    return EvidenceDeclaration(
        id=question.name,
        kind="logs",
        title=question.title,
        query=query,
        place=Place(file=__name__, line=1, column=1),
    )


def _none_of_them(found: Evidence, every: Evidence) -> Evidence:
    """Nothing matched: an answer, if the log has calls that could have; else still unknown."""
    if not isinstance(every.value, Table) or not every.value.rows:
        return found
    calls = every.value.rows[0]["calls"]
    return replace(
        found,
        state=EvidenceState.OK,
        value=Table(columns=(), rows=()),
        detail=f"none, among {calls} calls in the window",
    )


def asked_of_logs(
    name: str, environment: Environment, window: Window, collector: Collector, visitor: Visitor
) -> Asked:
    """The answer in whatever state; errors that concern all of AWS are raised."""
    question = QUESTIONS[name]
    declared = _Only(
        evidence={
            name: declaration(question, environment),
            EVERY_CALL.name: declaration(EVERY_CALL, environment),
        }
    )

    def decide(evidence: EvidenceSet) -> Evidence | Needs:
        found = evidence.get(name)
        if found is None or found.state is not EvidenceState.NO_DATA:
            return found or Needs(evidence=frozenset({name}))
        every = evidence.get(EVERY_CALL.name)
        if every is None:
            return Needs(evidence=frozenset({EVERY_CALL.name}))
        return _none_of_them(found, every)

    collected = collector.collect(declared, window, decide, beside=visitor.ask)
    return _asked(question, window, collected, visitor)


def asked_of_query(
    question: Question,
    groups: Sequence[str],
    environment: Environment,
    window: Window,
    collector: Collector,
    visitor: Visitor,
) -> Asked:
    """The same for any query: over the named log groups, or the orchestrator's."""
    declared = _Only(evidence={question.name: declaration(question, environment, groups)})

    def decide(evidence: EvidenceSet) -> Evidence | Needs:
        return evidence.get(question.name) or Needs(evidence=frozenset({question.name}))

    collected = collector.collect(declared, window, decide, beside=visitor.ask)
    return _asked(question, window, collected, visitor)


def _asked(
    question: Question, window: Window, collected: Collected[Evidence], visitor: Visitor
) -> Asked:
    found = collected.result
    if not isinstance(found, Evidence):
        raise TypeError(f"{question.name} was not read")
    table = found.value if isinstance(found.value, Table) else Table(columns=(), rows=())
    return Asked(
        question=question.name,
        title=question.title,
        site=visitor.site(hurry=collected.interrupted),
        interrupted=collected.interrupted,
        window=window,
        state=found.state,
        detail=found.detail,
        query=found.query,
        columns=tuple(question.columns) or table.columns,
        units=question.units,
        rows=table.rows,
        cost=collected.cost,
        seconds=collected.seconds,
    )
