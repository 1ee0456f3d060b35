"""Two samples of one intent: `compare`, and the draft that a report makes verdicts of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mangaops.bench.comparing import cause as causes
from mangaops.bench.comparing import doubts
from mangaops.bench.comparing.columns import NONE, Columns, Floats, Latencies, columns, means
from mangaops.bench.comparing.comparison import (
    ArmSummary,
    Cause,
    Comparison,
    Figure,
    Metric,
    Parts,
    Reason,
    Verdict,
)
from mangaops.bench.comparing.control import Prompts, with_control
from mangaops.bench.comparing.figures import (
    About,
    answered,
    budget_checks,
    failures,
    quantile_figure,
    secondary,
    summary,
)
from mangaops.bench.comparing.rules import FEWEST, PRIMARY, Rules
from mangaops.bench.comparing.shift import SIGNIFICANT, shift
from mangaops.bench.comparing.verdict import decided
from mangaops.bench.statistics.pair import Pair
from mangaops.bench.statistics.quantile import quantile_sorted
from mangaops.bench.statistics.ratio import divided
from mangaops.bench.statistics.sample import ordered
from mangaops.bench.statistics.trend import trend
from mangaops.errors import InputError

BASELINE = About(version="baseline")
CANDIDATE = About(version="candidate")


def compare(baseline: Latencies, candidate: Latencies, config: Rules | None = None) -> Comparison:
    """Whether the candidate's p95 is a regression, with limits, cause and reasons.

    Each side is a sequence or an array of total latencies in ms, infinite for a failed
    call, or a sequence of Sample of one intent, whose budget then holds. An empty side or
    too few samples are INCONCLUSIVE. InputError: NaN, a negative latency, what is no number.
    """
    rules = config or Rules()
    a, b = columns(baseline, "the baseline"), columns(candidate, "the candidate")
    draft = drafted(_intent(a, b), a, b, rules, about=(BASELINE, CANDIDATE))
    if apart := doubts.of_times((a.span, b.span)):
        draft = replace(draft, reasons=(*draft.reasons, apart))
    alone = Prompts(changed=(), asked=(draft.intent,))
    return decided(with_control((draft,), alone, rules.limit), rules)[0]


def _intent(a: Columns, b: Columns) -> str:
    intents = sorted(a.intents | b.intents)
    if len(intents) > 1:
        raise InputError(
            f"calls of several intents: {', '.join(intents)}",
            hint="compare those of one, by Run.arm; an intent has a latency of its own",
        )
    return intents[0] if intents else ""


def drafted(
    intent: str, a: Columns, b: Columns, rules: Rules, *, about: tuple[About, About]
) -> Comparison:
    """Everything of a comparison but its verdict, which needs the other intents."""
    if not a.total.size or not b.total.size:
        return _one_sided(intent, a, b, rules, about)
    pair = Pair.of(a.total, b.total)
    arms = (summary(about[0], a, pair.baseline, rules), summary(about[1], b, pair.candidate, rules))
    p95, found = quantile_figure(Metric.P95, PRIMARY, pair, rules)
    p50, _ = quantile_figure(Metric.P50, 0.5, pair, rules)
    figures = (p95, p50, *secondary(a, b, rules), failures(*arms, rules))
    ranks = pair.rank_test()
    slower = (p95.low or 0) > 1 or (ranks.p_value < SIGNIFICANT and ranks.cliffs_delta > 0)
    before, after = means(a), means(b)
    parts = causes.parts(before, after) if before and after else None
    return Comparison(
        intent=intent,
        verdict=Verdict.INCONCLUSIVE,
        baseline=arms[0],
        candidate=arms[1],
        ratio=p95.ratio,
        low=p95.low,
        high=p95.high,
        p_value=None if p95.low is None else found.p_value,
        mann_whitney_p=ranks.p_value,
        cliffs_delta=ranks.cliffs_delta,
        shift=shift(ranks.p_value, ranks.cliffs_delta, p50=p50, p95=p95),
        cause=_cause(pair, arms, figures, parts) if slower else Cause.NONE,
        parts=parts,
        figures=figures,
        budgets=budget_checks(intent, arms[1], b, pair.candidate, rules),
        reasons=tuple(_reasons(intent, a, b, arms, rules)),
    )


def _one_sided(
    intent: str, a: Columns, b: Columns, rules: Rules, about: tuple[About, About]
) -> Comparison:
    sorted_a, sorted_b = _alone(a, "the baseline"), _alone(b, "the candidate")
    arms = (summary(about[0], a, sorted_a, rules), summary(about[1], b, sorted_b, rules))
    return Comparison(
        intent=intent,
        verdict=Verdict.INCONCLUSIVE,
        baseline=arms[0],
        candidate=arms[1],
        budgets=budget_checks(intent, arms[1], b, sorted_b, rules),
        reasons=tuple(_reasons(intent, a, b, arms, rules)),
    )


def _alone(side: Columns, name: str) -> Floats:
    return ordered(side.total, name=name) if side.total.size else NONE


def _reasons(
    intent: str, a: Columns, b: Columns, arms: tuple[ArmSummary, ArmSummary], rules: Rules
) -> Iterator[Reason]:
    if reason := doubts.of_counts(intent, *arms, rules.needed):
        yield reason
    yield from doubts.of_failures(*arms)
    for found in (
        _drift("baseline", a),
        _drift("candidate", b),
        doubts.of_models(a.models, b.models),
        None if a.span and b.span else doubts.of_units(*arms),
    ):
        if found:
            yield found


def _drift(name: str, side: Columns) -> Reason | None:
    if side.at.size < FEWEST:
        return None
    found = trend(side.total[np.argsort(side.at, kind="stable")])
    return doubts.of_drift(name, found.p_value, found.change)


def _cause(
    pair: Pair,
    arms: tuple[ArmSummary, ArmSummary],
    figures: tuple[Figure, ...],
    parts: Parts | None,
) -> Cause:
    ratios = {figure.name: figure.ratio for figure in figures}
    shares = {figure.name: figure for figure in figures}[Metric.FAILURES]
    growth = causes.Growth(
        p95=ratios[Metric.P95],
        answered_p95=_answered_ratio(pair),
        input_tokens=ratios.get(Metric.INPUT_TOKENS) or _declared(*arms),
        output_tokens=ratios.get(Metric.OUTPUT_TOKENS),
        more_failures=(shares.candidate or 0) > (shares.baseline or 0),
    )
    return causes.cause(parts, growth)


def _answered_ratio(pair: Pair) -> float | None:
    below, above = answered(pair.baseline), answered(pair.candidate)
    if not below.size or not above.size:
        return None
    return divided(quantile_sorted(above, PRIMARY), quantile_sorted(below, PRIMARY))


def _declared(a: ArmSummary, b: ArmSummary) -> float | None:
    if not a.prompt_tokens or b.prompt_tokens is None:
        return None
    return b.prompt_tokens / a.prompt_tokens
