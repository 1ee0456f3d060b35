"""One condition over the facts: its truth, what it needs, what it lacks, and its checks."""

from __future__ import annotations

from dataclasses import dataclass

from mangaops.diagnose.env import OUTSIDE
from mangaops.diagnose.equality import attributable
from mangaops.diagnose.evaluator import Evaluator
from mangaops.diagnose.facts import Facts
from mangaops.diagnose.values import PENDING, UNKNOWN, Missing, Result, Value, lift
from mangaops.model.condition import Condition
from mangaops.model.diagnosis import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """`truth` is None while the condition is unknown or `pending` is not empty.

    `value` is the bare value, None when there is none. `missing` are ids of evidence
    that made it unknown, `lost` says why. `unseen` is what a decided condition left out
    because it was not there, `holes` ids of series with gaps: with either, the answer
    could be another one, so no diagnosis that rests on it is confirmed.
    """

    value: object
    truth: bool | None
    pending: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    lost: frozenset[Missing] = frozenset()
    unseen: frozenset[Missing] = frozenset()
    holes: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = ()

    @property
    def gaps(self) -> bool:
        return bool(self.holes)


def evaluate(condition: Condition, facts: Facts) -> Evaluation:
    """Decide a condition of a branch, trigger, confirmation or severity rule."""
    evaluator = Evaluator(facts=facts, condition=condition)
    result = evaluator.truth(condition.tree, OUTSIDE)
    return _evaluation(result, tuple(evaluator.trail))


def evaluate_value(condition: Condition, facts: Facts) -> Evaluation:
    """The value of an expression in a template; no checks."""
    return _evaluation(Evaluator(facts=facts, condition=condition).value(condition.tree, OUTSIDE))


def _evaluation(found: Value, checks: tuple[Check, ...] = ()) -> Evaluation:
    result = lift(found)
    if result.value is PENDING:
        return Evaluation(value=None, truth=None, pending=result.pending, checks=checks)
    if result.value is UNKNOWN:
        lost = _lost(result)
        missing = frozenset(one.evidence for one in lost)
        return Evaluation(value=None, truth=None, missing=missing, lost=lost, checks=checks)
    truth = result.value if isinstance(result.value, bool) else None
    return Evaluation(
        value=result.value,
        truth=truth,
        unseen=attributable(result.unseen),
        holes=result.gaps,
        checks=checks,
    )


def _lost(result: Result) -> frozenset[Missing]:
    """What was read but says nothing, such as a division by zero, is told of all it rests on."""
    lost = attributable(result.missing | result.unseen)
    if lost:
        return lost
    why = "its values do not decide it"
    return frozenset(Missing(evidence=i, why=why) for i in result.evidence)
