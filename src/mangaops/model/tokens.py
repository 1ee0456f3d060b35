"""How many tokens a text has, estimated from above without asking anybody.

ASCII is about 3.5 characters a token, a Japanese character about one. For any other script a
model knows fewer whole words, and what it knows nothing of it reads byte by byte, so the
length in UTF-8 is the bound: 1 token for a letter of two bytes (accented Latin, Cyrillic,
Greek, Hebrew, Arabic), 2 for one of three (Thai, Devanagari, arrows, notes), 3 for one of
four (emoji, rare Han). Judged, not measured: TokenCounter corrects it model by model.
`len(text) // 4`, as is often seen, is wrong by a factor of four for Japanese.
"""

from __future__ import annotations

import math
import re

PER_CJK = 1.05
PER_OTHER = 1 / 3.5
"""Of ASCII."""
PER_TWO_BYTES, PER_THREE_BYTES, PER_FOUR_BYTES = 1, 2, 3
CERTAIN = 0.8
"""An estimate is an upper one: this share of it is taken for sure. So it is for ASCII and
Japanese; of other scripts only a count says more.
"""

_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u303f\u3040-\u30ff\u3100-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]+"
)
"""Runs of Han, kana, Hangul, their punctuation and full-width forms."""
_TWO_BYTES = re.compile("[\u0080-\u07ff]+")
_FOUR_BYTES = re.compile("[\U00010000-\U0010ffff]+")


def estimated_tokens(text: str) -> int:
    """An upper estimate, rounded up; 0 only for no text at all."""
    if text.isascii():
        return _up(PER_OTHER * len(text))
    ascii_ = len(text.encode("ascii", "ignore"))
    cjk, two, four = (_count(each, text) for each in (_CJK, _TWO_BYTES, _FOUR_BYTES))
    three = len(text) - ascii_ - cjk - two - four
    return _up(
        PER_OTHER * ascii_
        + PER_CJK * cjk
        + PER_TWO_BYTES * two
        + PER_THREE_BYTES * three
        + PER_FOUR_BYTES * four
    )


def _count(kind: re.Pattern[str], text: str) -> int:
    return sum(map(len, kind.findall(text)))


def _up(tokens: float) -> int:
    return math.ceil(tokens - 1e-9)
