"""Pages of a list, as AWS gives them: so many items and a token for the rest.

A token is the offset in Base64, so that it also fits the services whose model
allows nothing else. An item added between two pages moves the others, as on AWS.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from mangaops.sandbox.overlay import Fault

T = TypeVar("T")


def page_of(
    items: Sequence[T], token: str | None, size: int, refusal: Fault
) -> tuple[list[T], str | None]:
    """The page that `token` asks for (the first without one) and the next page's token.

    Raises `refusal`, the service's own error, for a token that no page gave out.
    """
    start = 0 if token is None else _offset(token, refusal)
    if token is not None and start > len(items):
        raise refusal
    end = start + size
    return list(items[start:end]), _token(end) if end < len(items) else None


def _token(offset: int) -> str:
    return base64.b64encode(f"offset/{offset}".encode()).decode()


def _offset(token: str, refusal: Fault) -> int:
    try:
        word, _, number = base64.b64decode(token, validate=True).decode("ascii").partition("/")
    except (binascii.Error, UnicodeDecodeError):
        raise refusal from None
    if word != "offset" or not number.isdecimal():
        raise refusal
    return int(number)
