"""What a product id looks like, and the ids that stand in a text.

Printed manga have their ISBN-10 as ASIN, everything else begins with B0. In a text any ten
digits with the right check digit count as one, a telephone number too: it is only asked about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_ASIN = re.compile(r"B0[A-Z0-9]{8}")
_ISBN = re.compile(r"[0-9]{9}[0-9X]")
_IN_TEXT = re.compile(
    r"(?<![A-Za-z0-9])(?:B0[A-Z0-9]{8}|[0-9]{9}[0-9X])(?![A-Za-z0-9])", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*")


def is_product_id(text: object) -> bool:
    """An ASIN that begins with B0, or an ISBN-10 whose check digit is right; nothing around."""
    return isinstance(text, str) and (_ASIN.fullmatch(text) is not None or is_isbn10(text))


def is_isbn10(text: object) -> bool:
    """The weighted sum of the ten digits, X for 10 in the last place, is divisible by 11."""
    if not isinstance(text, str) or _ISBN.fullmatch(text) is None:
        return False
    digits = [10 if char == "X" else int(char) for char in text]
    return (
        sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11
        == 0
    )


def ids_in(text: str, well_formed: Callable[[str], bool] = is_product_id) -> tuple[str, ...]:
    """In order, each once; in whatever width and case they are written."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    words = (_IN_TEXT if well_formed is is_product_id else _WORD).findall(plain)
    spelt = (one for word in dict.fromkeys(words) for one in dict.fromkeys((word, word.upper())))
    return tuple(dict.fromkeys(one for one in spelt if well_formed(one)))
