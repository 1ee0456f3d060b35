"""What a run costs: estimated from both sides, and kept within its limit."""

from __future__ import annotations

import pytest

from mangaops.bench.measuring.cost import Load, Spending, cost, estimate, price_of
from mangaops.model.asking import Reply
from mangaops.model.settings import Benchmarks, Price
from mangaops.model.tokens import estimated_tokens

SONNET = Price(input=3, output=15)


def load(calls: int = 10, price: Price | None = SONNET) -> Load:
    return Load(
        intent="faq",
        arm=0,
        model="jp.anthropic.claude-sonnet-4-6",
        calls=calls,
        input_tokens=1000,
        output_tokens=200,
        price=price,
    )


def test_the_estimate_has_a_certain_part_and_a_most() -> None:
    found = estimate([load(), load(calls=5)])
    assert (found.calls, found.input_tokens, found.output_tokens) == (15, 15_000, 3_000)
    assert found.low_usd == pytest.approx(15 * 800 * 3e-6)
    assert found.high_usd == pytest.approx(15 * (1000 * 3e-6 + 200 * 15e-6))
    assert estimate([load(price=None)]).unpriced == ("jp.anthropic.claude-sonnet-4-6",)


def test_a_price_is_found_by_the_longest_part_of_the_id() -> None:
    prices = Benchmarks().prices
    assert price_of("jp.anthropic.claude-sonnet-4-6", prices) == SONNET
    assert price_of("amazon.nova-pro-v1:0", prices) is None
    special = {**prices, "claude-sonnet-4-6": Price(input=1, output=2)}
    assert price_of("jp.anthropic.claude-sonnet-4-6", special) == Price(input=1, output=2)


def test_what_was_read_from_the_cache_costs_a_tenth() -> None:
    assert cost(SONNET, 1000, 0, cached=1000) == pytest.approx(1000 * 3e-7)


def test_what_is_under_way_counts_with_the_most_it_can_cost() -> None:
    spending = Spending([load()], limit_usd=0.0125)  # two calls of 0.006 at most
    spending.begin("faq", 0)
    spending.begin("faq", 0)
    assert not spending.allows("faq", 0)
    spending.end("faq", 0, Reply(total_ms=1, input_tokens=1000, output_tokens=10))
    assert spending.usd == pytest.approx(0.00315)
    assert not spending.allows("faq", 0)
    spending.end("faq", 0, Reply(failure="ThrottlingException"))
    assert spending.usd == pytest.approx(0.00315)
    assert spending.allows("faq", 0)


@pytest.mark.parametrize(
    ("reply", "counts"),
    [
        (Reply(failure="timeout"), True),
        (Reply(failure="interrupted"), True),
        (Reply(failure="ModelStreamErrorException", first_token_ms=3), True),
        (Reply(failure="ServiceUnavailableException"), False),
    ],
    ids=lambda value: value.failure if isinstance(value, Reply) else str(value),
)
def test_a_call_that_broke_off_may_have_cost_all(reply: Reply, counts: bool) -> None:
    spending = Spending([load()], limit_usd=None)
    spending.begin("faq", 0)
    spending.end("faq", 0, reply)
    assert spending.usd == pytest.approx(load().call_usd if counts else 0)


def test_a_japanese_character_is_a_token_and_no_quarter_of_one() -> None:
    assert estimated_tokens("") == 0
    assert estimated_tokens("a" * 35) == 10
    assert estimated_tokens("漫画" * 50) == 105
    assert estimated_tokens("ちはやふる!") == 6
    assert estimated_tokens("😀" * 10) == 30
