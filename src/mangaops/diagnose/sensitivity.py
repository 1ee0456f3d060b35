"""How far each number of a runbook can be shifted before the diagnosis becomes another.

One at a time, the thresholds and durations that the walk used are shifted and the tree is
walked again over the same evidence. Told is the range around the present value in which
the conclusion (its id and its verdict) stays the same, and what it is beyond.

What this rests on: values are looked at from a quarter to four times the present one, in
steps of 12 %, and at zero (from zero, up to what was observed); the ends are then found by
bisection, whole numbers exactly, others within 0.1 %. A conclusion that changes and changes
back within one step is not seen. Where a shifted walk needs evidence that nobody has read,
nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mangaops.diagnose.operators import is_number
from mangaops.diagnose.sensitivity_levers import Lever, LeverKind, levers, without_sentences
from mangaops.diagnose.sensitivity_search import Conclusion, End, Range, Turn, ranged
from mangaops.diagnose.walk import walk
from mangaops.errors import InputError
from mangaops.model.diagnosis import Answers, Diagnosis
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import Runbook
from mangaops.model.time import Window

__all__ = [
    "Conclusion",
    "End",
    "Flip",
    "Lever",
    "LeverKind",
    "Range",
    "Sensitivity",
    "Shifted",
    "Turn",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifted:
    """One number of the runbook with the range in which it changes nothing."""

    lever: Lever
    range: Range

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What changes the conclusion for certain, the nearest first."""
        ends = (self.range.below, self.range.above)
        known = [end for end in ends if isinstance(end, Turn) and not end.becomes.unknown]
        return tuple(sorted(known, key=lambda turn: _size(self.shift(turn))))

    def shift(self, turn: Turn) -> float | None:
        """By what share of itself the number changes: -0.25 is a quarter less. 0 has none."""
        if self.lever.value == 0:
            return None
        return (turn.at - self.lever.value) / abs(self.lever.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A number and the value at which the conclusion becomes another."""

    lever: Lever
    turn: Turn
    shift: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """`shifted` has every number that the walk used and that can be shifted, the most
    sensitive first. `read_with` names parameters that queries were made with: evidence for
    another value was not read.
    """

    conclusion: Conclusion
    shifted: tuple[Shifted, ...]
    read_with: tuple[str, ...] = ()

    @property
    def flips(self) -> tuple[Flip, ...]:
        """Every turn to another conclusion, the smallest shift first."""
        found = [
            Flip(lever=one.lever, turn=turn, shift=one.shift(turn))
            for one in self.shifted
            for turn in one.turns
        ]
        return tuple(sorted(found, key=lambda flip: (_size(flip.shift), flip.lever.name)))

    @property
    def first(self) -> Flip | None:
        return next(iter(self.flips), None)

    @property
    def first_other(self) -> Flip | None:
        """The first that leads to another diagnosis, and not only to another verdict."""
        own = self.conclusion.id
        return next((flip for flip in self.flips if flip.turn.becomes.id != own), None)


def sensitivity(
    runbook: Runbook,
    evidence: EvidenceSet,
    window: Window,
    *,
    answers: Answers | None = None,
    force: bool = False,
    read_with: Collection[str] = (),
) -> Sensitivity:
    """`runbook` is bound; `read_with` are parameters that its queries mention.

    Raises InputError where the evidence does not lead to any conclusion.
    """
    said = answers or Answers()

    found = walk(runbook, evidence, window, answers=said, force=force)
    if not isinstance(found, Diagnosis):
        raise InputError(
            "the recorded evidence does not lead to a conclusion",
            where=runbook.name,
            hint="mangaops diagnose records a whole run",
        )
    tree = without_sentences(runbook)
    present = Conclusion(id=found.id, verdict=found.verdict)
    fixed = frozenset(read_with)

    def shifted(lever: Lever) -> Shifted:
        def conclude(value: float) -> Conclusion:
            return _concluded(lever.at(tree, value), evidence, window, said, force=force)

        return Shifted(lever=lever, range=ranged(lever, present, conclude))

    found_levers = [lever for lever in levers(tree, found) if lever.name not in fixed]
    return Sensitivity(
        conclusion=present,
        shifted=tuple(sorted(map(shifted, found_levers), key=_order)),
        read_with=tuple(
            sorted(name for name in fixed if is_number(runbook.parameters[name].value))
        ),
    )


def _size(shift: float | None) -> float:
    """Of 0 any shift is told last: it cannot be compared with shares of others."""
    return float("inf") if shift is None else abs(shift)


def _order(one: Shifted) -> tuple[float, bool, str]:
    nearest = min((_size(one.shift(turn)) for turn in one.turns), default=float("inf"))
    return nearest, one.lever.kind is LeverKind.LITERAL, one.lever.name


def _concluded(
    runbook: Runbook, evidence: EvidenceSet, window: Window, answers: Answers, *, force: bool
) -> Conclusion:
    found = walk(runbook, evidence, window, answers=answers, force=force)
    if isinstance(found, Diagnosis):
        return Conclusion(id=found.id, verdict=found.verdict)
    return Conclusion(needs=tuple(sorted(found.evidence)), question=found.question or "")
