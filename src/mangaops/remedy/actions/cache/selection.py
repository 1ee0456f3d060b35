"""Which keys of the cache a request means: by genre, product, pattern, or what is sold out.

A product is looked up in the reverse index `precompute:product:ID`, which answers at once.
Where it has none, every answer is looked into: Redis keeps no empty set, so a missing one
may as well mean that the installation has no index. A genre is scanned for, since an
answer that is not of the two usual kinds would be missed by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mangaops.errors import InputError, Refused
from mangaops.model.evidence import JSON
from mangaops.model.request import InvalidateCache
from mangaops.model.resources import CacheEntry, CacheKeys
from mangaops.remedy.actions.cache.ports import Cache, Inventory

ANSWERS = "precompute:genre:*"
INDEX = "precompute:product:"
MOST_ANSWERS = 20_000
"""How many answers are looked into for their products, as many as a diagnosis does."""
LEAST_RATE = 0.001
"""Keys a second; a batch then waits for a quarter of an hour."""
_GLOB = re.compile(r"([*?\[\]\\^])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Keys in order, what they have in common in words, and what should be told about them.

    `unreadable` counts keys that are meant too, and left alone since no text names them.
    """

    keys: tuple[str, ...]
    words: str
    notes: tuple[str, ...] = ()
    unreadable: int = 0


def checked(request: InvalidateCache) -> InvalidateCache:
    """The request, if exactly one thing is asked for and it can be meant."""
    ways = (request.genre, request.products, request.pattern, request.stale)
    if sum(1 for way in ways if way) != 1 or not all(request.products):
        raise InputError(
            "which keys are meant is not clear",
            where="invalidate-cache",
            hint="give exactly one of --genre G, --product ID..., --pattern P and --stale",
        )
    _refuse_no_text(request)
    if request.rate and not LEAST_RATE <= request.rate < float("inf"):
        what = f"{request.rate:g} keys a second is no rate"
        hint = f"give a number from {LEAST_RATE:g} up, or 0 for no limit"
        raise InputError(what, where="--rate", hint=hint)
    if request.pattern and not request.pattern.strip("*?"):
        raise _means_everything(request.pattern)
    return request


def _refuse_no_text(request: InvalidateCache) -> None:
    """Raises InputError for bytes that are no UTF-8: Python holds them as lone surrogates."""
    given = [("--genre", request.genre), ("--pattern", request.pattern)]
    given += [("--product", product) for product in request.products]
    for option, text in given:
        try:
            text.encode()
        except UnicodeEncodeError:
            what = f"{text!a} is no UTF-8 text"
            hint = "keys whose names are no UTF-8 are left alone"
            raise InputError(what, where=option, hint=hint) from None


def _means_everything(pattern: str) -> Refused:
    return Refused(
        f"the pattern {pattern} means every key of the cache",
        where="--pattern",
        hint="name what is stale: --pattern 'precompute:genre:mystery:*', --genre or --stale",
    )


def name_of(request: InvalidateCache) -> str:
    """What has to be typed to confirm."""
    return request.genre or ",".join(request.products) or request.pattern or "stale"


def to_arguments(request: InvalidateCache) -> dict[str, JSON]:
    """The request in a step, so that its keys can be looked for again after the write."""
    return {
        "genre": request.genre,
        "products": list(request.products),
        "pattern": request.pattern,
        "stale": request.stale,
        "rate": request.rate,
    }


def from_arguments(arguments: Mapping[str, JSON]) -> InvalidateCache:
    products, rate = arguments.get("products"), arguments.get("rate")
    return InvalidateCache(
        genre=str(arguments.get("genre") or ""),
        products=tuple(map(str, products)) if isinstance(products, list | tuple) else (),
        pattern=str(arguments.get("pattern") or ""),
        stale=bool(arguments.get("stale")),
        rate=_rate(rate),
    )


def _rate(value: JSON) -> float:
    """Infinite, which is refused, for a whole number that is too large to count with."""
    try:
        return float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return float("inf")


class CacheSearch:
    """`most` keys may be removed at once. `wait` sleeps when DynamoDB is throttled."""

    def __init__(
        self,
        cache: Cache,
        inventory: Inventory,
        *,
        table: str,
        most: int,
        wait: Callable[[float], object],
    ) -> None:
        self._cache = cache
        self._inventory = inventory
        self._table = table
        self._most = most
        self._wait = wait

    def found(self, request: InvalidateCache) -> Selection:
        """Raises Refused when there are more keys than may be removed at once."""
        if request.products:
            return self._of_products(request.products)
        if request.stale:
            return self._stale()
        if request.genre:
            words = f"genre {request.genre}"
            return self._scanned(f"precompute:genre:{escaped(request.genre)}:*", words)
        return self._scanned(request.pattern, f"pattern {request.pattern}")

    def refuse_everything(self, pattern: str, selection: Selection) -> None:
        """Raises Refused when a pattern such as `[^x]*` selected all keys, and not only one.

        Those that have expired count for the server's size until it throws them away: where
        more than half of it is meant, the keys themselves are counted.
        """
        meant = len(selection.keys) + selection.unreadable
        size = self._cache.size()
        if meant <= 1 or (size is not None and meant <= size / 2):
            return
        there = self._cache.keys("*", most=meant)
        if there.total + there.unreadable <= meant:
            raise _means_everything(pattern)

    def genres(self) -> tuple[str, ...]:
        """Of which genres there are answers."""
        keys = self._cache.keys(ANSWERS, most=MOST_ANSWERS).keys
        return tuple(sorted({key.split(":")[2] for key in keys}))

    def _scanned(self, pattern: str, words: str) -> Selection:
        found = self._within(self._cache.keys(pattern, most=self._most), words)
        keys = tuple(sorted(found.keys))
        notes = _unreadable(found)
        return Selection(keys=keys, words=words, notes=notes, unreadable=found.unreadable)

    def _of_products(self, products: Sequence[str]) -> Selection:
        words = f"product {', '.join(products)}"
        keys: set[str] = set()
        unindexed: list[str] = []
        notes: list[str] = []
        for product in products:
            indexed = self._cache.members(f"{INDEX}{product}", most=self._most)
            if indexed is None:
                unindexed.append(product)
                continue
            keys.update(self._within(indexed, words).keys)
            notes += _unreadable(indexed)
        if unindexed:
            entries, told = self._answers()
            keys.update(entry.key for entry in entries if {*products_of(entry)} & {*unindexed})
            looked = f"the reverse index has no {', '.join(unindexed)}"
            notes += [f"{looked}: {len(entries):,} answers were looked into", *told]
        named = CacheKeys(keys=tuple(sorted(keys)), total=len(keys))
        return Selection(keys=self._within(named, words).keys, words=words, notes=tuple(notes))

    def _stale(self) -> Selection:
        words = "sold out"
        entries, notes = self._answers()
        listed = {entry.key: products_of(entry) for entry in entries}
        products = sorted({product for some in listed.values() for product in some})
        stock = self._inventory.stock(self._table, products, wait=self._wait)
        quantity = {one.product_id: one.quantity for one in stock if one.quantity is not None}
        gone = {product for product, left in quantity.items() if left <= 0}
        keys = tuple(key for key, some in listed.items() if gone.intersection(some))
        if unknown := [product for product in products if product not in quantity]:
            told = "stock is not known, so not taken for sold out"
            notes = (*notes, f"{told}: {_some(unknown)}")
        if unread := [key for key, some in listed.items() if not some]:
            notes = (*notes, f"no product can be read in {_some(unread)}")
        named = CacheKeys(keys=tuple(sorted(keys)), total=len(keys))
        return Selection(keys=self._within(named, words).keys, words=words, notes=notes)

    def _answers(self) -> tuple[Sequence[CacheEntry], tuple[str, ...]]:
        found = self._cache.entries(ANSWERS, most=MOST_ANSWERS, check=lambda: None)
        told = f"only the first {MOST_ANSWERS:,} answers were looked into; repeat this afterwards"
        return found.entries, (told,) if found.more else ()

    def _within(self, found: CacheKeys, words: str) -> CacheKeys:
        if found.total <= self._most:
            return found
        raise Refused(
            f"about {found.total:,} keys match ({words}), and most_keys allows {self._most:,}",
            where="guardrail most_keys",
            hint="ask for less, or raise guardrails.most_keys in mangaops.yaml",
        )


def escaped(text: str) -> str:
    """A text as a glob pattern that matches nothing else."""
    return _GLOB.sub(r"\\\1", text)


def products_of(entry: CacheEntry) -> tuple[str, ...]:
    """The products that an answer recommends, each an id; none when it cannot be read."""
    try:
        answer = json.loads(entry.value or "")
    except (ValueError, RecursionError):
        return ()
    listed = answer.get("recommendations") if isinstance(answer, dict) else None
    ids = (one.get("product_id") for one in listed or () if isinstance(one, dict))
    return tuple(str(i) for i in ids if isinstance(i, str | int) and i not in (True, False, ""))


def _unreadable(found: CacheKeys) -> tuple[str, ...]:
    if not found.unreadable:
        return ()
    return (f"left alone, since their names are no UTF-8: {found.unreadable:,}",)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3:,} more"
