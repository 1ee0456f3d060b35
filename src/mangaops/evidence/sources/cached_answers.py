"""`cached_answers`: pre-computed answers in Redis, one row per key and recommended product.

A key whose text is no JSON, or recommends nothing, is one row without product: it is
seen and counted, never dropped. So are the keys beyond MOST_KEYS, all in one row that has
no key either: of an answer that was not read nobody knows what it offers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from mangaops.evidence.source import Asked, Stopped, found, missing, query_of
from mangaops.evidence.sources.attempt import attempted, epoch
from mangaops.model.evidence import JSON, Evidence, EvidenceState, Row, Table
from mangaops.model.query import CachedAnswersQuery
from mangaops.model.redaction import redacted_row
from mangaops.model.resources import CacheEntries, CacheEntry
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.time import parse_instant

MOST_KEYS = 20_000
NO_URL = (
    "no cache URL is set; set MANGAOPS_CACHE_URL, or cache_url of the environment in mangaops.yaml"
)
_COLUMNS = (
    "key",
    "genre",
    "product_id",
    "title",
    "ttl_s",
    "generated_at",
    "inventory_version",
)


class Cache(Protocol):
    def prepare(self) -> None: ...
    def entries(self, pattern: str, *, most: int, check: Callable[[], None]) -> CacheEntries: ...


class CachedAnswersReader:
    """`cache` is None where the environment has no cache URL."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache

    def prepare(self) -> None:
        if self._cache:
            self._cache.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        query = query_of(declaration, CachedAnswersQuery)
        call: dict[str, JSON] = {"call": "SCAN, GET, PTTL", "pattern": query.pattern}
        cache = self._cache
        if cache is None:
            return missing(declaration, EvidenceState.FAILED, NO_URL, query=call)

        def check() -> None:
            if asked.stop.requested:
                raise Stopped

        def read() -> Evidence:
            entries = cache.entries(query.pattern, most=MOST_KEYS, check=check)
            return _evidence(declaration, call, entries)

        return attempted(declaration, call, read)


def _evidence(
    declaration: EvidenceDeclaration, call: Mapping[str, JSON], entries: CacheEntries
) -> Evidence:
    if not entries.entries:
        detail = f"no key matches {call['pattern']}"
        return missing(declaration, EvidenceState.NO_DATA, detail, query=call)
    seen = tuple(row for entry in entries.entries for row in rows_of(entry))
    rows = (*seen, dict.fromkeys(_COLUMNS)) if entries.more else seen
    evidence = found(
        declaration,
        Table(columns=_COLUMNS, rows=rows),
        query=call,
        summary={
            "keys": len(entries.entries),
            "rows": len(rows),
            "products": len({row["product_id"] for row in rows} - {None}),
            "keys_without_product": len({row["key"] for row in rows if row["product_id"] is None}),
            "keys_that_never_expire": sum(1 for entry in entries.entries if entry.ttl_s is None),
        },
    )
    if entries.more:
        detail = f"only {len(entries.entries):,} keys were read of more"
        return replace(evidence, detail=detail, partial=True)
    return evidence


def rows_of(entry: CacheEntry) -> Iterator[Row]:
    """The rows of one key, in the order of its recommendations."""
    answer = _object(entry.value)
    generated = parse_instant(answer.get("generated_at"))
    common: Row = {
        "key": entry.key,
        "genre": genre_of(entry.key),
        "ttl_s": entry.ttl_s,
        "generated_at": epoch(generated),
        "inventory_version": _text(answer.get("inventory_version")),
    }
    listed = answer.get("recommendations")
    products = listed if isinstance(listed, list) and listed else [None]
    for product in products:
        told = product if isinstance(product, dict) else {}
        named = {"product_id": _text(told.get("product_id")), "title": _text(told.get("title"))}
        row = {**common, **named}
        yield redacted_row({column: row[column] for column in _COLUMNS})


def genre_of(key: str) -> str | None:
    """`mystery` of `precompute:genre:mystery:top_picks`; None where no genre is named."""
    _, _, rest = key.partition("genre:")
    return rest.split(":", 1)[0] or None


def _object(text: str | None) -> dict[str, object]:
    try:
        parsed = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _text(value: object) -> str | None:
    """Texts and numbers (an id may be written as either); an empty text is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value) or None
