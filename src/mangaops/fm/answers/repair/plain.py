"""JSON that needs no mending, at the speed of Python's own reader."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from math import isfinite
from typing import Any, NoReturn

from mangaops.fm.answers.repair.runs import once
from mangaops.fm.answers.repair.stack import DEEPEST

_SURROGATE = re.compile("\\\\u[dD][89a-fA-F]|[\ud800-\udfff]")


class NotPlain(ValueError):
    """It must be read member by member: no JSON, or something in it must be told."""


def plain(text: str) -> Any:
    """The value; raises NotPlain also for a key that stands twice, a number that is not
    finite, half a surrogate pair, and too deep a nesting.
    """
    try:
        value = _STRICT.decode(text)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise NotPlain from None
    if text.count("[") + text.count("{") > DEEPEST and not _shallow(value):
        raise NotPlain
    return value


def _finite(number: str) -> float:
    value = float(number)
    if not isfinite(value):
        raise NotPlain
    return value


def _refused(_: str) -> NoReturn:
    raise NotPlain


_STRICT = json.JSONDecoder(object_pairs_hook=once, parse_float=_finite, parse_constant=_refused)


def _shallow(value: Any) -> bool:
    """Level by level: Python's own stack has no part in it."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one) if isinstance(inner, dict | list)]
        if not level:
            return True
    return False


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
