"""A comparison by hand: the seed's scenario 5 with all that a report can say."""

from __future__ import annotations

import math

from mangaops.bench.comparing.comparison import (
    ArmSummary,
    BudgetCheck,
    Cause,
    Comparison,
    Doubt,
    Figure,
    Metric,
    Parts,
    Reason,
    Report,
    Shift,
    Verdict,
)

SLOWER = Comparison(
    intent="recommendation",
    verdict=Verdict.FAIL,
    severity="SEV-2",
    baseline=ArmSummary(
        version="v2.0",
        samples=200,
        failures=0,
        run="b-1",
        prompt_tokens=180,
        p50_ms=1180,
        p95_ms=2410,
        p95_low_ms=2200,
        p95_high_ms=2650,
        p99_ms=2890,
        mean_ms=1300,
    ),
    candidate=ArmSummary(
        version="v2.1",
        samples=200,
        failures=4,
        run="b-1",
        prompt_tokens=520,
        p50_ms=1620,
        p95_ms=3210,
        p95_low_ms=3050,
        p95_high_ms=math.inf,
        p99_ms=math.inf,
        mean_ms=math.inf,
    ),
    ratio=1.332,
    low=1.21,
    high=1.44,
    p_value=0.00025,
    holm_p=0.00075,
    mann_whitney_p=1e-9,
    cliffs_delta=0.41,
    shift=Shift.WHOLE,
    cause=Cause.LONGER_PROMPT_AND_OUTPUT,
    parts=Parts(first_token_ms=120, output_length_ms=500, generation_speed_ms=60, remainder_ms=0),
    figures=(
        Figure(
            name=Metric.P95,
            unit="ms",
            baseline=2410,
            candidate=3210,
            ratio=1.332,
            low=1.21,
            high=1.44,
        ),
        Figure(name=Metric.FIRST_TOKEN_P95, unit="ms", baseline=1050, candidate=1380, ratio=1.31),
        Figure(
            name=Metric.MS_PER_TOKEN,
            unit="ms",
            baseline=2.41,
            candidate=2.47,
            ratio=1.02,
            low=0.98,
            high=1.06,
        ),
        Figure(name=Metric.FAILURES, unit="", baseline=0, candidate=0.02),
    ),
    budgets=(
        BudgetCheck(name="p95_ms", unit="ms", limit=3000, observed=3210, kept=False),
        BudgetCheck(name="prompt_tokens", unit="tokens", limit=520, observed=520, kept=True),
        BudgetCheck(name="output_tokens", unit="tokens", limit=350, observed=None, kept=None),
    ),
    reasons=(Reason(doubt=Doubt.FAILURES, text="4 of 200 calls of v2.1 failed, none of v2.0"),),
)
SAME = Comparison(
    intent="faq",
    verdict=Verdict.PASS,
    baseline=ArmSummary(version="v2.0", samples=200, failures=0, p95_ms=900),
    candidate=ArmSummary(version="v2.1", samples=200, failures=0, p95_ms=910),
    ratio=1.011,
    low=0.93,
    high=1.09,
)
TOO_FEW = Comparison(
    intent="product_question",
    verdict=Verdict.INCONCLUSIVE,
    baseline=ArmSummary(version="v2.0", samples=40, failures=0, p95_ms=1300),
    candidate=ArmSummary(version="v2.1", samples=40, failures=40, p95_ms=math.inf),
    ratio=math.inf,
    low=0.0,
    high=math.inf,
    reasons=(
        Reason(doubt=Doubt.NOT_INTERLEAVED, text="the calls were not interleaved"),
        Reason(doubt=Doubt.TOO_FEW, text="40 calls a side carry no p95", decides=True),
    ),
)
REPORT = Report(
    comparisons=(SLOWER, SAME, TOO_FEW), baseline_run="b-1", candidate_run="b-1", seed=20
)
