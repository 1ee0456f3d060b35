"""Whether the products that an answer names exist.

A product that cannot be shown to exist is taken out of the answer, and that is said. Texts are
not rewritten: `still_named` says which of them name it, or an id that nobody knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from mangaops.fm.answers.mentions import USUAL, Mention, Path, ProductRules, mentions, texts
from mangaops.fm.answers.naming import Names
from mangaops.fm.answers.product_ids import ids_in, is_product_id
from mangaops.fm.answers.repair.notes import pointer

Known: TypeAlias = Callable[[Collection[str]], Collection[str] | None]
"""Which of some ids the catalogue has; None when it cannot be asked."""

MOST_NAMES = 200
"""With more names than these to look for, every text is taken to name one."""


class Doubt(StrEnum):
    NO_ID = "no id"
    ILL_FORMED = "no product id"
    UNKNOWN = "not in the catalogue"
    UNCHECKED = "the catalogue could not be asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """`pointer` is where it stood in the answer as it came, empty when the answer itself is the
    product. `product_id` only when it has the form of one: anything else is text of the answer.
    """

    pointer: str
    doubt: Doubt
    product_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedProducts:
    """`value` is the answer without what was removed; `ids` are those that stayed in it, and
    `in_texts` those that only its texts name and nobody doubts.

    `verified`: the catalogue was asked about ids of this answer, and has all that stand in
    `value`, in its texts too; so an answer without a product is not verified. `still_named` are
    the pointers, in `value`, of the texts and keys in which stands the id or the title of a
    removed product, or an id that the catalogue has not.
    """

    value: Any
    ids: tuple[str, ...]
    verified: bool
    removed: tuple[Removed, ...] = ()
    still_named: tuple[str, ...] = ()
    in_texts: tuple[str, ...] = ()

    @property
    def invented(self) -> bool:
        """Nothing is left, and not because the catalogue could not be asked."""
        doubts = {one.doubt for one in self.removed}
        return bool(doubts) and not self.ids and Doubt.UNCHECKED not in doubts


def check_products(
    value: Any, *, known: Known | None = None, rules: ProductRules = USUAL
) -> CheckedProducts:
    """`value` itself is not changed. A catalogue that cannot be asked vouches for nothing."""
    found = tuple(mentions(value, rules))
    formed = frozenset(one.said for one in found if rules.is_id(one.said))
    asked = formed.union(*(_ids_in(text, rules) for _, text in texts(value)))
    there = _there(asked, known)
    doubts = [(one, _doubt(one, formed, there)) for one in found]
    gone = [(one, doubt) for one, doubt in doubts if doubt is not None]
    paths = frozenset(one.path for one, _ in gone)
    kept = _without(value, paths) if gone else value
    left = [one for one, doubt in doubts if doubt is None and not _lies_in(one.path, paths)]
    ids = tuple(dict.fromkeys(one.said for one in left))
    told = _Told(kept, rules, there or frozenset(), [one for one, _ in gone])
    return CheckedProducts(
        value=kept,
        ids=ids,
        verified=known is not None and bool(ids or told.there) and not told.unknown,
        removed=tuple(_removed(one, doubt) for one, doubt in gone),
        still_named=tuple(dict.fromkeys(told.doubtful)),
        in_texts=tuple(one for one in told.there if one not in ids),
    )


def vouched(given: object) -> frozenset[str] | None:
    """What the application's catalogue answered; a TypeError when that is no collection of ids.
    Of a mapping those count whose value does: `{"B0...": False}` is not there.
    """
    if given is None:
        return None
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise TypeError(type(given).__name__)
    ids = [one for one in given if not isinstance(given, Mapping) or given[one]]
    if not all(isinstance(one, str) for one in ids):
        raise TypeError(type(given).__name__)
    return frozenset(ids)


def _there(asked: frozenset[str], known: Known | None) -> frozenset[str] | None:
    """None when the catalogue could not be asked."""
    if known is None or not asked:
        return asked
    try:
        return vouched(known(asked))
    except Exception:  # noqa: BLE001 - the application's own code: it vouches for nothing
        return None


def _doubt(mention: Mention, formed: frozenset[str], there: frozenset[str] | None) -> Doubt | None:
    if mention.said is None:
        return Doubt.NO_ID
    if not isinstance(mention.said, str) or mention.said not in formed:
        return Doubt.ILL_FORMED
    if there is None:
        return Doubt.UNCHECKED
    return None if mention.said in there else Doubt.UNKNOWN


def _removed(mention: Mention, doubt: Doubt) -> Removed:
    formed = doubt not in {Doubt.NO_ID, Doubt.ILL_FORMED}
    return Removed(
        pointer=pointer(mention.path), doubt=doubt, product_id=mention.said if formed else None
    )


def _lies_in(path: Path, gone: Collection[Path]) -> bool:
    """Whether it, or what is around it, is taken out."""
    return any(path[:length] in gone for length in range(len(path) + 1))


def _without(value: Any, paths: Collection[Path]) -> Any:
    """A copy. The last goes first, so that the positions before it stay true."""
    gone = set(paths)
    if () in gone:
        return {}
    copy = json.loads(json.dumps(value))
    for path in sorted(gone, key=_order, reverse=True):
        if _lies_in(path[:-1], gone):
            continue  # what is around it goes as a whole
        around = copy
        for part in path[:-1]:
            around = around[part]
        del around[path[-1]]
    return copy


def _order(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """Positions of a list by number."""
    return tuple((True, part, "") if isinstance(part, int) else (False, 0, part) for part in path)


class _Told:
    """What the texts that are left say of products."""

    def __init__(
        self, value: Any, rules: ProductRules, there: frozenset[str], gone: Collection[Mention]
    ) -> None:
        called = frozenset(name for one in gone for name in one.names)
        names = Names(called) if len(called) <= MOST_NAMES else None
        self.unknown = False
        self.there: dict[str, None] = {}
        self.doubtful: list[str] = []
        for path, text in texts(value):
            ids = _ids_in(text, rules)
            unknown = [one for one in ids if one not in there]
            self.unknown = self.unknown or bool(unknown)
            self.there.update(dict.fromkeys(one for one in ids if one in there))
            if unknown or names is None or (called and names.stand_in(text)):
                self.doubtful.append(pointer(path))


def _ids_in(text: str, rules: ProductRules) -> tuple[str, ...]:
    return ids_in(text, is_product_id if rules.well_formed is is_product_id else rules.is_id)
