"""Which mutants of a runbook its tests notice.

A mutant is killed by the first test that does not pass any more. Only tests that walk past
what was changed are asked, those first that are most about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mangaops.diagnose.trail import TRIGGER
from mangaops.diagnose.walk import walk
from mangaops.errors import MangaopsError
from mangaops.model.diagnosis import Answers, Diagnosis
from mangaops.model.evidence import Evidence, EvidenceState
from mangaops.model.runbook import Ask, Runbook
from mangaops.testing.case import Case, Outcome, Prepared
from mangaops.testing.mutants.mutant import Mutant
from mangaops.testing.run import differing

Prepare = Callable[[Case, Runbook], Prepared]
"""A case on a loaded runbook, which it binds and reads evidence for."""
Judge = Callable[[Prepared], Outcome]

_RAISED = (MangaopsError, ArithmeticError, LookupError, TypeError, ValueError)
"""What a runbook can raise that could not have been written: such a mutant is noticed."""
_OF_ORDER = frozenset({"verdict", "missing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a mutant. `walked` are the tests that walk past it; `killed_by` is the
    one that failed, empty for a survivor.
    """

    mutant: Mutant
    walked: tuple[str, ...] = ()
    killed_by: str = ""

    @property
    def survived(self) -> bool:
        return not self.killed_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A test on the runbook as it is, and the parts of the tree that its walk came past."""

    prepared: Prepared
    outcome: Outcome
    parts: frozenset[str]

    @property
    def name(self) -> str:
        return self.prepared.case.name


def as_it_is(prepared: Sequence[Prepared], judge: Judge) -> tuple[Ran, ...]:
    """Every test run once on the runbook as it is."""
    found = []
    for one in prepared:
        outcome = judge(one)
        found.append(Ran(prepared=one, outcome=outcome, parts=_parts(outcome)))
    return tuple(found)


def quickly(prepared: Prepared) -> Outcome:
    """One walk with all evidence at hand, where `judge` gives it piece by piece.

    It takes the same way in a fraction of the time. How sure it is can differ: an operand
    that is at hand decides a condition before a surer one is asked.
    """
    nodes = prepared.runbook.nodes.values()
    silent = {node.id: "" for node in nodes if isinstance(node, Ask)}
    answers = Answers(given={**silent, **prepared.case.answers})
    found = walk(
        prepared.runbook,
        prepared.evidence,
        prepared.window,
        answers=answers,
        force=prepared.case.force,
    )
    if not isinstance(found, Diagnosis):
        return Outcome(case=prepared.case, error="the walk needs more than there is")
    differences = tuple(differing(prepared.case.expected, found))
    return Outcome(case=prepared.case, diagnosis=found, differences=differences)


def unsure(outcome: Outcome) -> bool:
    """Whether a quick walk failed a test only in what depends on the order of reading."""
    return bool(outcome.error) or all(one.what in _OF_ORDER for one in outcome.differences)


def _parts(outcome: Outcome) -> frozenset[str]:
    diagnosis = outcome.diagnosis
    if diagnosis is None:
        return frozenset({TRIGGER})
    return frozenset({TRIGGER, diagnosis.id, *(step.node for step in diagnosis.path)})


@dataclass(slots=True, kw_only=True)
class Trial:
    """All mutants of one runbook against its tests. `loaded` is the runbook as it was loaded.

    `quick` looks for the test that fails, `judge` has the last word where they can differ.
    """

    loaded: Runbook
    tests: tuple[Ran, ...]
    prepare: Prepare
    judge: Judge
    quick: Judge = quickly
    _kills: dict[str, int] = field(default_factory=dict)

    def fates(self, mutants: Sequence[Mutant]) -> Iterator[Fate]:
        """In the order of the mutants; each is told as soon as it is known."""
        for mutant in mutants:
            yield self._fate(mutant)

    def _fate(self, mutant: Mutant) -> Fate:
        walked = [test for test in self.tests if _meets(mutant, test)]
        names = tuple(test.name for test in walked)
        walked.sort(key=lambda one: self._rank(mutant, one))
        for judge in (self.quick, self.judge):
            for test in walked:
                if self._fails(mutant, test, judge):
                    self._kills[test.name] = self._kills.get(test.name, 0) + 1
                    return Fate(mutant=mutant, walked=names, killed_by=test.name)
        return Fate(mutant=mutant, walked=names)

    def _rank(self, mutant: Mutant, test: Ran) -> tuple[int, int]:
        """First those that meet most of what mentions the change."""
        return (-len(mutant.seen_at & test.parts), -self._kills.get(test.name, 0))

    def _fails(self, mutant: Mutant, test: Ran, judge: Judge) -> bool:
        try:
            outcome = judge(self._changed(mutant, test.prepared))
            if outcome.passed or judge is self.judge or not unsure(outcome):
                return not outcome.passed
            return not self.judge(self._changed(mutant, test.prepared)).passed
        except _RAISED:
            return True

    def _changed(self, mutant: Mutant, prepared: Prepared) -> Prepared:
        """Evidence is made again only where other values are read."""
        if mutant.reads:
            return self.prepare(prepared.case, mutant.change(self.loaded))
        if mutant.removed:
            gone = _gone(mutant.removed, prepared.runbook)
            return replace(prepared, evidence=prepared.evidence.with_items(gone))
        return replace(prepared, runbook=mutant.change(prepared.runbook))


def _meets(mutant: Mutant, test: Ran) -> bool:
    if mutant.parameter and mutant.parameter in test.prepared.case.sets:
        return False
    return bool(mutant.seen_at & test.parts)


def _gone(evidence_id: str, runbook: Runbook) -> Evidence:
    kind = runbook.evidence[evidence_id].kind
    return Evidence(id=evidence_id, kind=kind, state=EvidenceState.NO_DATA)
