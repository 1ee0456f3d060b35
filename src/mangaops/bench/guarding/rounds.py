"""The rounds of one activation, judged together, with no more false alarms than one has.

A watch that judged each round by itself at 5 % would accuse one unchanged prompt in five. So
the samples of all rounds so far are pooled, and the chance of an error is divided by the number
of planned rounds (Bonferroni): over a whole watch an unchanged prompt is called a FAIL with 5 %
at most, and one that may be taken back without a person with 1 %. A PASS is what the last round
says, and only one round is the last.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mangaops.bench.comparing.budget import P95
from mangaops.bench.comparing.comparison import Comparison, Doubt, Reason, Report, Verdict
from mangaops.bench.comparing.report import compared
from mangaops.bench.comparing.rules import ROUNDING, Rules
from mangaops.bench.comparing.sides import sides
from mangaops.bench.comparing.verdict import unjudged
from mangaops.bench.guarding.safeguard import Activation
from mangaops.bench.runs.sample import Run

FALSE_FAIL = 0.05
FALSE_ROLLBACK = 0.01
"""Over all rounds of a watch. A rollback without a person needs more than a FAIL does."""
TAIL = 50
"""Resamples beyond the strictest level: fewer would not say where it is."""
MOST_RESAMPLES = 200_000


@dataclass(frozen=True, slots=True)
class Rounds:
    """The runs of a watch, by what they measured."""

    rules: Rules
    _runs: dict[Activation, list[Run]] = field(default_factory=dict, init=False)

    def judged(self, activation: Activation, run: Run, planned: int) -> Report:
        """What this round and those before it say. A text that was changed begins anew."""
        before = self._runs.setdefault(activation, [])
        if before and before[-1].header.prompts != run.header.prompts:
            before.clear()
        before.append(run)
        return judged(before, self.rules, planned)


def judged(runs: Sequence[Run], rules: Rules, planned: int) -> Report:
    """The rounds so far, in order, of `planned` in all."""
    both = sides(pooled(runs), None, baseline=None, candidate=None)
    report = compared(*both, finer(rules, planned))
    judgements = tuple(as_one_of(one, rules, planned) for one in report.comparisons)
    return replace(report, comparisons=judgements)


def finer(rules: Rules, planned: int) -> Rules:
    """With resamples enough to see the strictest level."""
    resamples = min(MOST_RESAMPLES, math.ceil(TAIL * planned / FALSE_ROLLBACK))
    return replace(rules, resamples=max(rules.resamples, resamples))


def pooled(runs: Sequence[Run]) -> Run:
    """One run of all their samples, under the header of the first, which names them all."""
    samples = (one for run in runs for one in run.samples)
    header = replace(
        runs[0].header,
        run=", ".join(run.header.run for run in runs),
        samples_per_arm=sum(run.header.samples_per_arm for run in runs),
    )
    return Run(
        header=header,
        samples=tuple(replace(one, number=number) for number, one in enumerate(samples)),
        finished_at=runs[-1].finished_at,
    )


def as_one_of(one: Comparison, rules: Rules, planned: int) -> Comparison:
    """A FAIL that also holds as one of so many rounds; else what is missing."""
    if one.verdict is not Verdict.FAIL:
        return one
    ratio, level = _ratio_p(one, rules), FALSE_FAIL / planned
    if min(ratio, _budget_p(one)) > level:
        text = (
            "slower or over its budget, but by chance one such is to be expected among "
            f"{planned} rounds: p = {ratio:.2g}, and {level:.2g} would tell"
        )
        reason = Reason(doubt=Doubt.SEVERAL_ROUNDS, text=text, decides=True)
        return replace(
            one,
            verdict=Verdict.INCONCLUSIVE,
            severity=None,
            budgets=unjudged(one, "among so many rounds it may be chance"),
            reasons=(*one.reasons, reason),
        )
    if ratio > (level := FALSE_ROLLBACK / planned):
        text = (
            f"one of {planned} rounds: p = {ratio:.2g}, and a rollback by itself needs {level:.2g}"
        )
        reason = Reason(doubt=Doubt.SEVERAL_ROUNDS, text=text)
        return replace(one, reasons=(*one.reasons, reason))
    return one


def _ratio_p(one: Comparison, rules: Rules) -> float:
    """Of the ratio, where that is what failed; else 1."""
    settled = any(reason.decides for reason in one.reasons)
    if settled or one.p_value is None or one.ratio is None:
        return 1.0
    return one.p_value if one.ratio >= rules.limit * (1 - ROUNDING) else 1.0


def _budget_p(one: Comparison) -> float:
    """Of the p95 within its budget, where that is broken; else 1."""
    found = (check.p_value for check in one.budgets if check.name == P95 and check.kept is False)
    return next((p for p in found if p is not None), 1.0)
