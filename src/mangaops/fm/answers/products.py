"""Product ids in an answer: their form, their check digit, and whether they exist.

A product that cannot be shown to exist is taken out of the answer, and that is said. Its name
may still stand in the answer's texts: `still_named` says where, since nobody rewrites them.
Printed manga have their ISBN-10 as ASIN, everything else begins with B0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from mangaops.fm.answers.repair.notes import pointer

Known: TypeAlias = Callable[[Collection[str]], Collection[str] | None]
"""Which of some ids the catalogue has; None when it cannot be asked."""

ID_KEYS = ("product_id", "asin")
LISTS = frozenset({"products", "recommendations", "product_ids", "asins"})
"""What stands in a list of these names is a product: an object with an id, or the id itself."""
SHORTEST_NAME = 3
MOST_NAMES = 50

_ASIN = re.compile(r"B0[A-Z0-9]{8}")
_ISBN = re.compile(r"[0-9]{9}[0-9X]")

Path: TypeAlias = tuple[str | int, ...]


class Doubt(StrEnum):
    NO_ID = "no id"
    ILL_FORMED = "no product id"
    UNKNOWN = "not in the catalogue"
    UNCHECKED = "the catalogue could not be asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """`pointer` is where it stood in the answer as it came. `product_id` only when it has the
    form of one: anything else is text of the answer.
    """

    pointer: str
    doubt: Doubt
    product_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedProducts:
    """`value` is the answer without what was removed; `ids` are those that stayed in it.

    `verified`: a catalogue was asked. `still_named` are the pointers, in `value`, of the texts
    in which the id or the title of a removed product stands.
    """

    value: Any
    ids: tuple[str, ...]
    verified: bool
    removed: tuple[Removed, ...] = ()
    still_named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mention:
    """`path` is what goes when the product is doubted, `names` what it is called."""

    path: Path
    said: Any
    names: tuple[str, ...]


def is_product_id(text: str) -> bool:
    """An ASIN that begins with B0, or an ISBN-10 whose check digit is right; nothing around."""
    return _ASIN.fullmatch(text) is not None or is_isbn10(text)


def is_isbn10(text: str) -> bool:
    """The weighted sum of the ten digits, X for 10 in the last place, is divisible by 11."""
    if _ISBN.fullmatch(text) is None:
        return False
    digits = [10 if char == "X" else int(char) for char in text]
    return (
        sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11
        == 0
    )


def check_products(
    value: Any, *, known: Known | None = None, well_formed: Callable[[str], bool] = is_product_id
) -> CheckedProducts:
    """`value` itself is not changed. A catalogue that cannot be asked vouches for nothing."""
    mentions = tuple(_mentions(value))
    said = (one.said for one in mentions)
    candidates = frozenset(one for one in said if isinstance(one, str) and well_formed(one))
    there = _there(candidates, known)
    doubts = [(one, _doubt(one, candidates, there)) for one in mentions]
    gone = [(one, doubt) for one, doubt in doubts if doubt is not None]
    kept = _without(value, [one.path for one, _ in gone]) if gone else value
    return CheckedProducts(
        value=kept,
        ids=tuple(dict.fromkeys(one.said for one, doubt in doubts if doubt is None)),
        verified=known is not None and there is not None,
        removed=tuple(
            Removed(
                pointer=pointer(one.path),
                doubt=doubt,
                product_id=None if doubt in {Doubt.NO_ID, Doubt.ILL_FORMED} else one.said,
            )
            for one, doubt in gone
        ),
        still_named=_naming(kept, [name for one, _ in gone for name in one.names]),
    )


def _there(candidates: frozenset[str], known: Known | None) -> frozenset[str] | None:
    """None when the catalogue could not be asked."""
    if known is None or not candidates:
        return candidates
    try:
        found = known(candidates)
    except Exception:  # noqa: BLE001 - the application's own code: it vouches for nothing
        return None
    return None if found is None else frozenset(found)


def _doubt(
    mention: _Mention, candidates: frozenset[str], there: frozenset[str] | None
) -> Doubt | None:
    if mention.said is None:
        return Doubt.NO_ID
    if not isinstance(mention.said, str) or mention.said not in candidates:
        return Doubt.ILL_FORMED
    if there is None:
        return Doubt.UNCHECKED
    return None if mention.said in there else Doubt.UNKNOWN


def _mentions(value: Any) -> Iterator[_Mention]:
    """In the order of the text, what is outside before what is inside."""
    waiting: list[tuple[Path, Any, bool]] = [((), value, False)]
    while waiting:
        path, one, listed = waiting.pop()
        if isinstance(one, dict):
            yield from _of_object(path, one, listed=listed)
            inner = [((*path, key), inside, False) for key, inside in one.items()]
        elif isinstance(one, list):
            products = bool(path) and path[-1] in LISTS
            inner = [((*path, index), inside, products) for index, inside in enumerate(one)]
        else:
            if listed:
                yield _Mention(path=path, said=one, names=_names(one))
            continue
        waiting.extend(reversed(inner))


def _of_object(path: Path, one: dict[str, Any], *, listed: bool) -> Iterator[_Mention]:
    keys = [key for key in ID_KEYS if key in one]
    names = _names(one.get("title"), *(one[key] for key in keys))
    for key in keys:
        yield _Mention(path=path or (key,), said=one[key], names=names)
    if listed and not keys:
        yield _Mention(path=path, said=None, names=names)


def _names(*said: Any) -> tuple[str, ...]:
    return tuple(one for one in said if isinstance(one, str) and len(one) >= SHORTEST_NAME)


def _without(value: Any, paths: Collection[Path]) -> Any:
    """A copy. The last goes first, so that the positions before it stay true."""
    copy = json.loads(json.dumps(value))
    gone = set(paths)
    for path in reversed(list(dict.fromkeys(paths))):
        if any(path[:length] in gone for length in range(1, len(path))):
            continue  # what is around it goes as a whole
        around = copy
        for part in path[:-1]:
            around = around[part]
        del around[path[-1]]
    return copy


def _naming(value: Any, names: Collection[str]) -> tuple[str, ...]:
    sought = tuple(dict.fromkeys(names))[:MOST_NAMES]
    found: list[str] = []
    waiting: list[tuple[Path, Any]] = [((), value)] if sought else []
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(reversed([((*path, key), inside) for key, inside in one.items()]))
        elif isinstance(one, list):
            waiting.extend(reversed([((*path, at), inside) for at, inside in enumerate(one)]))
        elif isinstance(one, str) and any(name in one for name in sought):
            found.append(pointer(path))
    return tuple(found)
