"""Shops of one sandbox: each with an inventory table, an invalidator and a cache of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import redis

from blackbox.cases import EXIT_CODES
from blackbox.seeding import Answer, Metric, Sandbox

NO_CODE = b"PK\x05\x06" + bytes(18)
STREAM = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
SHONEN, HORROR = "precompute:genre:shonen:recommendations", "precompute:genre:horror:top_picks"


class Mapped(StrEnum):
    """How the invalidator is connected to the table."""

    CONNECTED = "connected"
    NOT = "not at all"
    DISABLED = "disabled"
    OLD_STREAM = "to the stream before"
    OTHER_TABLE = "to another table"
    OLD_AND_NEW = "to the stream before and, disabled no more, to the current one"


def answer_of(*products: str) -> str:
    """A pre-computed answer that recommends these."""
    listed = [{"product_id": name, "title": f"Volume {name}"} for name in products]
    return json.dumps({"response_text": "Try these.", "recommendations": listed})


SHELVES: Mapping[str, Mapping[str, str]] = {
    "two keys": {SHONEN: answer_of("K-7", "K-8"), HORROR: answer_of("K-8", "K-9")},
    "no keys": {},
    "other keys": {"session:12": "x", "precompute:product:K-7": "x"},
    "one is not JSON": {SHONEN: answer_of("K-7", "K-8"), HORROR: '{"recommendations": ['},
    "one names no product": {SHONEN: answer_of("K-7"), HORROR: '{"recommendations": [{"id": 1}]}'},
}
"""What is cached, by the name of the shelf; each is a database of the cache server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """`stock` None: the item has no quantity. A product that is not named has no item."""

    name: str
    conclusion: str
    stock: Mapping[str, int | None] = field(default_factory=lambda: {"K-7": 4, "K-8": 0, "K-9": 1})
    shelf: str = "two keys"
    stream: bool = True
    mapped: Mapped = Mapped.CONNECTED
    errors: float | None = 0.0
    age_ms: float | None = 340.0
    missing: tuple[str, ...] = ()
    at: str | None = None
    words: tuple[str, ...] = ("--set", "product=K-8")

    @property
    def verdict(self) -> tuple[str, str, str | None, int]:
        name, _, verdict = self.conclusion.partition(" ")
        if name in EXIT_CODES:
            return name, "none", verdict or None, EXIT_CODES[name]
        return "diagnosed", verdict, name, EXIT_CODES["diagnosed"]


class Street:
    """All shops of a sandbox, each an environment of one configuration file."""

    def __init__(self, sandbox: Sandbox, shops: Sequence[Shop], home: Path) -> None:
        self._sandbox = sandbox
        self._file = home / "street.yaml"
        self._numbers = {shop.name: number for number, shop in enumerate(shops)}
        assert len(self._numbers) == len(shops), "two shops have one name"
        self._end = sandbox.slot()
        environments = {f"shop-{n}": {"resources": _names(n)} for n in self._numbers.values()}
        self._file.write_text(
            json.dumps({"schema": "mangaops.config/1", "environments": environments}),
            encoding="utf-8",
        )
        for number, shelf in enumerate(SHELVES.values()):
            with redis.Redis.from_url(self.cache_url(number)) as cache:
                for key, text in shelf.items():
                    cache.set(key, text, ex=7000)
        for number, shop in enumerate(shops):
            self._open(number, shop)

    def cache_url(self, shelf: int) -> str:
        """A database of its own; the sandbox's own answers are in the first."""
        server, _, _ = self._sandbox.exports["MANGAOPS_CACHE_URL"].rpartition("/")
        return f"{server}/{shelf + 1}"

    def _open(self, number: int, shop: Shop) -> None:
        names = _names(number)
        table = _table(self._sandbox, names["inventory_table"], shop)
        functions = self._sandbox.client("lambda")
        functions.create_function(
            FunctionName=names["invalidator"],
            Runtime="python3.13",
            Role="arn:aws:iam::123456789012:role/inventory-invalidator",
            Handler="app.handler",
            Code={"ZipFile": NO_CODE},
        )

        def listen(arn: str, *, enabled: bool = True) -> None:
            functions.create_event_source_mapping(
                FunctionName=names["invalidator"],
                EventSourceArn=arn,
                StartingPosition="LATEST",
                Enabled=enabled,
            )

        _connect(self._sandbox, names["inventory_table"], table, shop, listen)
        named = {"FunctionName": names["invalidator"]}
        self._sandbox.put(
            self._end,
            [
                Metric("AWS/Lambda", "Errors", _once(shop.errors), named),
                Metric("AWS/Lambda", "IteratorAge", _once(shop.age_ms), named),
            ],
        )

    def ask(self, shop: Shop, **more: str) -> Answer:
        number = self._numbers[shop.name]
        words = ("--config", str(self._file), "--env", f"shop-{number}", *shop.words)
        urls = {"MANGAOPS_CACHE_URL": self.cache_url(list(SHELVES).index(shop.shelf))}
        return self._sandbox.diagnose(
            "stale-recommendations", self._end, *words, **{**urls, **more}
        )


def _names(number: int) -> dict[str, str]:
    return {"inventory_table": f"stock-{number}", "invalidator": f"drops-keys-{number}"}


def _once(value: float | None) -> Any:
    return lambda age: value if age == 17 else None


def _table(sandbox: Sandbox, name: str, shop: Shop) -> str:
    """The ARN of its stream, of its first one if there were several."""
    dynamodb = sandbox.client("dynamodb")
    made = dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "product_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "product_id", "AttributeType": "S"}],
        StreamSpecification=STREAM,
    )
    since = datetime.now(UTC) - timedelta(days=2, hours=3)
    for product, quantity in shop.stock.items():
        item = {"product_id": {"S": product}, "updated_at": {"S": since.isoformat()}}
        if quantity is not None:
            item["quantity"] = {"N": str(quantity)}
        dynamodb.put_item(TableName=name, Item=item)
    found: str = made["TableDescription"]["LatestStreamArn"]
    return found


def _connect(
    sandbox: Sandbox, name: str, stream: str, shop: Shop, listen: Callable[..., None]
) -> None:
    """Mappings as the shop has them, and then its table's stream."""
    dynamodb = sandbox.client("dynamodb")
    match shop.mapped:
        case Mapped.CONNECTED:
            listen(stream)
        case Mapped.NOT:
            pass
        case Mapped.DISABLED:
            listen(stream, enabled=False)
        case Mapped.OTHER_TABLE:
            listen(dynamodb.describe_table(TableName="manga-inventory")["Table"]["LatestStreamArn"])
        case Mapped.OLD_STREAM:
            listen(stream)
            _another_stream(dynamodb, name)
        case Mapped.OLD_AND_NEW:
            listen(stream, enabled=False)
            listen(_another_stream(dynamodb, name))
    if not shop.stream:
        dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})


def _another_stream(dynamodb: Any, name: str) -> str:
    dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
    again = dynamodb.update_table(TableName=name, StreamSpecification=STREAM)
    found: str = again["TableDescription"]["LatestStreamArn"]
    return found
