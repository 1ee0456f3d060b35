"""What invalidating the cache needs of Redis and of the inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from mangaops.model.resources import (
    CacheDump,
    CacheEntries,
    CacheKeys,
    CachePlace,
    CacheValue,
    Stock,
)


class Cache(Protocol):
    """`keys` and `members` name at most `most` keys, and tell how many there are in all.

    `values` and `dumps` leave out keys that are not there. `unlink` says how many of the
    keys were there, `restore` names those that it left alone since they exist. `size` is
    about how many keys there are, None where that may not be asked.
    """

    def place(self) -> CachePlace: ...
    def size(self) -> int | None: ...
    def keys(self, pattern: str, *, most: int) -> CacheKeys: ...
    def members(self, key: str, *, most: int) -> CacheKeys | None: ...
    def entries(self, pattern: str, *, most: int, check: Callable[[], None]) -> CacheEntries: ...
    def values(self, keys: Sequence[str]) -> Mapping[str, CacheValue]: ...
    def dumps(self, keys: Sequence[str]) -> tuple[CacheDump, ...]: ...
    def unlink(self, keys: Sequence[str]) -> int: ...
    def restore(self, dumps: Sequence[CacheDump]) -> tuple[str, ...]: ...


class Inventory(Protocol):
    """Stock of these products; one that the table does not hold is absent. `wait` sleeps."""

    def stock(
        self, table: str, product_ids: Iterable[str], *, wait: Callable[[float], object]
    ) -> tuple[Stock, ...]: ...
