"""A cache, an inventory and a pen in memory, for what removes cached answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import TypeVar

from mangaops.model.evidence import JSON
from mangaops.model.resources import (
    CacheDump,
    CacheEntries,
    CacheEntry,
    CacheKeys,
    CachePlace,
    CacheValue,
    Stock,
)
from mangaops.remedy.action import Saved

T = TypeVar("T")
SERVER = "5e7" * 5 + "5"


def digest(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()[:12]}"


def answer(*products: str) -> str:
    return json.dumps({"recommendations": [{"product_id": one, "title": one} for one in products]})


class FakeCache:
    """Texts by key, sets by key, and the milliseconds that keys still live."""

    def __init__(
        self, texts: Mapping[str, str], sets: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.texts = dict(texts)
        self.sets = {key: tuple(members) for key, members in (sets or {}).items()}
        self.ttls: dict[str, int] = {}
        self.unlinked: list[tuple[str, ...]] = []
        self.scanned: list[str] = []
        self.grown = 0
        self.secured = self.clustered = False
        self.address = "cache:6379/0"
        self.servers: tuple[str, ...] = (SERVER,)
        self.size_told = True

    def place(self) -> CachePlace:
        return CachePlace(
            name=self.address,
            url=f"redis://{self.address}",
            secured=self.secured,
            clustered=self.clustered,
            servers=self.servers,
        )

    def size(self) -> int | None:
        return len(self.texts) + len(self.sets) if self.size_told else None

    def keys(self, pattern: str, *, most: int) -> CacheKeys:
        self.scanned.append(pattern)
        found = sorted(key for key in self.texts if fnmatchcase(key, _unescaped(pattern)))
        return CacheKeys(keys=tuple(found[:most]), total=len(found))

    def members(self, key: str, *, most: int) -> CacheKeys | None:
        held = self.sets.get(key)
        return CacheKeys(keys=tuple(sorted(held)[:most]), total=len(held)) if held else None

    def entries(self, pattern: str, *, most: int, check: Callable[[], None]) -> CacheEntries:
        check()
        keys = self.keys(pattern, most=most)
        entries = (CacheEntry(key=key, value=self.texts[key], ttl_s=None) for key in keys.keys)
        return CacheEntries(entries=tuple(entries), more=keys.total > most)

    def values(self, keys: Sequence[str]) -> Mapping[str, CacheValue]:
        return {
            key: CacheValue(digest=digest(self.texts[key]), size=len(self.texts[key]) + self.grown)
            for key in keys
            if key in self.texts
        }

    def dumps(self, keys: Sequence[str]) -> tuple[CacheDump, ...]:
        return tuple(
            CacheDump(key=key, payload=self.texts[key].encode(), ttl_ms=self.ttls.get(key))
            for key in keys
            if key in self.texts
        )

    def unlink(self, keys: Sequence[str]) -> int:
        self.unlinked.append(tuple(keys))
        return sum(1 for key in keys if self.texts.pop(key, None) is not None)

    def restore(self, dumps: Sequence[CacheDump]) -> tuple[str, ...]:
        busy = tuple(dump.key for dump in dumps if dump.key in self.texts)
        for dump in dumps:
            if dump.key not in self.texts:
                self.texts[dump.key] = dump.payload.decode()
                if dump.ttl_ms is not None:
                    self.ttls[dump.key] = dump.ttl_ms
        return busy


class FakeInventory:
    def __init__(self, quantities: Mapping[str, float | None]) -> None:
        self._quantities = quantities

    def stock(
        self, table: str, product_ids: Iterable[str], *, wait: Callable[[float], object]
    ) -> tuple[Stock, ...]:
        assert table == "manga-inventory"
        assert callable(wait)
        return tuple(
            Stock(product_id=one, quantity=self._quantities[one], updated_at=None)
            for one in product_ids
            if one in self._quantities
        )


class FakePen:
    """Sends every call, and keeps what it was told. `lose` answers are lost after they landed."""

    run = "r-1"

    def __init__(self, *, lose: int = 0) -> None:
        self.lose = lose
        self.calls: list[tuple[str, Mapping[str, JSON], Mapping[str, JSON]]] = []
        self.files: list[list[bytes]] = []
        self.pauses: list[float] = []
        self.lines: list[str] = []

    def token(self, operation: str) -> str:
        return f"{self.run}-{operation}"

    def call(
        self,
        operation: str,
        send: Callable[[], T],
        *,
        about: Mapping[str, JSON],
        landed: Callable[[], T | None],
        told: Callable[[T], Mapping[str, JSON]] | None = None,
    ) -> T:
        result = send()
        if self.lose:
            self.lose -= 1
            found = landed()
            assert found is not None
            result = found
        self.calls.append((operation, about, told(result) if told else {}))
        return result

    def save(self, lines: Iterable[bytes]) -> Saved:
        self.files.append(list(lines))
        return Saved(name=f"saved-{len(self.files)}.jsonl", sha256="0" * 64, size=0)

    def saved(self, reference: Mapping[str, JSON]) -> Iterator[bytes]:
        assert reference["name"] == f"saved-{len(self.files)}.jsonl"
        return iter(self.files[-1])

    def tell(self, text: str) -> None:
        self.lines.append(text)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def _unescaped(pattern: str) -> str:
    r"""Redis escapes with a backslash, fnmatch with brackets."""
    out, escaped = "", False
    for character in pattern:
        if escaped:
            out += f"[{character}]" if character in "*?[" else character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            out += character
    return out
