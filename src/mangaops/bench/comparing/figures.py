"""The figures of one intent, from the columns of both sides: everything but the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from mangaops.bench.comparing import budget as budgets
from mangaops.bench.comparing.columns import Columns, Floats
from mangaops.bench.comparing.comparison import ArmSummary, BudgetCheck, Figure, Metric
from mangaops.bench.comparing.rules import PRIMARY, Rules
from mangaops.bench.statistics.pair import Pair
from mangaops.bench.statistics.quantile import limits, quantile_sorted, rank, within_p
from mangaops.bench.statistics.ratio import Ratio, mean_ratio

MS = "ms"
TOKENS = "tokens"
SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a side beside its samples."""

    version: str
    run: str = ""
    prompt_tokens: float | None = None


def supported(n: int, q: float) -> bool:
    """Whether n values carry a q-quantile: not when it would be the greatest of them."""
    return n > 0 and rank(n, q) < n


def answered(ascending: Floats) -> Floats:
    """The successful calls of a sorted column."""
    return ascending[: int(np.searchsorted(ascending, math.inf))]


def summary(about: About, side: Columns, ascending: Floats, rules: Rules) -> ArmSummary:
    """`ascending` is the sorted column of totals; empty where a side has no samples."""
    n, good = ascending.size, answered(ascending)
    low, high = limits(n, PRIMARY, rules.confidence) if n else (None, None)
    return ArmSummary(
        version=about.version,
        samples=n,
        failures=n - good.size,
        run=about.run,
        started_at=side.span[0] if side.span else None,
        prompt_tokens=about.prompt_tokens,
        p50_ms=_quantile(ascending, 0.5),
        p95_ms=_quantile(ascending, PRIMARY),
        p95_low_ms=None if low is None else float(ascending[low - 1]),
        p95_high_ms=None if high is None else float(ascending[high - 1]),
        p99_ms=_quantile(ascending, 0.99),
        mean_ms=float(good.mean()) if good.size else None,
    )


def _quantile(ascending: Floats, q: float) -> float | None:
    return quantile_sorted(ascending, q) if supported(ascending.size, q) else None


def quantile_figure(metric: Metric, q: float, pair: Pair, rules: Rules) -> tuple[Figure, Ratio]:
    """The ratio of a quantile. Its limits are None where a side's quantile has none."""
    sizes = (pair.baseline.size, pair.candidate.size)
    found = pair.quantile_ratio(
        q, resamples=rules.resamples, seed=rules.seed, confidence=rules.confidence
    )
    carried = all(supported(n, q) for n in sizes)
    limited = all(None not in limits(n, q, rules.confidence) for n in sizes)
    return _figure(metric, MS, _both(pair, q), found, carried=carried, limited=limited), found


def _both(pair: Pair, q: float) -> tuple[float | None, float | None]:
    return _quantile(pair.baseline, q), _quantile(pair.candidate, q)


def _figure(
    metric: Metric,
    unit: str,
    values: tuple[float | None, float | None],
    found: Ratio,
    *,
    carried: bool = True,
    limited: bool = True,
) -> Figure:
    ratio = found.ratio if carried else None
    known = limited and ratio is not None
    return Figure(
        name=metric,
        unit=unit,
        baseline=values[0],
        candidate=values[1],
        ratio=ratio,
        low=found.low if known else None,
        high=found.high if known else None,
    )


def secondary(a: Columns, b: Columns, rules: Rules) -> tuple[Figure, ...]:
    """First token, speed, tokens: each only where both sides report it."""
    figures = []
    for metric, q, before, after in (
        (Metric.FIRST_TOKEN_P95, PRIMARY, a.first_token, b.first_token),
        (Metric.MS_PER_TOKEN, 0.5, a.ms_per_token, b.ms_per_token),
    ):
        if before.size and after.size:
            figures.append(quantile_figure(metric, q, Pair.of(before, after), rules)[0])
    for metric, before, after in (
        (Metric.OUTPUT_TOKENS, a.output_tokens, b.output_tokens),
        (Metric.INPUT_TOKENS, a.input_tokens, b.input_tokens),
    ):
        if before.size and after.size:
            found = mean_ratio(before, after, confidence=rules.confidence)
            means = (float(before.mean()), float(after.mean()))
            limited = min(before.size, after.size) > 1
            figures.append(_figure(metric, TOKENS, means, found, limited=limited))
    return tuple(figures)


def failures(a: ArmSummary, b: ArmSummary, rules: Rules) -> Figure:
    """The share of failed calls; limits by the delta method on the logarithm (Katz 1978)."""
    shares = (a.failures / a.samples, b.failures / b.samples)
    figure = Figure(
        name=Metric.FAILURES, unit=SHARE, baseline=shares[0], candidate=shares[1], ratio=None
    )
    if not a.failures or not b.failures:
        return figure
    ratio = shares[1] / shares[0]
    error = math.sqrt(1 / a.failures - 1 / a.samples + 1 / b.failures - 1 / b.samples)
    reach = math.exp(NormalDist().inv_cdf(rules.confidence) * error)
    return Figure(
        name=Metric.FAILURES,
        unit=SHARE,
        baseline=shares[0],
        candidate=shares[1],
        ratio=ratio,
        low=ratio / reach,
        high=ratio * reach,
    )


def budget_checks(
    intent: str, arm: ArmSummary, side: Columns, ascending: Floats, rules: Rules
) -> tuple[BudgetCheck, ...]:
    """What the candidate was seen to take, against the budget of its intent."""
    budget = rules.budget(intent)
    checks = []
    if budget.output_tokens is not None:
        checks.append(_output(side.output_tokens, budget.output_tokens, rules))
    if budget.p95_ms is not None:
        check = budgets.observed(
            budgets.P95, budget.p95_ms, arm.p95_ms, low=arm.p95_low_ms, high=arm.p95_high_ms
        )
        within = int(np.searchsorted(ascending, budget.p95_ms, side="right"))
        p_value = within_p(ascending.size, PRIMARY, within) if ascending.size else None
        checks.append(budgets.with_p(check, p_value))
    return tuple(checks)


def _output(tokens: Floats, limit: int, rules: Rules) -> BudgetCheck:
    if tokens.size < rules.needed:
        return budgets.observed(budgets.OUTPUT, limit, None, low=None, high=None)
    mean = float(tokens.mean())
    error = float(tokens.std(ddof=1)) / math.sqrt(tokens.size)
    reach = NormalDist().inv_cdf(rules.confidence) * error
    return budgets.observed(budgets.OUTPUT, limit, mean, low=mean - reach, high=mean + reach)
