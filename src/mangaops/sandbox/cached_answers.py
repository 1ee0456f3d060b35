"""The pre-computed answers in Redis: two keys a genre, and the sets that find them.

precompute:genre:GENRE:recommendations     JSON, with a TTL
precompute:genre:GENRE:top_picks           JSON, with a TTL
precompute:product:PRODUCT_ID              the SET of keys whose answer holds it
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import redis

from mangaops.sandbox.world import World

GENRES = ("shonen", "romance", "mystery", "sci-fi")
TTL = timedelta(hours=24)
KINDS = ("recommendations", "top_picks")


class Product(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...


def seed_cache(world: World, products: Sequence[Product]) -> None:
    """Write the answers of every genre, each of three products, from half a day ago on."""
    client = redis.Redis.from_url(world.cache_url)
    pipe = client.pipeline(transaction=False)
    per_genre = len(products) // len(GENRES)
    for index, genre in enumerate(GENRES):
        listed = products[index * per_genre : (index + 1) * per_genre]
        for turn, kind in enumerate(KINDS):
            age = timedelta(minutes=47 * (index + 1) + 13 * turn)
            key = f"precompute:genre:{genre}:{kind}"
            shown = listed if kind == "recommendations" else listed[:2]
            pipe.set(key, _answer(world, genre, shown, age), ex=TTL - age)
            for product in shown:
                pipe.sadd(f"precompute:product:{product.id}", key)
    pipe.execute()
    client.close()


def _answer(world: World, genre: str, products: Sequence[Product], age: timedelta) -> str:
    made = world.now() - age
    titles = ", ".join(product.title for product in products)
    return json.dumps(
        {
            "response_text": f"If you like {genre}, try {titles}.",
            "recommendations": [{"product_id": p.id, "title": p.title} for p in products],
            "generated_at": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "inventory_version": made.strftime("%Y%m%d%H%M"),
        }
    )
