"""The walk through a decision tree: a pure function of a runbook and what was read.

It answers a `Diagnosis`, or what it `Needs` before it can go on. It keeps nothing
between two calls: with more evidence it starts again from the trigger, so a replay
of the same evidence takes the same path and gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from mangaops.diagnose import ending, mentions
from mangaops.diagnose.evaluate import evaluate
from mangaops.diagnose.facts import Facts
from mangaops.diagnose.node import Waiting, answer, decide
from mangaops.diagnose.trail import Stage, Trail
from mangaops.diagnose.triage import HEALTHY, trigger_stage
from mangaops.errors import RunbookError
from mangaops.model.diagnosis import Answers, Diagnosis, Needs
from mangaops.model.edge import Edge
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import INCONCLUSIVE, Ask, Node, Runbook
from mangaops.model.time import Window


def walk(
    runbook: Runbook,
    evidence: EvidenceSet,
    window: Window,
    *,
    answers: Answers | None = None,
    force: bool = False,
) -> Diagnosis | Needs:
    """Follow the tree of a bound runbook as far as the evidence goes.

    `force` walks on where the trigger does not hold; the verdict is then at most
    likely. Raises InputError for an answer that is no option of its question, and
    RunbookError for a tree that leads back or nowhere (lint finds both).
    """
    return traced(runbook, evidence, window, answers=answers, force=force)[0]


def traced(
    runbook: Runbook,
    evidence: EvidenceSet,
    window: Window,
    *,
    answers: Answers | None = None,
    force: bool = False,
) -> tuple[Diagnosis | Needs, tuple[Edge, ...]]:
    """As `walk`, with the edges that were taken so far, in their order."""
    facts = Facts(runbook=runbook, evidence=evidence, window=window)
    found, trail = _Walk(facts=facts, answers=answers or Answers(), force=force).from_trigger()
    return found, trail.edges


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    facts: Facts
    answers: Answers
    force: bool

    def from_trigger(self) -> tuple[Diagnosis | Needs, Trail]:
        runbook = self.facts.runbook
        found = evaluate(runbook.trigger.when, self.facts)
        if found.pending:
            ahead = mentions.ahead(runbook, runbook.start) | mentions.of_report(runbook)
            return self._needs(found.pending, ahead), Trail()
        stage = trigger_stage(runbook, found, force=self.force)
        forced = self.force and found.truth is not True
        trail = Trail(stages=(stage,), held=found.truth is True, forced=forced)
        if stage.step.goto == HEALTHY and found.truth is False:
            return self._healthy(trail), trail
        return self._onwards(trail)

    def _healthy(self, trail: Trail) -> Diagnosis | Needs:
        unread = self.facts.unread(mentions.of_templates([self.facts.runbook.trigger.healthy]))
        return Needs(evidence=unread) if unread else ending.healthy(trail, self.facts)

    def _onwards(self, trail: Trail) -> tuple[Diagnosis | Needs, Trail]:
        runbook = self.facts.runbook
        visited: set[str] = set()
        while True:
            name = trail.stages[-1].step.goto
            if name == INCONCLUSIVE or name in runbook.outcomes:
                return self._ended(name, trail), trail
            if name in visited:
                raise _astray(runbook, name, f"the tree leads back to `{name}`")
            visited.add(name)
            if name not in runbook.nodes:
                raise _astray(runbook, name, f"the tree leads to `{name}`, which it does not have")
            stage = self._stage(runbook.nodes[name], trail)
            if isinstance(stage, Needs):
                return stage, trail
            trail = trail.then(stage)

    def _stage(self, node: Node | Ask, trail: Trail) -> Stage | Needs:
        ahead = mentions.ahead(self.facts.runbook, node.id)
        if isinstance(node, Ask):
            given = self.answers.given.get(node.id)
            if given is not None:
                return answer(node, given)
            return self._needs(self._reported(trail), ahead, question=node.id)
        stage = decide(node, self.facts)
        if isinstance(stage, Waiting):
            return self._needs(stage.evidence | self._reported(trail), ahead)
        return stage

    def _ended(self, name: str, trail: Trail) -> Diagnosis | Needs:
        """All that the ending mentions is asked for at once."""
        outcome = self.facts.runbook.outcomes.get(name)
        mentioned = mentions.of_outcome(outcome) if outcome else frozenset[str]()
        unread = self.facts.unread(mentioned | ending.reported(outcome, trail, self.facts))
        if unread:
            return Needs(evidence=unread)
        if outcome is None:
            return ending.inconclusive(trail, self.facts)
        return ending.at_outcome(outcome, trail, self.facts)

    def _reported(self, trail: Trail) -> frozenset[str]:
        """The runbook's report is told of every incident, so it is read from the start on."""
        return mentions.of_report(self.facts.runbook) if trail.held else frozenset()

    def _needs(
        self, evidence: frozenset[str], ahead: frozenset[str], *, question: str | None = None
    ) -> Needs:
        now = self.facts.unread(evidence)
        return Needs(evidence=now, soon=self.facts.unread(ahead) - now, question=question)


def _astray(runbook: Runbook, name: str, what: str) -> RunbookError:
    node = runbook.nodes.get(name)
    where = str(node.place) if node else runbook.file
    return RunbookError(what, where=where, hint=f"mangaops runbook lint {runbook.name}")
