"""Whether recommendations sell worse than usual, by counts that a stranger publishes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest

from blackbox.seeding import Answer, Metric, Minutes, Sandbox

BUSINESS = "MangaAssist/Business"
CLICKS, PURCHASES, CARTS = "recommendation_clicks", "recommendation_purchases", "cart_abandonments"
HELD = ["trigger", "cache-stale"]
"""Every cached product of the sandbox is in stock: that much and no more is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Counts of half an hour; None is not published."""

    clicks: float | None = None
    purchases: float | None = None
    carts: float | None = None


USUAL = Day(clicks=100, purchases=10, carts=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """Today, and the same half hours of the days before, newest first."""

    name: str
    today: Day
    before: Sequence[Day | None] = (USUAL,) * 7
    asks_further: bool = False
    missing: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


TRADES = [
    Trade(name="as usual", today=USUAL),
    Trade(name="exactly 20 % worse", today=Day(clicks=100, purchases=8, carts=20)),
    Trade(
        name="a little more than 20 % worse",
        today=Day(clicks=1000, purchases=79, carts=20),
        asks_further=True,
    ),
    Trade(name="better", today=Day(clicks=100, purchases=30, carts=0)),
    Trade(
        name="nothing was ever bought",
        today=Day(clicks=90, purchases=0, carts=20),
        before=(Day(clicks=100, purchases=0, carts=20),) * 7,
    ),
    Trade(name="carts exactly doubled", today=Day(clicks=100, purchases=10, carts=40)),
    Trade(
        name="carts more than doubled",
        today=Day(clicks=100, purchases=10, carts=41),
        asks_further=True,
    ),
    Trade(
        name="carts doubled against yesterday, not against the week",
        today=Day(clicks=100, purchases=10, carts=50),
        before=(USUAL, *(Day(clicks=100, purchases=10, carts=60),) * 6),
        asks_further=True,
    ),
    Trade(
        name="carts doubled, nothing else is published",
        today=Day(carts=41),
        before=(Day(carts=20),),
        asks_further=True,
    ),
    Trade(
        name="no earlier day",
        today=USUAL,
        before=(),
        missing=("abandonments", "clicks", "purchases"),
    ),
    Trade(name="nothing is published", today=Day(), before=(), missing=("abandonments", "clicks")),
    Trade(
        name="only carts are published, as usual",
        today=Day(carts=20),
        before=(Day(carts=20),),
        missing=("clicks", "purchases"),
    ),
    Trade(
        name="no earlier day but one of a week ago, half as good",
        today=Day(clicks=100, purchases=5, carts=20),
        before=(*(None,) * 6, USUAL),
        asks_further=True,
    ),
    Trade(
        name="a complaint, and nothing is published",
        today=Day(),
        before=(),
        words=("--set", "product=K-1"),
        asks_further=True,
    ),
    Trade(
        name="a limit of one's own",
        today=Day(clicks=100, purchases=8, carts=20),
        words=("--set", "conversion_drop=0.19"),
        asks_further=True,
    ),
]


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> Iterator[dict[str, Future[Answer]]]:
    """Each at an hour of the day of its own: the earlier days are those of no other."""
    end = sandbox.slot()
    assert len(TRADES) < 24
    with ThreadPoolExecutor(4) as pool:
        asked = {}
        for hours, trade in enumerate(TRADES):
            at = end - timedelta(hours=hours)
            for days, day in enumerate((trade.today, *trade.before)):
                sandbox.put(at - timedelta(days=days), _published(day))
            asked[trade.name] = pool.submit(
                sandbox.diagnose, "stale-recommendations", at, *trade.words
            )
        yield asked


def _published(day: Day | None) -> list[Metric]:
    counts = {CLICKS: day.clicks, PURCHASES: day.purchases, CARTS: day.carts} if day else {}
    return [Metric(BUSINESS, name, _once(count)) for name, count in counts.items()]


def _once(count: float | None) -> Minutes:
    return lambda age: count if age == 11 else None


@pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.name)
def test_trade_is_judged(trade: Trade, answers: dict[str, Future[Answer]]) -> None:
    answer = answers[trade.name].result()
    if trade.missing:
        assert answer.verdict == ("inconclusive", "none", None, 4), answer.document
        assert set(trade.missing) <= set(answer.missing)
    else:
        assert (answer.document["status"], answer.code) == ("healthy", 0), answer.document
    assert answer.nodes == (HELD if trade.asks_further else ["trigger"])
