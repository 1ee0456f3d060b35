"""Values of mangaops.yaml that have a form: regions, accounts, addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, StrictStr

_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d{1,2}")
_ACCOUNT = re.compile(r"\d{12}")
_SOCKET = "unix"


def _formed(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(what)
        return value

    return check


def _address(schemes: tuple[str, ...], what: str) -> Callable[[str], str]:
    """A URL of one of these schemes, with a host (a path for a socket) and a real port."""

    def check(value: str) -> str:
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            raise ValueError(what) from None
        place = parts.path if parts.scheme == _SOCKET else parts.hostname
        if parts.scheme not in schemes or not place or any(map(str.isspace, value)):
            raise ValueError(what)
        return value

    return check


Region: TypeAlias = Annotated[
    StrictStr, AfterValidator(_formed(_REGION, "must be a region such as ap-northeast-1"))
]
Account: TypeAlias = Annotated[
    StrictStr, AfterValidator(_formed(_ACCOUNT, "must have twelve digits"))
]
EndpointUrl: TypeAlias = Annotated[
    StrictStr,
    AfterValidator(_address(("http", "https"), "must be written as https://HOST or http://HOST")),
]
CacheUrl: TypeAlias = Annotated[
    StrictStr,
    AfterValidator(
        _address(
            ("redis", "rediss", _SOCKET),
            "must be written as redis://HOST:PORT/0 or rediss://...",
        )
    ),
]
