"""`cached_answers` and `inventory`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from mangaops.errors import AwsError, AwsThrottled, AwsUnreachable
from mangaops.evidence.source import Stopped
from mangaops.evidence.sources.cached_answers import (
    MOST_KEYS,
    NO_URL,
    CachedAnswersReader,
    genre_of,
    rows_of,
)
from mangaops.evidence.sources.inventory import InventoryReader
from mangaops.model.evidence import Evidence, EvidenceState, Table
from mangaops.model.query import CachedAnswersQuery, InventoryQuery
from mangaops.model.resources import CacheEntries, CacheEntry, Stock
from mangaops.model.source import SOURCE_KINDS
from support.asking import Waiting, asked, at, declare

KEY = "precompute:genre:mystery:top_picks"
CACHE_QUERY = {"call": "SCAN, GET, PTTL", "pattern": "precompute:genre:*"}
COLUMNS = tuple(SOURCE_KINDS["cached_answers"].fields)


def _entry(value: object, key: str = KEY, ttl_s: float | None = 3600.0) -> CacheEntry:
    text = value if isinstance(value, str) or value is None else json.dumps(value)
    return CacheEntry(key=key, value=text, ttl_s=ttl_s)


ANSWER = {
    "response_text": "…",
    "recommendations": [{"product_id": "p1", "title": "One"}, {"product_id": 2}],
    "generated_at": "2026-11-21T10:30:00Z",
    "inventory_version": 17,
}


def _row(product: str | None, title: str | None = None, **more: object) -> dict[str, object]:
    return {
        "key": KEY,
        "genre": "mystery",
        "product_id": product,
        "title": title,
        "ttl_s": 3600.0,
        "generated_at": None,
        "inventory_version": None,
        **more,
    }


def test_every_recommended_product_is_a_row() -> None:
    told = {"generated_at": at(60).timestamp(), "inventory_version": "17"}
    assert tuple(rows_of(_entry(ANSWER))) == (_row("p1", "One", **told), _row("2", **told))


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "not json",
        "[1, 2]",
        "{}",
        {"recommendations": []},
        {"recommendations": "p1"},
        {"recommendations": [None]},
        {"recommendations": [{"product_id": ""}]},
        {"recommendations": [{"product_id": ["p1"]}]},
        {"recommendations": [{"product_id": True}], "generated_at": 5},
        "[" * 100_000,
    ],
)
def test_a_key_without_a_usable_product_is_one_row_without_product(value: object) -> None:
    assert tuple(rows_of(_entry(value))) == (_row(None),)


@pytest.mark.parametrize(
    ("key", "genre"),
    [
        (KEY, "mystery"),
        ("shop:precompute:genre:sci-fi:recommendations", "sci-fi"),
        ("precompute:genre:", None),
        ("precompute:product:p1", None),
    ],
)
def test_the_genre_is_in_the_key(key: str, genre: str | None) -> None:
    assert genre_of(key) == genre


@dataclass
class FakeCache:
    answer: CacheEntries | AwsError

    def prepare(self) -> None: ...

    def entries(self, pattern: str, *, most: int, check: Callable[[], None]) -> CacheEntries:
        assert (pattern, most) == ("precompute:genre:*", MOST_KEYS)
        check()
        if isinstance(self.answer, AwsError):
            raise self.answer
        return self.answer


def _cached(*entries: CacheEntry, more: bool = False, stop: Waiting | None = None) -> Evidence:
    reader = CachedAnswersReader(FakeCache(CacheEntries(entries=entries, more=more)))
    return reader.read(declare(CachedAnswersQuery()), asked(stop=stop))


def test_cached_answers_are_a_table_and_odd_keys_are_counted() -> None:
    odd = _entry("?", ttl_s=None)
    told = {"generated_at": at(60).timestamp(), "inventory_version": "17"}
    rows = (_row("p1", "One", **told), _row("2", **told), _row(None, ttl_s=None))
    assert _cached(_entry(ANSWER), odd) == Evidence(
        id="it",
        kind="cached_answers",
        state=EvidenceState.OK,
        value=Table(columns=COLUMNS, rows=rows),
        summary={
            "keys": 2,
            "rows": 3,
            "products": 2,
            "keys_without_product": 1,
            "keys_that_never_expire": 1,
        },
        query=CACHE_QUERY,
    )


def test_keys_beyond_the_cap_are_told() -> None:
    cached = _cached(_entry("?"), more=True)
    assert (cached.detail, cached.partial) == ("only 1 keys were read of more", True)


def test_keys_beyond_the_cap_are_one_row_of_nothing() -> None:
    value = _cached(_entry(ANSWER), more=True).value
    assert isinstance(value, Table)
    assert value.rows[-1] == dict.fromkeys(COLUMNS)


def test_no_key_at_all_is_no_data() -> None:
    assert _cached() == Evidence(
        id="it",
        kind="cached_answers",
        state=EvidenceState.NO_DATA,
        query=CACHE_QUERY,
        detail="no key matches precompute:genre:*",
    )


def test_without_a_cache_url_the_setting_is_named() -> None:
    evidence = CachedAnswersReader(None).read(declare(CachedAnswersQuery()), asked())
    assert evidence == Evidence(
        id="it",
        kind="cached_answers",
        state=EvidenceState.FAILED,
        query=CACHE_QUERY,
        detail=NO_URL,
    )


@pytest.mark.parametrize(
    ("code", "state"),
    [("TimeoutError", EvidenceState.TIMEOUT), ("ConnectionError", EvidenceState.FAILED)],
)
def test_an_unreachable_cache_tells_the_ways_in(code: str, state: EvidenceState) -> None:
    error = AwsUnreachable("refused", operation="redis", code=code, hint="forward a port")
    evidence = CachedAnswersReader(FakeCache(error)).read(declare(CachedAnswersQuery()), asked())
    assert (evidence.state, evidence.detail) == (state, "redis: refused; forward a port")


def test_a_stop_ends_the_reading_of_the_cache() -> None:
    with pytest.raises(Stopped):
        _cached(_entry("?"), stop=Waiting(requested=True))


@dataclass
class FakeInventory:
    stocked: tuple[Stock, ...] | AwsError = ()
    asked_for: list[str] = field(default_factory=list)
    pause: float = 0.0

    def prepare(self) -> None: ...

    def stock(
        self, table: str, product_ids: Iterable[str], *, wait: Callable[[float], object]
    ) -> tuple[Stock, ...]:
        assert table == "stock"
        self.asked_for += product_ids
        if self.pause:
            wait(self.pause)
        if isinstance(self.stocked, AwsError):
            raise self.stocked
        return self.stocked


def _source(*products: str | None, state: EvidenceState = EvidenceState.OK) -> Evidence:
    rows = tuple({"product_id": product} for product in products)
    value = Table(columns=("product_id",), rows=rows) if state is EvidenceState.OK else None
    return Evidence(id="cached", kind="cached_answers", state=state, value=value)


def _inventory(
    inventory: FakeInventory, *source: Evidence, stop: Waiting | None = None
) -> Evidence:
    query = InventoryQuery(table="stock", products_from="cached")
    return InventoryReader(inventory).read(declare(query), asked(*source, stop=stop))


def test_a_product_that_inventory_lacks_has_no_quantity() -> None:
    inventory = FakeInventory(stocked=(Stock(product_id="a", quantity=0, updated_at=at(90)),))
    row = {"product_id": "a", "quantity": 0, "updated_at": at(90).timestamp()}
    absent = {"product_id": "b", "quantity": None, "updated_at": None}
    assert _inventory(inventory, _source("a", None, "b", "a")) == Evidence(
        id="it",
        kind="inventory",
        state=EvidenceState.OK,
        value=Table(columns=tuple(row), rows=(row, absent)),
        summary={"rows": 2, "products_not_in_inventory": 1, "sold_out": 1},
        query={
            "call": "dynamodb:BatchGetItem",
            "table": "stock",
            "products_from": "cached.product_id",
            "keys": 2,
        },
        newest=at(90),
    )
    assert inventory.asked_for == ["a", "b"]


@pytest.mark.parametrize(
    ("source", "state", "told"),
    [
        ((), EvidenceState.FAILED, "not read"),
        ((_source(state=EvidenceState.DENIED),), EvidenceState.FAILED, "denied"),
        ((_source(state=EvidenceState.NO_DATA),), EvidenceState.NO_DATA, "no_data"),
    ],
)
def test_without_the_naming_evidence_nothing_is_asked(
    source: tuple[Evidence, ...], state: EvidenceState, told: str
) -> None:
    inventory = FakeInventory()
    evidence = _inventory(inventory, *source)
    assert (evidence.state, evidence.detail) == (
        state,
        f"which products to look up is unknown: cached is {told}",
    )
    assert inventory.asked_for == []


def test_throttling_is_a_failure() -> None:
    evidence = _inventory(FakeInventory(stocked=AwsThrottled("1 of 1 keys")), _source("a"))
    assert (evidence.state, evidence.detail) == (EvidenceState.FAILED, "1 of 1 keys")


def test_pauses_are_waited_on_the_stop() -> None:
    stop = Waiting()
    _inventory(FakeInventory(pause=0.05), _source("a"), stop=stop)
    assert stop.waits == [0.05]
    with pytest.raises(Stopped):
        _inventory(FakeInventory(pause=0.05), _source("a"), stop=Waiting(requested=True))
