"""A pre-computed answer, checked against the stock at the moment it is shown.

    checked = validate_precomputed(entry, {"B0MANGA001": 3, "B0MANGA002": 0})
    if checked.entry is None: ...     # ask the model instead

Rule: what is not known to be in stock is not: a missing id, a negative number and something
that is no number all count as sold out, and a text that names what was taken out goes too.
Reason: a sold-out title that is still advertised in the text is sold out all the same.

Give it the entry as it was stored, and do not store what it returns: so a product that is in
stock again is shown again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

TEXT = "response_text"
ITEMS = "recommendations"
VERSION = "inventory_version"
UNVERIFIED = "availability_verified"


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
    are numbers, or texts that sort by age (`202611211000`). `rewrite` makes a text of the
    titles that are left, for one that names what was taken out.
    """
    if any(asked < 1 for asked in _asked(minimum)):
        raise ValueError("minimum is at least 1")
    if inventory is None:
        return _unverified(entry, without_inventory, "the stock could not be read")
    if _is_behind(inventory_version, entry.get(VERSION)):
        told = f"the stock that was read is of version {inventory_version}, the entry is newer"
        return _unverified(entry, without_inventory, told)
    items = entry.get(ITEMS)
    if not isinstance(items, list | tuple) or not items:
        return Validated(entry=None, reasons=("the entry names no products",))
    return _checked(entry, items, _Stock(inventory, minimum), rewrite, inventory_version)


def _checked(
    entry: Mapping[str, Any],
    items: Sequence[Any],
    stock: _Stock,
    rewrite: Callable[[Sequence[str]], str],
    version: str | float | None,
) -> Validated:
    wrong = {number: stock.why_not(item) for number, item in enumerate(items)}
    kept = [item for number, item in enumerate(items) if wrong[number] is None]
    gone = [item for number, item in enumerate(items) if wrong[number] is not None]
    removed = tuple(_name(items[n], n) for n, why in wrong.items() if why is not None)
    reasons = [f"{_name(items[n], n)}: {why}" for n, why in wrong.items() if why is not None]
    if not kept:
        return Validated(
            entry=None, removed=removed, reasons=(*reasons, "no product of it is in stock")
        )
    named = _names_of(gone)
    made = {key: value for key, value in entry.items() if key not in (ITEMS, TEXT)}
    sound, dropped = _sound_fields(made, named, "")
    sound[ITEMS] = []
    for number, item in enumerate(kept):
        whole, lost = _sound_fields(item, named, f"{ITEMS}[{number}].")
        sound[ITEMS].append(whole)
        dropped += lost
    reasons += [f"{path} names what is not in stock: left out" for path in dropped]
    if TEXT in entry:
        sound[TEXT] = entry[TEXT]
        if _names(entry[TEXT], named):
            sound[TEXT] = rewrite([_title(item) for item in kept])
            reasons.append(f"{TEXT} names what is not in stock: written anew")
    if version is not None:
        sound[VERSION] = version
    return Validated(
        entry={key: sound[key] for key in (*entry, VERSION) if key in sound},
        removed=removed,
        reasons=tuple(reasons),
    )


class _Stock:
    def __init__(self, inventory: Mapping[str, Any], minimum: int | Mapping[str, int]) -> None:
        self._inventory = inventory
        self._minimum = minimum

    def why_not(self, item: Any) -> str | None:
        """None: there are as many as are asked for."""
        if not isinstance(item, Mapping) or not isinstance(item.get("product_id"), str):
            return "it has no product_id"
        product = item["product_id"]
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
    read, stamped = _age(read), _age(stamped)
    return isinstance(read, str) != isinstance(stamped, str) or not read >= stamped


def _age(version: Any) -> Any:
    """A number, where it is one also as a text."""
    if _is_number(version):
        return version
    text = str(version)
    return int(text) if text.isascii() and text.isdecimal() else text


def _is_number(value: Any) -> bool:
    """DynamoDB's numbers are decimals. NaN is none: it is not equal to itself."""
    return (
        isinstance(value, int | float | Decimal)
        and not isinstance(value, bool)
        and bool(value == value)  # noqa: PLR0124 - NaN
    )


def _asked(minimum: int | Mapping[str, int]) -> Iterator[int]:
    yield from [minimum] if isinstance(minimum, int) else minimum.values()


def _name(item: Any, number: int) -> str:
    product = item.get("product_id") if isinstance(item, Mapping) else None
    return product if isinstance(product, str) else f"{ITEMS}[{number}]"


def _title(item: Mapping[str, Any]) -> str:
    title = item.get("title")
    return title if isinstance(title, str) and title.strip() else str(item["product_id"])


def _names_of(gone: Sequence[Any]) -> frozenset[str]:
    told = [
        _folded(item[key])
        for item in gone
        if isinstance(item, Mapping)
        for key in ("product_id", "title")
        if isinstance(item.get(key), str)
    ]
    return frozenset(told) - {""}


def _sound_fields(
    fields: Mapping[str, Any], named: frozenset[str], path: str
) -> tuple[dict[str, Any], list[str]]:
    """Without the values that name what is gone, and where those stood.

    A product's own title may hold that of another (`Naruto 2`): it stays.
    """
    own = ("product_id", "title") if path else ()
    dropped = [
        f"{path}{key}" for key, value in fields.items() if key not in own and _names(value, named)
    ]
    gone = set(dropped)
    return {key: value for key, value in fields.items() if f"{path}{key}" not in gone}, dropped


def _names(value: Any, named: frozenset[str]) -> bool:
    """Whether a text in it, at any depth, holds one of these names."""
    match value:
        case str():
            text = _folded(value)
            return any(name in text for name in named)
        case Mapping():
            return any(_names(part, named) for pair in value.items() for part in pair)
        case list() | tuple():
            return any(_names(part, named) for part in value)
        case _:
            return False


def _folded(text: str) -> str:
    """Without differences of width, case and spaces: a title is written in many ways."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
