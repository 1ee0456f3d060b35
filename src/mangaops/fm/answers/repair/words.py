"""One bare word: a number, or a literal of JSON, Python or JavaScript."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType

from mangaops.fm.answers.repair.signs import ALL

LONGEST = 4300
"""Digits of a whole number, which is kept exact; Python reads no more."""

BARE = re.compile(rf"""[^\s,:\[\]{{}}"'/#{ALL}\ud800-\udfff]*+""")
_NUMBER = re.compile(r"-?+(?:0|[1-9][0-9]*+)(\.[0-9]++)?+([eE][-+]?+[0-9]++)?+")
_JSON = MappingProxyType({"true": True, "false": False, "null": None})
_OTHER = MappingProxyType({"True": True, "False": False, "None": None, "undefined": None})
_ENDLESS = frozenset(
    f"{sign}{word}" for sign in ("", "-", "+") for word in ("NaN", "Infinity", "inf", "nan")
)


@dataclass(frozen=True, slots=True)
class Word:
    """`mended` for a literal that is not JSON's; `endless` for NaN, an infinity, and a number
    that is too large to be told from one: its value is None.
    """

    value: float | bool | None
    mended: bool = False
    endless: bool = False


_KNOWN = MappingProxyType(
    {word: Word(value) for word, value in _JSON.items()}
    | {word: Word(value, mended=True) for word, value in _OTHER.items()}
    | {word: Word(None, endless=True) for word in _ENDLESS}
)


def word_of(bare: str) -> Word | None:
    """None for what is neither a number nor a literal."""
    if known := _KNOWN.get(bare):
        return known
    number = _NUMBER.fullmatch(bare)
    if number is None:
        return None
    if number[1] is None and number[2] is None:
        return _whole(bare)
    value = float(bare)
    return Word(value) if isfinite(value) else Word(None, endless=True)


def _whole(bare: str) -> Word | None:
    try:
        return Word(int(bare)) if len(bare) <= LONGEST else None
    except ValueError:  # this process was told to read still fewer digits
        return None
