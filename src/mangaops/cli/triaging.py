"""The triggers of several runbooks over one batch of evidence.

Evidence ids are made unique with the runbook's name, and every query that takes a
window gets its own runbook's, so that one collection serves all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mangaops.cli.options import When
from mangaops.cli.reading import Visitor
from mangaops.cli.window import window_of
from mangaops.diagnose.triage import TriggerState, trigger_state
from mangaops.evidence.collect import Collected, Collector
from mangaops.evidence.readers import batched
from mangaops.model.diagnosis import Needs
from mangaops.model.evidence import EvidenceSet
from mangaops.model.query import AuditTrailQuery, InventoryQuery, LogQuery, MetricQuery, Query
from mangaops.model.runbook import EvidenceDeclaration, Runbook
from mangaops.model.settings import Environment
from mangaops.model.time import Window
from mangaops.render.case import seen_of
from mangaops.render.triage import Alarm, AlarmState, Triage
from mangaops.runbook.bind import bind_all

_SIGN = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One bound runbook with the window that its trigger looks at."""

    runbook: Runbook
    window: Window

    def declared(self) -> Mapping[str, EvidenceDeclaration]:
        """What its trigger may read, under ids that no other runbook has."""
        trigger = self.runbook.trigger
        wanted = trigger.when.evidence | (trigger.recovered or trigger.when).evidence
        return {
            self.own(d.id): replace(d, id=self.own(d.id), query=self._query(d.query))
            for d in self.runbook.evidence.values()
            if d.id in wanted or not batched(d)
        }

    def own(self, evidence_id: str) -> str:
        return f"{self.runbook.name}{_SIGN}{evidence_id}"

    def _query(self, query: Query) -> Query:
        match query:
            case MetricQuery() | LogQuery() | AuditTrailQuery():
                return replace(query, window=query.window or self.window.length)
            case InventoryQuery():
                return replace(query, products_from=self.own(query.products_from))
            case _:
                return query

    def evidence_of(self, evidence: EvidenceSet) -> EvidenceSet:
        """Its own part of what was read, under its own ids."""
        prefix = self.own("")
        own = (e for e in evidence if e.id.startswith(prefix))
        return EvidenceSet().with_items(*(replace(e, id=e.id.removeprefix(prefix)) for e in own))


def watched_runbooks(
    runbooks: Iterable[Runbook], environment: Environment, when: When, now: datetime
) -> list[Watched]:
    """Every runbook bound to the environment, with its window."""
    return [
        Watched(runbook=each, window=window_of(when, default=each.window, now=now))
        for each in bind_all(runbooks, environment)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Together:
    """Satisfies `evidence.collect.Declares`."""

    evidence: Mapping[str, EvidenceDeclaration]


def triaged(
    collector: Collector, visitor: Visitor, watched: Sequence[Watched], *, suffix: str
) -> tuple[Triage, bool]:
    """Every trigger decided as far as it can be, and whether Ctrl-C cut that short."""
    alarms, collected = looked(collector, watched, beside=visitor.ask)
    answer = Triage(
        site=visitor.site(hurry=collected.interrupted),
        window=_longest(watched),
        alarms=alarms,
        cost=collected.cost,
        seconds=collected.seconds,
        suffix=suffix,
    )
    return answer, collected.interrupted


def looked(
    collector: Collector,
    watched: Sequence[Watched],
    *,
    beside: Callable[[], object] | None = None,
) -> tuple[list[Alarm], Collected[tuple[TriggerState, ...]]]:
    """The state of every trigger, from one batch of evidence."""
    declared = {key: value for each in watched for key, value in each.declared().items()}

    def decide(evidence: EvidenceSet) -> tuple[TriggerState, ...] | Needs:
        return _decided(watched, evidence)

    together = _Together(evidence=declared)
    collected = collector.collect(together, _longest(watched), decide, beside=beside)
    if isinstance(collected.result, Needs):
        raise TypeError("a trigger asked a question")
    alarms = [
        _alarm(each, state, each.evidence_of(collected.evidence))
        for each, state in zip(watched, collected.result, strict=True)
    ]
    return alarms, collected


def _longest(watched: Sequence[Watched]) -> Window:
    return max((each.window for each in watched), key=lambda window: window.length)


def _decided(watched: Iterable[Watched], evidence: EvidenceSet) -> tuple[TriggerState, ...] | Needs:
    """Every trigger's state, or all that is still needed for them."""
    states: list[TriggerState] = []
    needed: set[str] = set()
    for each in watched:
        found = trigger_state(each.runbook, each.evidence_of(evidence), each.window)
        if isinstance(found, Needs):
            needed |= {each.own(evidence_id) for evidence_id in found.evidence}
        else:
            states.append(found)
    return Needs(evidence=frozenset(needed)) if needed else tuple(states)


def _alarm(watched: Watched, found: TriggerState, evidence: EvidenceSet) -> Alarm:
    return Alarm(
        runbook=watched.runbook.name,
        title=watched.runbook.title,
        severity=watched.runbook.severity,
        state=_state(found.holds),
        step=found.step,
        detail=found.detail,
        window=watched.window,
        evidence=seen_of(watched.runbook, evidence),
    )


def _state(holds: bool | None) -> AlarmState:
    if holds is None:
        return AlarmState.UNKNOWN
    return AlarmState.ON if holds else AlarmState.OFF
