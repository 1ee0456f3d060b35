"""Where an answer's JSON names products, and what they are called.

    {"products": [{"asin": "B0..."}, "B0..."]}, {"recommendations": {"B0...": {...}}}

Rule: an object with an id is a product, and so is what stands below the name of a list of
products: an object, an id, or an object whose keys are ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeAlias

from mangaops.fm.answers.naming import ID_KEYS, LISTS, bare, called
from mangaops.fm.answers.product_ids import is_product_id
from mangaops.fm.answers.repair.notes import pointer

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRules:
    """`keys` hold the id of a product, `lists` several products. Each is a name, whatever its
    case and hyphens (`ASIN`, `productId`), or a JSON pointer in which `*` stands for any
    position of a list (`/cards/*/sku`). `well_formed` says what an id looks like.
    """

    keys: frozenset[str] = ID_KEYS
    lists: frozenset[str] = LISTS
    well_formed: Callable[[str], bool] = is_product_id

    def is_id(self, said: object) -> bool:
        """An id that cannot be judged is none."""
        try:
            return isinstance(said, str) and bool(self.well_formed(said))
        except Exception:  # noqa: BLE001 - the application's own code: it vouches for nothing
            return False


USUAL = ProductRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """`path` is what goes when the product is doubted, `names` what it is called."""

    path: Path
    said: Any
    names: tuple[str, ...]


class _Place(Enum):
    ANYWHERE = auto()
    LISTED = auto()
    """An element of a list of products."""
    BELOW = auto()
    """What stands below the name of such a list."""
    WITHIN = auto()
    """Further within an object that stands there: its objects are products, its texts not."""


def mentions(value: Any, rules: ProductRules = USUAL) -> Iterator[Mention]:
    """In the order of the text, what is outside before what is inside."""
    keys, lists = _Names(rules.keys), _Names(rules.lists)
    waiting: list[tuple[Path, Any, _Place]] = [((), value, _Place.ANYWHERE)]
    while waiting:
        path, one, place = waiting.pop()
        if place is _Place.ANYWHERE and lists.hold(path):
            place = _Place.BELOW
        if isinstance(one, dict):
            ids = [key for key in one if keys.hold((*path, key))]
            yield from _of_object(path, one, ids, listed=place is _Place.LISTED)
            below = place in {_Place.BELOW, _Place.WITHIN} and not ids
            named = dict.fromkeys(key for key in one if below and rules.is_id(key))
            for key in named:
                yield Mention(path=(*path, key), said=key, names=(key, *_called(one[key])))
            inner: list[tuple[Path, Any, _Place]] = [
                (
                    (*path, key),
                    inside,
                    _Place.WITHIN if below and key not in named else _Place.ANYWHERE,
                )
                for key, inside in one.items()
            ]
        elif isinstance(one, list):
            inner = [
                ((*path, index), inside, _of_element(place, inside))
                for index, inside in enumerate(one)
            ]
        else:
            if place is _Place.LISTED or (place is _Place.BELOW and rules.is_id(one)):
                yield Mention(path=path, said=one, names=(one,) if isinstance(one, str) else ())
            continue
        waiting.extend(reversed(inner))


def texts(value: Any) -> Iterator[tuple[Path, str]]:
    """All texts with where they stand, keys as well, in order."""
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, one = waiting.pop()
        if path and isinstance(path[-1], str):
            yield path, path[-1]
        if isinstance(one, dict):
            waiting.extend(reversed([((*path, key), inside) for key, inside in one.items()]))
        elif isinstance(one, list):
            waiting.extend(reversed([((*path, at), inside) for at, inside in enumerate(one)]))
        elif isinstance(one, str):
            yield path, one


def _of_object(
    path: Path, one: dict[str, Any], ids: list[str], *, listed: bool
) -> Iterator[Mention]:
    """An answer whose own id is null names no product."""
    said = [one[key] for key in ids if path or one[key] is not None]
    if not said and not listed:
        return
    names = (*called(one), *(each for each in said if isinstance(each, str)))
    for each in said:
        yield Mention(path=path, said=each, names=names)
    if listed and not ids:
        yield Mention(path=path, said=None, names=names)


def _of_element(place: _Place, inside: Any) -> _Place:
    match place:
        case _Place.LISTED | _Place.BELOW:
            return _Place.LISTED
        case _Place.WITHIN if isinstance(inside, dict):
            return _Place.LISTED
        case _:
            return place


def _called(product: Any) -> tuple[str, ...]:
    return called(product) if isinstance(product, dict) else ()


class _Names:
    """Names of keys, and pointers."""

    def __init__(self, said: Iterable[str]) -> None:
        said = tuple(said)
        self._names = frozenset(bare(one) for one in said if not one.startswith("/"))
        self._pointers = tuple(one.split("/")[1:] for one in said if one.startswith("/"))

    def hold(self, path: Path) -> bool:
        if path and isinstance(path[-1], str) and bare(path[-1]) in self._names:
            return True
        return any(_fits(path, pointer) for pointer in self._pointers)


def _fits(path: Path, wanted: list[str]) -> bool:
    return len(path) == len(wanted) and all(
        (name == "*" and isinstance(part, int)) or name == pointer((part,))[1:]
        for part, name in zip(path, wanted, strict=True)
    )
