"""Verdicts of hand-made comparisons: every edge, severity, and Holm."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from mangaops.bench.comparing.columns import Columns
from mangaops.bench.comparing.compare import drafted
from mangaops.bench.comparing.comparison import (
    ArmSummary,
    BudgetCheck,
    Comparison,
    Doubt,
    Reason,
    Report,
    Verdict,
)
from mangaops.bench.comparing.figures import About
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.comparing.verdict import decided, severity

RULES = Rules()


def draft(
    ratio: float | None = 1.0,
    low: float | None = 0.95,
    high: float | None = 1.05,
    p: float | None = 0.5,
    *,
    n: int = 200,
    intent: str = "faq",
    budget: BudgetCheck | None = None,
    reasons: tuple[Reason, ...] = (),
) -> Comparison:
    return Comparison(
        intent=intent,
        verdict=Verdict.INCONCLUSIVE,
        baseline=ArmSummary(version="a", samples=n, failures=0),
        candidate=ArmSummary(version="b", samples=n, failures=0),
        ratio=ratio,
        low=low,
        high=high,
        p_value=p,
        budgets=() if budget is None else (budget,),
        reasons=reasons,
    )


def p95(*, kept: bool | None, p: float = 0.5) -> BudgetCheck:
    return BudgetCheck(name="p95_ms", unit="ms", limit=3000, observed=3100, kept=kept, p_value=p)


@pytest.mark.parametrize(
    ("ratio", "low", "high", "verdict"),
    [
        (1.15, 1.01, 1.3, Verdict.FAIL),
        (1.149, 1.01, 1.3, Verdict.INCONCLUSIVE),
        (1.15, 1.00, 1.3, Verdict.INCONCLUSIVE),
        (1.30, 0.99, 1.6, Verdict.INCONCLUSIVE),
        (1.10, 1.05, 1.149, Verdict.PASS),
        (1.10, 1.05, 1.15, Verdict.INCONCLUSIVE),
        (0.80, 0.70, 0.9, Verdict.PASS),
        (2760 / 2400, 1.01, 1.3, Verdict.FAIL),
        (math.inf, math.inf, math.inf, Verdict.FAIL),
        (math.inf, 1.2, math.inf, Verdict.FAIL),
        (0.0, 0.0, 0.0, Verdict.PASS),
        (None, None, None, Verdict.INCONCLUSIVE),
    ],
)
@pytest.mark.parametrize("kept", [None, True], ids=["no budget", "within budget"])
def test_a_verdict_by_ratio_and_limits(
    ratio: float | None, low: float | None, high: float | None, verdict: Verdict, kept: bool | None
) -> None:
    budget = p95(kept=kept) if kept else None
    (found,) = decided([draft(ratio, low, high, 0.01, budget=budget)], RULES)
    assert found.verdict is verdict
    assert any(one.decides for one in found.reasons) is (verdict is Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("kept", "verdict"),
    [(True, Verdict.PASS), (None, Verdict.INCONCLUSIVE), (False, Verdict.FAIL)],
)
def test_a_budget_fails_what_is_no_slower(kept: bool | None, verdict: Verdict) -> None:
    (found,) = decided([draft(budget=p95(kept=kept, p=0.001))], RULES)
    assert found.verdict is verdict
    assert found.severity == ("SEV-3" if verdict is Verdict.FAIL else None)


def test_a_reason_that_decides_is_stronger_than_any_figure() -> None:
    told = Reason(doubt=Doubt.DRIFT, text="a")
    few = Reason(doubt=Doubt.TOO_FEW, text="b", decides=True)
    given = draft(2, 1.9, 2.1, 0.001, budget=p95(kept=False, p=0.001), reasons=(told, few))
    (found,) = decided([given], RULES)
    assert (found.verdict, found.severity, found.reasons) == (
        Verdict.INCONCLUSIVE,
        None,
        (told, few),
    )
    assert [check.kept for check in found.budgets] == [None]


@pytest.mark.parametrize(
    ("ratio", "name"),
    [
        (1.15, "SEV-3"),
        (1.25, "SEV-3"),
        (1.2501, "SEV-2"),
        (1.5, "SEV-2"),
        (1.5001, "SEV-1"),
        (math.inf, "SEV-1"),
        (None, "SEV-3"),
        (0.9, "SEV-3"),
    ],
)
def test_severity_by_size(ratio: float | None, name: str) -> None:
    assert severity(ratio) == name


def test_one_slow_intent_among_many_may_be_chance() -> None:
    slow = draft(1.3, 1.02, 1.6, 0.03, intent="recommendation")
    assert decided([slow], RULES)[0].verdict is Verdict.FAIL
    found, *others = decided([slow, *(draft(intent=str(i)) for i in range(4))], RULES)
    assert (found.verdict, found.holm_p) == (Verdict.INCONCLUSIVE, 0.15)
    assert found.reasons == (
        Reason(
            doubt=Doubt.SEVERAL_INTENTS,
            text="slower or over its budget, but one such among so many intents is expected by "
            "chance: the corrected p value is above 0.05",
            decides=True,
        ),
    )
    assert {one.verdict for one in others} == {Verdict.PASS}


def test_a_clear_regression_among_many_stays_one() -> None:
    slow = draft(1.3, 1.1, 1.6, 0.0003)
    found, *_ = decided([slow, *(draft(intent=str(i)) for i in range(9))], RULES)
    assert (found.verdict, found.holm_p) == (Verdict.FAIL, pytest.approx(0.003))


def test_what_can_have_no_verdict_costs_the_others_nothing() -> None:
    few = Reason(doubt=Doubt.TOO_FEW, text="few", decides=True)
    slow = draft(1.3, 1.02, 1.6, 0.03)
    found, *others = decided([slow, *(draft(p=0.01, reasons=(few,)) for _ in range(9))], RULES)
    assert (found.verdict, found.holm_p) == (Verdict.FAIL, 0.03)
    assert {one.holm_p for one in others} == {None}


def test_budgets_are_a_family_of_their_own() -> None:
    over = draft(budget=p95(kept=False, p=0.03))
    slow = draft(1.3, 1.02, 1.6, 0.03)
    assert [one.verdict for one in decided([over, slow], RULES)] == [
        Verdict.FAIL,
        Verdict.INCONCLUSIVE,
    ]
    both = decided([over, over], RULES)
    assert [one.verdict for one in both] == [Verdict.INCONCLUSIVE] * 2
    (check,) = both[0].budgets
    assert (check.kept, check.detail) == (None, ", but among so many intents it may be chance")


def test_an_adjusted_p_value_does_not_undo_limits_that_stand_alone() -> None:
    # (100 + 1) / 4001 rounds to other figures than the limit's rank does
    (found,) = decided([draft(1.3, 1.001, 1.6, 0.0502)], RULES)
    assert found.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            draft(1.25, 0.99, 1.5),
            (
                "the ratio of the p95 lies between 0.99 and 1.50, and 1.15 is a regression: "
                "about 220 samples a side would tell"
            ),
        ),
        (
            draft(1.0, 0.8, 1.2),
            (
                "the ratio of the p95 lies between 0.80 and 1.20, and 1.15 is a regression: "
                "about 350 samples a side would tell"
            ),
        ),
        (
            draft(1.14, 0.9, 1.4),
            (
                "the ratio of the p95 lies between 0.90 and 1.40, and 1.15 is a regression: "
                "more than 10 times as many samples would have to tell"
            ),
        ),
        (
            draft(1.14, 0.9, math.inf),
            (
                "the ratio of the p95 lies between 0.90 and infinite, and 1.15 is a regression: "
                "more than 10 times as many samples would have to tell"
            ),
        ),
        (
            draft(budget=p95(kept=None)),
            (
                "the p95 of 3100 ms is over the budget of 3000 ms, but may be below it with more "
                "samples"
            ),
        ),
        (draft(None, None, None), "the p95 of both sides is 0: there is no ratio"),
    ],
    ids=["slower", "even", "at the margin", "no upper limit", "budget", "no ratio"],
)
def test_an_open_verdict_says_why(given: Comparison, text: str) -> None:
    (found,) = decided([given], RULES)
    doubt = Doubt.UNDECIDED if given.ratio else Doubt.NO_RATIO
    assert found.reasons == (Reason(doubt=doubt, text=text, decides=True),)


@pytest.mark.parametrize(
    ("ratio", "low", "before", "doubt", "better"),
    [
        (1.3, 1.1, 2000.0, None, True),
        (1.3, 1.1, 3500.0, None, True),
        (1.1, 1.05, 2000.0, None, True),
        (1.1, 1.05, 3500.0, None, False),
        (1.1, 1.05, None, None, False),
        (0.9, 0.8, 2000.0, None, False),
        (None, None, 2000.0, None, False),
        (1.3, 1.1, 2000.0, Reason(doubt=Doubt.SAME_PROMPT, text=""), False),
        (1.3, 1.1, 2000.0, Reason(doubt=Doubt.MOVED_TOGETHER, text="", decides=True), False),
        (1.3, 1.1, 2000.0, Reason(doubt=Doubt.NOT_INTERLEAVED, text=""), True),
    ],
)
def test_going_back_helps_only_to_what_is_better(
    ratio: float | None,
    low: float | None,
    before: float | None,
    doubt: Reason | None,
    better: bool,
) -> None:
    """3,000 ms are the budget, and what is slower by less than 15 % fails by it alone."""
    one = draft(ratio, low, budget=p95(kept=False), reasons=(doubt,) if doubt else ())
    one = replace(one, verdict=Verdict.FAIL, baseline=replace(one.baseline, p95_ms=before))
    assert Report(comparisons=(one,)).ways_back == ((one,) if better else ())


def test_a_reason_that_takes_the_blame_leaves_the_budget() -> None:
    together = Reason(doubt=Doubt.MOVED_TOGETHER, text="a", decides=True)
    for kept, verdict, name in (
        (False, Verdict.FAIL, "SEV-3"),
        (True, Verdict.INCONCLUSIVE, None),
        (None, Verdict.INCONCLUSIVE, None),
    ):
        given = draft(2, 1.9, 2.1, 0.001, budget=p95(kept=kept, p=0.001), reasons=(together,))
        (found,) = decided([given], RULES)
        assert (found.verdict, found.severity, found.reasons) == (verdict, name, (together,))
        assert [check.kept for check in found.budgets] == [kept]


def test_nothing_compared_is_nothing_decided() -> None:
    assert decided([], RULES) == ()


def test_of_five_intents_that_did_not_change_rarely_one_fails() -> None:
    """By simulation: without the correction about one report in seven would."""
    generator = np.random.Generator(np.random.PCG64(5))

    def unchanged() -> Comparison:
        a, b = (Columns(total=generator.lognormal(7, 0.434, 100)) for _ in range(2))
        about = (About(version="a"), About(version="b"))
        return drafted("faq", a, b, RULES, about=about)

    reports = [[unchanged() for _ in range(5)] for _ in range(120)]
    together = sum(_fails(decided(drafts, RULES)) for drafts in reports)
    alone = sum(any(_fails(decided([one], RULES)) for one in drafts) for drafts in reports)
    assert together <= 0.05 * len(reports)
    assert alone >= 0.10 * len(reports)


def _fails(comparisons: tuple[Comparison, ...]) -> bool:
    return any(one.verdict is Verdict.FAIL for one in comparisons)
