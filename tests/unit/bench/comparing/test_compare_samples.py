"""`bench.compare` of two samples: its statements, and every odd input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from mangaops import bench
from mangaops.bench.comparing.comparison import (
    BudgetCheck,
    Cause,
    Doubt,
    Metric,
    Reason,
    Shift,
    Verdict,
)
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.runs.sample import Sample
from mangaops.errors import InputError
from mangaops.model.settings import LatencyBudget
from support.latencies import latencies

START = datetime(2026, 1, 7, 3, 0, tzinfo=UTC)
INF = math.inf


def call(number: int, total: float | None = 1000.0, **more: Any) -> Sample:
    given: dict[str, Any] = {
        "intent": "faq",
        "arm": 0,
        "model": "sonnet",
        "started_at": START + timedelta(seconds=number),
        "first_token_ms": None if total is None else total / 4,
        "total_ms": total,
        "input_tokens": 200,
        "output_tokens": 101,
        "failure": "timeout" if total is None else None,
    }
    return Sample(number=number, **(given | more))


def calls(totals: Sequence[float], **more: Any) -> list[Sample]:
    return [call(i, total, **more) for i, total in enumerate(shuffled(totals))]


def shuffled(totals: Sequence[float]) -> list[float]:
    """In an order without a trend, the same every time."""
    return [totals[i * 7919 % len(totals)] for i in range(len(totals))]


def doubts(found: bench.Comparison) -> dict[Doubt, bool]:
    return {reason.doubt: reason.decides for reason in found.reasons}


@pytest.mark.parametrize(
    ("n", "factor", "verdict", "severity"),
    [
        (200, 1.0, Verdict.INCONCLUSIVE, None),
        (1000, 1.0, Verdict.PASS, None),
        (200, 1.33, Verdict.FAIL, "SEV-2"),
        (400, 1.2, Verdict.FAIL, "SEV-3"),
        (200, 1.6, Verdict.FAIL, "SEV-1"),
        (60, 1.2, Verdict.INCONCLUSIVE, None),
        (200, 0.5, Verdict.PASS, None),
        (20_000, 1.02, Verdict.PASS, None),
        (59, 3.0, Verdict.INCONCLUSIVE, None),
        (60, 3.0, Verdict.FAIL, "SEV-1"),
    ],
)
def test_a_verdict_needs_size_and_certainty(
    n: int, factor: float, verdict: Verdict, severity: str | None
) -> None:
    found = bench.compare(latencies(n), latencies(n, factor))
    assert (found.verdict, found.severity) == (verdict, severity)
    assert found.ratio == pytest.approx(factor)


def test_significance_without_size_is_no_failure() -> None:
    found = bench.compare(latencies(20_000), latencies(20_000, 1.02))
    assert found.mann_whitney_p is not None
    assert found.low is not None
    assert found.mann_whitney_p < 0.001
    assert found.low > 1
    assert (found.verdict, found.shift) == (Verdict.PASS, Shift.NONE)


def test_size_without_certainty_is_inconclusive_and_says_what_would_tell() -> None:
    found = bench.compare(latencies(60), latencies(60, 1.25))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reasons == (
        Reason(
            doubt=Doubt.UNDECIDED,
            text="the ratio of the p95 lies between 0.97 and 1.64, and 1.15 is a regression: "
            "about 77 samples a side would tell",
            decides=True,
        ),
    )


def test_numbers_alone_give_the_quantiles_that_they_carry() -> None:
    found = bench.compare([float(i) for i in range(1, 101)], np.arange(2.0, 202.0, 2.0))
    arm = found.candidate
    assert (arm.version, arm.samples, arm.failures) == ("candidate", 100, 0)
    assert (arm.p50_ms, arm.p95_ms, arm.p99_ms, arm.mean_ms) == (100, 190, 198, 101)
    assert arm.p95_low_ms is not None
    assert arm.p95_low_ms < 190
    assert found.ratio == 2
    assert [figure.name for figure in found.figures] == [Metric.P95, Metric.P50, Metric.FAILURES]
    assert (found.verdict, found.cause, found.parts) == (Verdict.FAIL, Cause.UNEXPLAINED, None)


@pytest.mark.parametrize(
    ("n", "p50", "p95", "p99"),
    [
        (1, None, None, None),
        (2, 1, None, None),
        (19, 10, None, None),
        (20, 10, 19, None),
        (99, 50, 95, None),
        (100, 50, 95, 99),
    ],
)
def test_a_quantile_that_would_be_the_greatest_value_is_not_given(
    n: int, p50: float | None, p95: float | None, p99: float | None
) -> None:
    arm = bench.compare([float(i) for i in range(1, n + 1)], [1.0]).baseline
    assert (arm.p50_ms, arm.p95_ms, arm.p99_ms) == (p50, p95, p99)


def test_few_samples_give_a_ratio_but_no_limits() -> None:
    found = bench.compare(latencies(58), latencies(58, 2))
    assert found.ratio == pytest.approx(2)
    assert (found.low, found.high, found.p_value) == (None, None, None)
    assert found.reasons == (
        Reason(
            doubt=Doubt.TOO_FEW,
            text="too few samples: 58 in the baseline and 58 in the candidate; "
            "a p95 needs 60 a side",
            decides=True,
        ),
    )


@pytest.mark.parametrize(
    ("baseline", "candidate", "text"),
    [
        ([], [1.0], "the baseline has no samples"),
        ([1.0], [], "the candidate has no samples"),
        ([], [], "neither side has samples"),
        ([], [call(1)], "the baseline has no samples of faq"),
        ([call(1, warm_up=True)], [call(1)], "the baseline has no samples of faq"),
    ],
    ids=["no baseline", "no candidate", "neither", "calls", "warm-up alone"],
)
def test_one_side_without_samples_is_inconclusive(
    baseline: list[float], candidate: list[float], text: str
) -> None:
    found = bench.compare(baseline, candidate)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reasons == (Reason(doubt=Doubt.ONE_SIDED, text=text, decides=True),)
    assert (found.ratio, found.mann_whitney_p, found.figures) == (None, None, ())


@pytest.mark.parametrize(
    ("side", "says"),
    [
        ([1.0, math.nan], "NaN"),
        ([1.0, -0.5], "-0.5"),
        (["fast"], "no number"),
        ([[1.0, 2.0]], "2 dimensions"),
        (np.ones((2, 2)), "2 dimensions"),
        ([1.0, call(1)], "numbers and calls"),
        ("123", "no sequence"),
        (7.0, "no sequence"),
        (None, "no sequence"),
        ([call(1), 1.0], "numbers and calls"),
    ],
    ids=[
        "nan",
        "negative",
        "a word",
        "nested",
        "matrix",
        "mixed",
        "text",
        "a number",
        "nothing",
        "mixed the other way",
    ],
)
@pytest.mark.parametrize("position", [0, 1], ids=["baseline", "candidate"])
@pytest.mark.parametrize("other", [[1.0, 2.0], []], ids=["against some", "against none"])
def test_what_is_no_latency_is_refused(
    side: Any, says: str, position: int, other: list[float]
) -> None:
    given = (side, other) if position == 0 else (other, side)
    with pytest.raises(InputError, match=says) as refused:
        bench.compare(*given)
    assert ("baseline", "candidate")[position] in refused.value.what


def test_identical_samples_pass_and_nothing_moved() -> None:
    found = bench.compare(latencies(1000), latencies(1000))
    assert (found.ratio, found.cliffs_delta, found.mann_whitney_p) == (1, 0, 1)
    assert (found.verdict, found.shift, found.cause) == (Verdict.PASS, Shift.NONE, Cause.NONE)


@pytest.mark.parametrize(
    ("a", "b", "verdict", "ratio"),
    [
        (100.0, 100.0, Verdict.PASS, 1.0),
        (100.0, 115.0, Verdict.FAIL, 1.15),
        (100.0, 114.0, Verdict.PASS, 1.14),
        (0.0, 0.0, Verdict.INCONCLUSIVE, None),
        (0.0, 1.0, Verdict.FAIL, INF),
        (1.0, 0.0, Verdict.PASS, 0.0),
        (INF, 1.0, Verdict.PASS, 0.0),
        (1.0, INF, Verdict.FAIL, INF),
        (INF, INF, Verdict.INCONCLUSIVE, None),
    ],
)
def test_ties_zeros_and_failures_have_defined_ratios(
    a: float, b: float, verdict: Verdict, ratio: float | None
) -> None:
    found = bench.compare([a] * 60, [b] * 60)
    assert (found.verdict, found.ratio) == (verdict, ratio)
    assert all(not math.isnan(value) for value in (found.low or 0, found.high or 0))


def test_a_version_that_fails_fast_is_not_a_fast_version() -> None:
    fast = [call(i, 100.0) for i in range(80)] + [call(i, None) for i in range(80, 100)]
    found = bench.compare([call(i) for i in range(100)], fast)
    assert (found.verdict, found.severity, found.ratio) == (Verdict.FAIL, "SEV-1", INF)
    assert found.cause is Cause.MORE_FAILURES
    assert (found.candidate.failures, found.candidate.mean_ms) == (20, 100)
    assert doubts(found) == {Doubt.FAILURES: False, Doubt.DRIFT: False}


def test_a_p95_that_failed_on_both_sides_decides() -> None:
    bad = latencies(90) + [INF] * 10
    found = bench.compare(bad, bad)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert [(one.text, one.decides) for one in found.reasons] == [
        ("10 of 100 calls of the baseline failed (10.0 %)", False),
        ("10 of 100 calls of the candidate failed (10.0 %)", False),
        ("so many calls failed that the p95 of both sides is a failed call", True),
    ]


def test_calls_have_all_figures() -> None:
    before = calls(latencies(200))
    after = [
        replace(one, input_tokens=540, output_tokens=146) for one in calls(latencies(200, 1.4))
    ]
    after[0] = call(0, None)
    found = bench.compare(before, after)
    figures = {figure.name: figure for figure in found.figures}
    assert tuple(figures) == tuple(Metric)
    assert figures["ttft_p95"].ratio == pytest.approx(1.4, rel=0.03)
    assert figures["ms_per_token"].baseline == pytest.approx(0.75 * 1180 / 100, rel=0.02)
    assert (figures["input_tokens"].baseline, figures["input_tokens"].ratio) == (200, 2.7)
    assert (figures["failures"].baseline, figures["failures"].candidate) == (0, 0.005)
    assert figures["failures"].ratio is None


def test_failure_shares_have_limits() -> None:
    before, after = ([call(i, None if i < k else 10.0) for i in range(200)] for k in (2, 8))
    found = bench.compare(before, after).figures[-1]
    assert (found.name, found.baseline, found.candidate) == (Metric.FAILURES, 0.01, 0.04)
    # Katz's limits of 8/200 over 2/200: 4 / exp(1.6449 sqrt(1/2 - 1/200 + 1/8 - 1/200))
    assert (found.ratio, found.low, found.high) == (
        4,
        pytest.approx(1.1019, abs=1e-3),
        pytest.approx(14.520, abs=2e-2),
    )


def test_warm_up_calls_count_for_nothing() -> None:
    warm = [call(1000 + i, 9e6, warm_up=True) for i in range(50)]
    plain = bench.compare(calls(latencies(100)), calls(latencies(100)))
    assert bench.compare(calls(latencies(100)) + warm, calls(latencies(100)) + warm) == plain


def test_sides_that_were_measured_one_after_the_other_are_told() -> None:
    later = calls(latencies(1000))
    before = [replace(one, started_at=one.started_at - timedelta(hours=2)) for one in later]
    found = bench.compare(before, later)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reasons == (
        Reason(
            doubt=Doubt.NOT_INTERLEAVED,
            text="not interleaved: the baseline began 2026-01-07 01:00, the candidate "
            "2026-01-07 03:00 UTC, and the load may have changed between them; "
            "there is no other intent as a control",
            decides=True,
        ),
    )


def test_sides_of_one_minute_are_told_by_their_seconds() -> None:
    found = bench.compare([call(0)], [call(1)])
    assert "began 2026-01-07 03:00:00, the candidate 2026-01-07 03:00:01 UTC" in "".join(
        reason.text for reason in found.reasons
    )


def test_another_model_decides() -> None:
    found = bench.compare(calls(latencies(60)), calls(latencies(60), model="haiku"))
    assert (
        Reason(
            doubt=Doubt.DIFFERENT_CONDITIONS, text="different model: sonnet and haiku", decides=True
        )
        in found.reasons
    )
    assert found.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("before", "after", "decides"),
    [(45, 40, None), (20, 80, True), (50, 53, None), (5, 40, True), (60, 70, None)],
)
def test_other_shares_of_two_models_decide(before: int, after: int, decides: bool | None) -> None:
    """Per cent of sonnet, among 200 calls; what may be chance is not worth a word."""
    sides = [
        [
            replace(one, model="sonnet" if one.number % 100 < share else "haiku")
            for one in calls(latencies(200))
        ]
        for share in (before, after)
    ]
    found = bench.compare(*sides)
    assert doubts(found).get(Doubt.DIFFERENT_CONDITIONS) is decides
    if decides:
        text = f"different share of haiku: {100 - before} % and {100 - after} %"
        assert (found.verdict, found.reasons[-1].text) == (Verdict.INCONCLUSIVE, text)


@pytest.mark.parametrize("factors", [(0.001, 1), (1, 0.001)])
def test_seconds_against_milliseconds_decide(factors: tuple[float, float]) -> None:
    found = bench.compare(*(latencies(100, factor) for factor in factors))
    assert doubts(found) == {Doubt.DIFFERENT_CONDITIONS: True}
    assert found.verdict is Verdict.INCONCLUSIVE


def test_calls_are_in_milliseconds_and_may_take_a_thousand_times_as_long() -> None:
    assert bench.compare(calls(latencies(100)), calls(latencies(100, 1000))).severity == "SEV-1"


@pytest.mark.parametrize("numbers", [(1e-6, 1e9), (1e9, 1e-6), (0.0, 1e9), (1e9, 1e9)])
@pytest.mark.filterwarnings("error")
def test_the_smallest_and_the_greatest_times_are_compared(numbers: tuple[float, float]) -> None:
    before, after = ([number] * 100 for number in numbers)
    assert bench.compare(before, after).baseline.mean_ms == pytest.approx(numbers[0])
    assert bench.compare(calls(before), calls(after)).baseline.samples == 100


def test_a_side_that_drifts_is_told_and_both_alike_change_no_verdict() -> None:
    slower = [one * (1 + i / 1000) for i, one in enumerate(shuffled(latencies(1000)))]
    drifting = [call(i, one) for i, one in enumerate(slower)]
    found = bench.compare(drifting, drifting)
    assert found.verdict is Verdict.PASS
    assert doubts(found) == {Doubt.DRIFT: False}
    assert [one.text.partition(":")[0] for one in found.reasons] == [
        "the baseline drifts",
        "the candidate drifts",
    ]


@pytest.mark.parametrize(
    ("limit", "verdict", "kept"),
    [
        (2000.0, Verdict.FAIL, False),
        (2400.0, Verdict.INCONCLUSIVE, None),
        (2500.0, Verdict.PASS, True),
    ],
)
def test_a_p95_fails_its_budget_by_its_lower_limit_and_keeps_it_by_its_point(
    limit: float, verdict: Verdict, kept: bool
) -> None:
    rules = Rules(budgets={"*": LatencyBudget(p95_ms=limit)})
    found = bench.compare(latencies(1000), latencies(1000), rules)
    assert found.verdict is verdict
    (check,) = found.budgets
    assert (check.name, check.unit, check.limit, check.kept) == ("p95_ms", "ms", limit, kept)
    assert check.observed == found.candidate.p95_ms


def test_output_tokens_are_held_against_the_budget_by_their_mean() -> None:
    rules = Rules(budgets={"*": LatencyBudget(output_tokens=100)})
    found = bench.compare(calls(latencies(100)), calls(latencies(100)), rules)
    assert found.budgets == (
        BudgetCheck(
            name="output_tokens",
            unit="tokens",
            limit=100,
            observed=101,
            kept=False,
            detail="the lower limit of the mean is over it",
        ),
    )


def test_the_same_samples_and_seed_give_the_same_comparison() -> None:
    a, b = latencies(200), latencies(200, 1.1)
    assert bench.compare(a, b) == bench.compare(tuple(b_ for b_ in a), np.array(b))
    assert bench.compare(a, b, Rules(seed=1)) != bench.compare(a, b, Rules(seed=2))


@pytest.mark.parametrize(
    ("side", "says"),
    [
        (np.ma.masked_greater(np.arange(60.0), 30), "masked array"),
        (np.full(60, 1 + 1j), "no number of milliseconds: complex"),
        (np.arange(60).astype("timedelta64[s]"), "no number of milliseconds: timedelta64"),
        (np.full(60, True), "no number of milliseconds: bool"),
        (np.full(60, "12"), "no number of milliseconds: <U2"),
        ({1.0: "one"}, "no sequence of latencies: dict"),
        ({1.0, 2.0}, "no sequence of latencies: set"),
        ([1e308] * 60, "1e\\+308 ms, and a time is 0 or 0.000001 to 1,000,000,000 ms"),
        ([5e-324] * 60, "4.94066e-324 ms, and a time is 0 or"),
    ],
    ids=["mask", "complex", "timedelta", "bool", "text", "dict", "set", "longest", "shortest"],
)
def test_what_would_lose_its_meaning_as_a_number_is_refused(side: Any, says: str) -> None:
    for a, b in ((side, [1.0] * 60), ([1.0] * 60, side)):
        with pytest.raises(InputError, match=says):
            bench.compare(a, b)


def test_any_iterable_is_a_side_and_so_is_a_column_of_a_frame() -> None:
    pandas = pytest.importorskip("pandas")
    wanted = bench.compare([2.0] * 60, [3.0] * 60)
    assert bench.compare((2.0 for _ in range(60)), iter([3.0] * 60)) == wanted
    column = pandas.Series([3.0] * 60, index=range(100, 160))
    assert bench.compare(np.full(60, 2), column) == wanted


def test_calls_of_several_intents_are_refused() -> None:
    with pytest.raises(InputError, match="several intents: faq, order"):
        bench.compare([call(1)], [call(2, intent="order")])


def test_calls_are_held_against_the_budget_of_their_intent() -> None:
    rules = Rules(budgets={"faq": LatencyBudget(p95_ms=100), "order": LatencyBudget(p95_ms=1)})
    found = bench.compare(calls(latencies(100)), calls(latencies(100)), rules)
    assert (found.intent, found.verdict) == ("faq", Verdict.FAIL)
    assert [check.limit for check in found.budgets] == [100]


def test_few_calls_keep_and_break_no_budget() -> None:
    rules = Rules(budgets={"*": LatencyBudget(output_tokens=100, p95_ms=3000)})
    found = bench.compare(calls(latencies(19)), calls(latencies(19)), rules)
    assert [(check.name, check.observed, check.kept) for check in found.budgets] == [
        ("output_tokens", None, None),
        ("p95_ms", None, None),
    ]
