"""How a product is told in JSON, and whether a text names one.

    names("ATTACK-on&nbsp;Titan is back", ["Attack on Titan"])        # True

Rule: two spellings are one when they differ only in width, case, accents, spaces, hyphens and
other signs, HTML, percent-escapes, or the word for a volume (`Vol. 1`, `volume 1`, `第1巻`). A
name of up to four Latin letters and digits is looked for as a word: `K` is in every text.
Reason: the same rule for what is taken out of an answer and out of a stored one.
Known cost: `Naruto 1` is found in `Naruto 10`. Rather once too often.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

ID_KEYS = frozenset({"product_id", "asin"})
LISTS = frozenset({"products", "recommendations", "product_ids", "asins"})
"""What stands in a list of these names is a product: an object with an id, or the id itself."""
_TITLES = ("title", "name", "product_name", "product_title")

_ACCENTS = re.compile("[\u0300-\u036f]")
_TAG = re.compile(r"</?[a-z][^<>]{0,300}>", re.IGNORECASE)
_WESTERN = re.compile(r"(?<![a-z0-9])(?:volume|vol)[\W_]*(?=[0-9])")
_EASTERN = re.compile(r"第?\s*([0-9]+)\s*巻")
_SIGNS = re.compile(r"[\W_]+")
_SHORT = re.compile(r"[a-z0-9]{1,4}")
_SERIES = re.compile(r"[,、(\[#]|:\s|[\s_.-]+[0-9]+\s*$")


def is_id_key(key: object) -> bool:
    """`ASIN`, `productId` and `Product-Id` as well."""
    return isinstance(key, str) and bare(key) in _BARE_IDS


def is_list_of_products(key: object) -> bool:
    return isinstance(key, str) and bare(key) in _BARE_LISTS


def bare(key: str) -> str:
    """Without case, hyphens, underscores and spaces."""
    return key.casefold().replace("-", "").replace("_", "").replace(" ", "")


_BARE_IDS = frozenset(map(bare, ID_KEYS))
_BARE_LISTS = frozenset(map(bare, LISTS))


def called(product: Mapping[str, Any]) -> tuple[str, ...]:
    """What a product is called: its ids, and all texts in its titles (`name`, `title_ja`)."""
    return tuple(
        text
        for key, value in product.items()
        if is_id_key(key) or is_title_key(key)
        for text in _texts(value)
    )


def series_of(title: str) -> str:
    """What stands before the volume, a comma, a colon or a bracket; else the whole title."""
    plain = _plain(title)
    found = _SERIES.search(plain, 1)
    series = plain if found is None else plain[: found.start()].strip()
    return series if any(one.isalpha() for one in series) else title


def names(text: str, called: Iterable[str]) -> bool:
    """Whether one of these titles or ids stands in the text, however it is spelt."""
    return Names(called).stand_in(text)


class Names:
    """The same for many texts."""

    def __init__(self, called: Iterable[str]) -> None:
        plain = {_plain(one) for one in called}
        forms = {form for one in plain if (form := _folded(one))}
        signs = {form for one in plain if not _folded(one) and (form := "".join(one.split()))}
        self._signs = tuple(sorted(signs))
        self._long = tuple(sorted(form for form in forms if not _SHORT.fullmatch(form)))
        self._short = tuple(
            re.compile(rf"(?<![a-z0-9]){_apart(form)}(?![a-z0-9])")
            for form in sorted(forms)
            if _SHORT.fullmatch(form)
        )

    def stand_in(self, text: str) -> bool:
        shown = _TAG.sub("", text)
        return self._in(text) or (shown != text and self._in(shown))

    def _in(self, text: str) -> bool:
        plain = _plain(text)
        folded = _folded(plain)
        return (
            any(form in folded for form in self._long)
            or any(form.search(plain) is not None for form in self._short)
            or any(form in plain for form in self._signs)
        )


def _apart(form: str) -> str:
    """`kon` is `K-On!` too."""
    return r"[\W_]*".join(form)


def _plain(text: str) -> str:
    """As a reader sees it, in small letters without accents, a volume as its number."""
    seen = unicodedata.normalize("NFKD", unquote(html.unescape(text))).casefold()
    small = _ACCENTS.sub("", unicodedata.normalize("NFKD", seen))
    one_form = unicodedata.normalize("NFC", small)
    return _EASTERN.sub(r" \1", _WESTERN.sub(" ", one_form))


def _folded(plain: str) -> str:
    """Letters and digits; nothing where there are none (`★`)."""
    return _SIGNS.sub("", plain)


def _key(key: str) -> str:
    return key.casefold().replace("-", "_")


def is_title_key(key: object) -> bool:
    """`title`, `name`, and these in a language: `title_ja`."""
    return isinstance(key, str) and any(
        _key(key) == word or _key(key).startswith(f"{word}_") for word in _TITLES
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inside in value.values():
            yield from _texts(inside)
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from _texts(inside)
