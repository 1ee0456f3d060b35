"""A pre-computed answer, checked against the stock at the moment it is shown.

    checked = validate_precomputed(entry, {"B0MANGA001": 3, "B0MANGA002": 0})
    if checked.entry is None: ...     # ask the model instead

Rule: what is not known to be in stock is not: a missing id, a negative number and something
that is no number all count as sold out, and a text that names what was taken out, however it is
spelt, or the series that it is of, goes too. So does the text where its name is not known.
Reason: a sold-out title that is still advertised in the text is sold out all the same.

Give it the entry as it was stored, and do not store what it returns: so a product that is in
stock again is shown again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from mangaops.fm.answers.naming import (
    Names,
    called,
    is_id_key,
    is_list_of_products,
    is_title_key,
    series_of,
)
from mangaops.fm.answers.product_ids import is_product_id

TEXT = "response_text"
VERSION = "inventory_version"
UNVERIFIED = "availability_verified"
COUNTS = frozenset({"count", "total"})
"""How many products there are, when that is their value."""


class NoInventory(StrEnum):
    """What becomes of an entry when the stock cannot be read."""

    WITHHOLD = "withhold"
    SERVE_UNVERIFIED = "serve_unverified"
    """Served with `availability_verified: false`, which the interface shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """`entry` may be shown; None: nothing of it is sound. It is a copy, with the keys of the
    stored one.

    `removed` are the ids of the products taken out, in order (`recommendations[2]` for one
    without an id). `reasons` has a sentence for each thing done. `verified` is False when
    the stock was not known.
    """

    entry: Mapping[str, Any] | None
    removed: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    verified: bool = True


def list_of_titles(titles: Sequence[str]) -> str:
    """A text for any language: the titles, one a line."""
    return "\n".join(titles)


def validate_precomputed(
    entry: Mapping[str, Any],
    inventory: Mapping[str, Any] | None,
    *,
    minimum: int | Mapping[str, int] = 1,
    inventory_version: str | float | None = None,
    without_inventory: NoInventory = NoInventory.WITHHOLD,
    rewrite: Callable[[Sequence[str]], str] = list_of_titles,
) -> Validated:
    """`inventory` is product id -> quantity, None when it could not be read.

    `minimum` is how many are asked for, of each or by id (1 where an id is not in it).
    `inventory_version` is of the stock that was read: when it is older than the entry's own,
    that reading is behind, and counts as none, as one that cannot be compared does. Versions
    are numbers, texts that differ in their numbers (`v9`, `v10`) or texts of one length that
    sort by age. `rewrite` makes a text of the titles that are left, for one that names what was
    taken out; when it fails or names that too, the titles themselves are the text.

    Products stand in lists (answers/naming.py: LISTS); one that stands elsewhere takes the
    field with it. Raises nothing but ValueError for `minimum`.
    """
    if any(asked < 1 for asked in _asked(minimum)):
        raise ValueError("minimum is at least 1")
    if not isinstance(entry, Mapping):
        return Validated(entry=None, reasons=("the entry is no object",))
    if inventory is None:
        return _unverified(entry, without_inventory, "the stock could not be read")
    if _is_behind(inventory_version, entry.get(VERSION)):
        told = f"the stock that was read is of version {inventory_version}, the entry is newer"
        return _unverified(entry, without_inventory, told)
    try:
        return _Check(entry, _Stock(inventory, minimum)).validated(rewrite, inventory_version)
    except RecursionError:
        return Validated(entry=None, reasons=("the entry is nested too deep",))


class _Check:
    """Of one entry. `lists` are its products by the key that they stand under."""

    def __init__(self, entry: Mapping[str, Any], stock: _Stock) -> None:
        self._entry = entry
        self._stock = stock
        self._lists = {
            key: value
            for key, value in entry.items()
            if is_list_of_products(key) and isinstance(value, list | tuple)
        }
        self._gone: list[Any] = []
        self._removed: list[str] = []
        self._reasons: list[str] = []

    def validated(
        self, rewrite: Callable[[Sequence[str]], str], version: str | float | None
    ) -> Validated:
        if not any(self._lists.values()):
            return Validated(entry=None, reasons=("the entry names no products",))
        kept = {key: self._in_stock(key, items) for key, items in self._lists.items()}
        if not any(kept.values()):
            self._reasons.append("no product of it is in stock")
            return self._validated(None)
        rest = {key: value for key, value in self._entry.items() if key not in (*kept, TEXT)}
        self._look_further((rest, [one for items in kept.values() for _, one in items]))
        names = Names(_names_of(self._gone, series=True))
        sound = self._sound(rest, names, "")
        for key, items in kept.items():
            sound[key] = [self._sound_item(one, names, f"{key}[{n}]") for n, one in items]
            self._count(sound, len(self._lists[key]), len(items))
        if TEXT in self._entry:
            left = [one for items in kept.values() for _, one in items]
            sound[TEXT] = self._text(names, rewrite, _titles_of(left))
        if UNVERIFIED in sound:
            sound[UNVERIFIED] = True
        if version is not None:
            sound[VERSION] = version
        return self._validated({key: sound[key] for key in (*self._entry, VERSION) if key in sound})

    def _validated(self, entry: Mapping[str, Any] | None) -> Validated:
        removed = tuple(dict.fromkeys(self._removed))
        return Validated(entry=entry, removed=removed, reasons=tuple(self._reasons))

    def _in_stock(self, key: str, items: Sequence[Any]) -> list[tuple[int, Any]]:
        """With their new places."""
        kept: list[Any] = []
        for number, item in enumerate(items):
            why = self._stock.why_not(item)
            if why is None:
                kept.append(item)
                continue
            name = _id_of(item) or f"{key}[{number}]"
            self._gone.append(item)
            self._removed.append(name)
            self._reasons.append(f"{name}: {why}")
        return list(enumerate(kept))

    def _look_further(self, values: Any) -> None:
        """Products outside the lists; what holds one that is gone names it."""
        for one in _products_in(values, self._stock.is_id):
            if self._stock.why_not(one) is not None:
                self._gone.append(one)
                self._removed += [name for name in [_id_of(one)] if name is not None]

    def _sound_item(self, item: Any, names: Names, path: str) -> Any:
        """A product's own title may hold that of another (`Naruto 2`): it stays."""
        if not isinstance(item, Mapping):
            return item
        own = {key: value for key, value in item.items() if is_id_key(key) or is_title_key(key)}
        rest = {key: value for key, value in item.items() if key not in own}
        sound = {**own, **self._sound(rest, names, f"{path}.")}
        return {key: sound[key] for key in item if key in sound}

    def _sound(self, fields: Mapping[str, Any], names: Names, path: str) -> dict[str, Any]:
        """Without the values that name what is gone."""
        sound = {key: value for key, value in fields.items() if not _in(value, names)}
        self._reasons += [
            f"{path}{key} names what is not in stock: left out"
            for key in fields
            if key not in sound
        ]
        return sound

    def _text(
        self, names: Names, rewrite: Callable[[Sequence[str]], str], titles: Sequence[str]
    ) -> Any:
        text = self._entry[TEXT]
        nameless = _nameless(self._gone)
        if not nameless and not _in(text, names):
            return text
        self._reasons.append(f"{TEXT} {'may name' if nameless else 'names'} {_GONE}")
        try:
            written = rewrite(titles)
        except Exception:  # noqa: BLE001 - the application's own code: the titles will do
            written = None
        if isinstance(written, str) and not Names(_names_of(self._gone)).stand_in(written):
            return written
        return list_of_titles(titles)

    def _count(self, sound: dict[str, Any], before: int, after: int) -> None:
        for key in sound.keys() & COUNTS:
            if sound[key] == before and not isinstance(sound[key], bool):
                sound[key] = after


_GONE = "what is not in stock: written anew"


class _Stock:
    def __init__(self, inventory: Mapping[str, Any], minimum: int | Mapping[str, int]) -> None:
        self._inventory = inventory
        self._minimum = minimum

    def is_id(self, text: object) -> bool:
        return isinstance(text, str) and (text in self._inventory or is_product_id(text))

    def why_not(self, item: Any) -> str | None:
        """None: there are as many as are asked for."""
        product = _id_of(item)
        if product is None:
            return "it has no product_id"
        if product not in self._inventory:
            return "the stock does not know it"
        quantity = self._inventory[product]
        if not _is_number(quantity):
            return "its quantity is no number"
        minimum = self._minimum
        asked = minimum if isinstance(minimum, int) else minimum.get(product, 1)
        return None if quantity >= asked else f"{quantity} in stock, {asked} asked for"


def _unverified(entry: Mapping[str, Any], policy: NoInventory, why: str) -> Validated:
    shown = {**entry, UNVERIFIED: False} if policy is NoInventory.SERVE_UNVERIFIED else None
    return Validated(entry=shown, reasons=(why,), verified=False)


def _is_behind(read: str | float | None, stamped: Any) -> bool:
    if read is None or stamped is None:
        return False
    ages = _ages(read, stamped)
    return ages is None or ages[0] < ages[1]


def _ages(one: Any, other: Any) -> tuple[Any, Any] | None:
    """What can be compared, of both; None when nothing can."""
    if _is_number(one) and _is_number(other):
        return one, other
    parts = [_NUMBERS.split(str(version)) for version in (one, other)]
    if parts[0][::2] == parts[1][::2] and len(parts[0]) > 1:
        mine, others = ([int(number) for number in of[1::2]] for of in parts)
        return mine, others
    texts = isinstance(one, str) and isinstance(other, str) and len(one) == len(other)
    return (one, other) if texts else None


_NUMBERS = re.compile(r"([0-9]{1,4000})")
"""Python reads no longer ones."""


def _is_number(value: Any) -> bool:
    """DynamoDB's numbers are decimals. NaN and infinity are none."""
    match value:
        case bool():
            return False
        case int():
            return True
        case float():
            return math.isfinite(value)
        case Decimal():
            return value.is_finite()
        case _:
            return False


def _asked(minimum: int | Mapping[str, int]) -> Iterator[int]:
    yield from [minimum] if isinstance(minimum, int) else minimum.values()


def _id_of(item: Any) -> str | None:
    """An id itself, or the product's: `product_id` before any other."""
    if isinstance(item, Mapping):
        ids = [value for key, value in item.items() if is_id_key(key)]
        item = item.get("product_id", ids[0] if ids else None)
    return item if isinstance(item, str) and item else None


def _title(item: Any) -> str | None:
    titles = (
        text
        for key in (item if isinstance(item, Mapping) else ())
        if is_title_key(key)
        for text in called({key: item[key]})
    )
    return next((text for text in titles if text.strip()), None)


def _titles_of(items: Sequence[Any]) -> list[str]:
    """The ids where there are no titles; a list of bare ids beside one of products has none."""
    whole = [one for one in items if isinstance(one, Mapping)] or items
    return list(dict.fromkeys(_title(one) or _id_of(one) or "" for one in whole))


def _nameless(gone: Sequence[Any]) -> bool:
    """Whether the title of one of them is not known."""
    known = {_id_of(one) for one in gone if _title(one) is not None}
    return any(_title(one) is None and _id_of(one) not in known - {None} for one in gone)


def _products_in(value: Any, is_id: Callable[[object], bool]) -> Iterator[Any]:
    """All objects with an id, and all that stands in a list of products or below its name."""
    if isinstance(value, Mapping):
        if any(is_id_key(key) for key in value):
            yield value
        for key, inside in value.items():
            if is_list_of_products(key):
                yield from _bare_products(inside, is_id)
            yield from _products_in(inside, is_id)
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from _products_in(inside, is_id)


def _bare_products(below: Any, is_id: Callable[[object], bool]) -> Iterator[Any]:
    """`["B0..."]`, `"B0..."` and `{"B0...": {"title": ...}}`."""
    match below:
        case list() | tuple():
            for one in below:
                inner = isinstance(one, list | tuple)
                yield from _bare_products(one, is_id) if inner else _unless_object(one)
        case Mapping():
            yield from (_with_id(key, inside) for key, inside in below.items() if is_id(key))
        case str() if is_id(below):
            yield below
        case _:
            return


def _unless_object(one: Any) -> Iterator[Any]:
    """An object is found by its id."""
    yield from () if isinstance(one, Mapping) else (one,)


def _with_id(product: str, inside: Any) -> Mapping[str, Any]:
    return {**(inside if isinstance(inside, Mapping) else {}), "product_id": product}


def _names_of(gone: Sequence[Any], *, series: bool = False) -> Iterator[str]:
    for item in gone:
        for name in called(item) if isinstance(item, Mapping) else (item,):
            if isinstance(name, str):
                yield name
                if series:
                    yield series_of(name)


def _in(value: Any, names: Names) -> bool:
    """Whether a text in it, at any depth, names one of them."""
    match value:
        case str():
            return names.stand_in(value)
        case Mapping():
            return any(_in(part, names) for pair in value.items() for part in pair)
        case list() | tuple():
            return any(_in(part, names) for part in value)
        case _:
            return False
