"""Prompts against their intent's budget, before any call and as measured."""

from __future__ import annotations

import pytest

from mangaops.bench.comparing.budget import checked_prompt, observed
from mangaops.bench.comparing.comparison import BudgetCheck
from mangaops.bench.comparing.rules import Rules, budget_of
from mangaops.model.settings import Benchmarks, LatencyBudget

SEED = Benchmarks().budgets["recommendation"]


def _text(tokens: int) -> str:
    """Estimated to have `tokens`."""
    return "x" * int(tokens * 3.5)


def _prompt(kept: bool | None, seen: float | None, detail: str) -> BudgetCheck:
    return BudgetCheck(
        name="prompt_tokens", unit="tokens", limit=520, observed=seen, kept=kept, detail=detail
    )


@pytest.mark.parametrize(
    ("text", "declared", "check"),
    [
        (None, 520, _prompt(True, 520, "as the prompt declares")),
        (None, 521, _prompt(False, 521, "as the prompt declares")),
        (_text(500), None, _prompt(True, 500, "estimated from the text")),
        (_text(500), 400, _prompt(True, 400, "as the prompt declares")),
        (
            _text(600),
            None,
            _prompt(True, 600, "warning: the text may have 600 tokens; count them with the model"),
        ),
        (
            _text(600),
            520,
            _prompt(True, 520, "warning: the text may have 600 tokens; count them with the model"),
        ),
        (
            _text(650),
            None,
            _prompt(True, 650, "warning: the text may have 650 tokens; count them with the model"),
        ),
        (_text(652), None, _prompt(False, 652, "estimated from the text")),
        (_text(900), 180, _prompt(False, 900, "estimated from the text, which declares 180")),
        (
            None,
            None,
            _prompt(
                None,
                None,
                "the prompt of recommendation declares no tokens, and its text is unknown",
            ),
        ),
        ("", None, _prompt(True, 0, "estimated from the text")),
    ],
    ids=[
        "declared",
        "declared over",
        "estimated",
        "both",
        "estimate maybe over",
        "declared, estimate maybe over",
        "at 80 %",
        "over at 80 %",
        "declared too few",
        "nothing known",
        "empty",
    ],
)
def test_the_tokens_of_a_prompt(text: str | None, declared: int | None, check: BudgetCheck) -> None:
    found = checked_prompt("recommendation", text, declared, 350, SEED)
    assert found[0] == check


@pytest.mark.parametrize(
    ("most", "kept", "detail"),
    [
        (350, True, "max_output_tokens"),
        (300, True, "max_output_tokens"),
        (351, False, "max_output_tokens"),
        (
            None,
            False,
            "recommendation sets no max_output_tokens: the model's own maximum holds",
        ),
    ],
)
def test_the_most_that_a_prompt_may_answer(most: int | None, kept: bool, detail: str) -> None:
    assert checked_prompt("recommendation", None, 180, most, SEED)[1] == BudgetCheck(
        name="output_tokens", unit="tokens", limit=350, observed=most, kept=kept, detail=detail
    )


def test_no_budget_is_no_check() -> None:
    assert checked_prompt("faq", "text", 9000, None, LatencyBudget(p95_ms=3000)) == ()


@pytest.mark.parametrize(
    ("seen", "low", "high", "kept", "detail"),
    [
        (2900, 2800, 2999, True, ""),
        (3000, 2800, 3100, True, "the p95 of all calls may be over it"),
        (2900, 2800, None, True, "the p95 of all calls may be over it"),
        (3100, 3000, 3200, None, "the p95 of all calls may be below it"),
        (3100, 3001, 3200, False, "the lower limit of the p95 is over it"),
        (3100, None, 3200, None, "the p95 of all calls may be below it"),
        (None, None, None, None, "too few samples"),
    ],
)
def test_a_measured_figure(
    seen: float | None, low: float | None, high: float | None, kept: bool | None, detail: str
) -> None:
    assert observed("p95_ms", 3000, seen, low=low, high=high) == BudgetCheck(
        name="p95_ms", unit="ms", limit=3000, observed=seen, kept=kept, detail=detail
    )


def test_any_intents_budget_holds_where_its_own_says_nothing() -> None:
    budgets = {
        "*": LatencyBudget(p95_ms=3000, output_tokens=500),
        "faq": LatencyBudget(p95_ms=1500),
    }
    assert budget_of(budgets, "faq") == LatencyBudget(p95_ms=1500, output_tokens=500)
    assert budget_of(budgets, "other") == LatencyBudget(p95_ms=3000, output_tokens=500)
    assert budget_of({}, "faq") == LatencyBudget()
    assert Rules.of(Benchmarks()).budget("recommendation") == SEED
