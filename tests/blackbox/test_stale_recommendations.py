"""stale-recommendations, by shops that a stranger makes with ordinary AWS and Redis calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from blackbox.seeding import Answer, Sandbox
from blackbox.shops import HORROR, SHONEN, Mapped, Shop, Street, answer_of

MISMATCH, FAILING = "cache-key-mismatch confirmed", "invalidator-failing confirmed"
DISCONNECTED = "invalidation-disconnected confirmed"
FULL = {"K-7": 4, "K-8": 2, "K-9": 1}

STOCK = [
    Shop(
        name="one left of each", conclusion="healthy cache-consistent", stock=dict.fromkeys(FULL, 1)
    ),
    Shop(name="none left of one", conclusion=MISMATCH, stock={**FULL, "K-9": 0}),
    Shop(name="one oversold", conclusion=MISMATCH, stock={**FULL, "K-9": -1}),
    Shop(
        name="one is not in the inventory",
        conclusion="inconclusive stock-unknown",
        stock={"K-7": 4, "K-8": 2},
        missing=("inventory",),
        at="cache-stale",
    ),
    Shop(
        name="one is not in the inventory, another is sold out",
        conclusion=MISMATCH,
        stock={"K-7": 0, "K-8": 2},
    ),
    Shop(
        name="one has no quantity",
        conclusion="inconclusive stock-unknown",
        stock={**FULL, "K-8": None},
        missing=("inventory",),
        at="cache-stale",
    ),
    Shop(
        name="what is sold out is not offered",
        conclusion="healthy cache-consistent",
        stock={**FULL, "K-99": 0},
    ),
    Shop(
        name="the product of the complaint is in stock, another is sold out",
        conclusion=MISMATCH,
        words=("--set", "product=K-7"),
    ),
]
CACHE = [
    Shop(
        name="nothing is cached",
        conclusion="inconclusive",
        shelf="no keys",
        missing=("cached",),
        at="cache-stale",
    ),
    Shop(
        name="only other things are cached",
        conclusion="inconclusive",
        shelf="other keys",
        missing=("cached",),
        at="cache-stale",
    ),
    Shop(
        name="one answer is not JSON, the other offers nothing sold out",
        conclusion="inconclusive answers-unreadable",
        shelf="one is not JSON",
        stock=FULL,
        at="cache-stale",
    ),
    Shop(
        name="one answer is not JSON, the other offers what is sold out",
        conclusion=MISMATCH,
        shelf="one is not JSON",
    ),
    Shop(
        name="one answer names no product, the other offers nothing sold out",
        conclusion="inconclusive answers-unreadable",
        shelf="one names no product",
        at="cache-stale",
    ),
]
PATH = [
    Shop(name="no stream", conclusion="inventory-stream-disabled confirmed", stream=False),
    Shop(
        name="no stream, no mapping",
        conclusion="inventory-stream-disabled confirmed",
        stream=False,
        mapped=Mapped.NOT,
    ),
    Shop(name="no mapping", conclusion="invalidation-missing confirmed", mapped=Mapped.NOT),
    Shop(
        name="a mapping of another table",
        conclusion="invalidation-missing confirmed",
        mapped=Mapped.OTHER_TABLE,
    ),
    Shop(name="a disabled mapping", conclusion=DISCONNECTED, mapped=Mapped.DISABLED),
    Shop(name="a mapping of the stream before", conclusion=DISCONNECTED, mapped=Mapped.OLD_STREAM),
    Shop(name="a mapping too many", conclusion=MISMATCH, mapped=Mapped.OLD_AND_NEW),
]
FUNCTION = [
    Shop(name="one error", conclusion=FAILING, errors=1.0),
    Shop(name="60,000 ms late", conclusion=MISMATCH, age_ms=60_000.0),
    Shop(name="60,001 ms late", conclusion=FAILING, age_ms=60_001.0),
    Shop(name="late, errors not counted", conclusion=FAILING, errors=None, age_ms=90_000.0),
    Shop(name="errors, lag not measured", conclusion=FAILING, errors=2.0, age_ms=None),
    Shop(
        name="on time, errors not counted",
        conclusion="inconclusive",
        errors=None,
        missing=("invalidator_errors",),
        at="invalidator-fails",
    ),
    Shop(
        name="no errors, lag not measured",
        conclusion="inconclusive",
        age_ms=None,
        missing=("iterator_age",),
        at="invalidator-fails",
    ),
    Shop(
        name="a limit of one's own",
        conclusion=MISMATCH,
        age_ms=70_000.0,
        words=("--set", "product=K-8", "--set", "iterator_age_limit_ms=70000"),
    ),
]
SHOPS = [*STOCK, *CACHE, *PATH, *FUNCTION]


@pytest.fixture(scope="module")
def street(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Street:
    home: Path = tmp_path_factory.mktemp("street")
    return Street(sandbox, SHOPS, home)


@pytest.fixture(scope="module")
def answers(street: Street) -> Iterator[dict[str, Future[Answer]]]:
    with ThreadPoolExecutor(4) as pool:
        yield {shop.name: pool.submit(street.ask, shop) for shop in SHOPS}


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.name)
def test_a_shop_leads_to(shop: Shop, answers: dict[str, Future[Answer]]) -> None:
    answer = answers[shop.name].result()
    assert answer.verdict == shop.verdict, (answer.nodes, answer.missing, answer.document)
    assert set(shop.missing) <= set(answer.missing), answer.missing
    if shop.at is not None:
        assert answer.nodes[-1] == shop.at, answer.nodes


def test_products_of_unknown_stock_are_named(answers: dict[str, Future[Answer]]) -> None:
    cause = answers["one is not in the inventory"].result().cause
    assert cause.endswith("does not tell the quantity of K-9, which cached answers offer.")


def test_keys_products_and_times_are_told(answers: dict[str, Future[Answer]]) -> None:
    keys, products, ttl = answers["no mapping"].result().document["report"]
    assert keys == f"Stale keys: {HORROR}, {SHONEN}"
    assert products == "Sold out: K-8 (2 days)"
    assert re.fullmatch(r"The affected answers live for another 11\d min at most", ttl)


@pytest.mark.parametrize(
    ("url", "told"),
    [("redis://127.0.0.1:9/0", "127.0.0.1:9"), ("", "no cache URL is set")],
    ids=["unreachable", "unset"],
)
def test_a_cache_that_is_not_seen_decides_nothing(street: Street, url: str, told: str) -> None:
    answer = street.ask(SHOPS[0], MANGAOPS_CACHE_URL=url)
    assert answer.verdict == ("inconclusive", "none", None, 4)
    assert answer.missing == ["cached"]
    assert told in answer.document["evidence"]["cached"]["detail"]


def test_of_too_many_keys_some_are_not_seen_and_nothing_is_called_consistent(
    street: Street,
) -> None:
    url = street.cache_url(14)
    with redis.Redis.from_url(url) as cache:
        pipe = cache.pipeline(transaction=False)
        for number in range(20_001):
            pipe.set(f"{SHONEN}:{number:05}", answer_of("K-7"))
        pipe.execute()
    answer = street.ask(SHOPS[0], MANGAOPS_CACHE_URL=url)
    assert answer.verdict == ("inconclusive", "none", "answers-unreadable", 4)
