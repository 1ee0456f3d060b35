"""How a walk came to where it is: each step with what it was decided on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mangaops.diagnose.evaluate import Evaluation
from mangaops.diagnose.values import Missing
from mangaops.model.diagnosis import Coverage, PathStep
from mangaops.model.edge import Edge

TRIGGER = "trigger"
"""The name of the first step; no node may be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step with its evaluations. `lost` is what could not be seen at it, `edges` are
    the ways out that were taken: with `next` more than one.
    """

    step: PathStep
    evaluations: tuple[Evaluation, ...] = ()
    lost: frozenset[Missing] = frozenset()
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """The stages so far. `held` says that the trigger was seen to hold; `forced` that it
    was not, and that someone wanted to walk on.
    """

    stages: tuple[Stage, ...] = ()
    held: bool = False
    forced: bool = False

    def then(self, stage: Stage) -> Trail:
        return Trail(stages=(*self.stages, stage), held=self.held, forced=self.forced)

    @property
    def path(self) -> tuple[PathStep, ...]:
        return tuple(stage.step for stage in self.stages)

    @property
    def edges(self) -> tuple[Edge, ...]:
        return tuple(edge for stage in self.stages for edge in stage.edges)

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        return tuple(e for stage in self.stages for e in stage.evaluations)


def coverage(evaluations: Sequence[Evaluation]) -> Coverage:
    """How much of the evidence that the checks asked for was seen in all of them."""
    checks = [check for evaluation in evaluations for check in evaluation.checks]
    asked = {evidence_id for check in checks for evidence_id in check.evidence}
    missing = {evidence_id for check in checks for evidence_id in check.missing}
    asked |= missing
    return Coverage(checked=len(asked - missing), of=len(asked), missing=tuple(sorted(missing)))
