"""What is plain JSON, many members or elements at once, at the speed of Python's own reader.

Only members with a comma behind them are taken, whose values are scalars or small trees: an
answer of a thousand products, of which one is broken, is read in two bites.
Nothing here backtracks: each part is atomic, and a run stops before the first doubt.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

_GAP = r"[ \t\n\r]*+"
_TEXT = r'"(?:[^"\\\x00-\x1f\ud800-\udfff]++|\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*+"'
_NUMBER = r"-?+(?:0|[1-9][0-9]{0,17}+)(?:\.[0-9]{1,17}+)?+"
_SCALAR = rf"(?:{_TEXT}|{_NUMBER}|true|false|null)"
BEGINS = frozenset('"{[-0123456789tfn')
"""What an element of a run begins with."""
LEVELS = 3
"""So deep are the containers of a run. Each level is one more time that a character is looked
at, where a run ends in the middle of it."""


def _container(value: str) -> str:
    """An object or a list of such values; a comma stands only before another."""
    pairs = rf"(?:{_TEXT}{_GAP}:{_GAP}{value}{_GAP}(?:,{_GAP}(?=\")|(?=\}})))*+"
    elements = rf"(?:{value}{_GAP}(?:,{_GAP}(?!\])|(?=\])))*+"
    return rf"\{{{_GAP}{pairs}\}}|\[{_GAP}{elements}\]"


def _value() -> str:
    value = _SCALAR
    for _ in range(LEVELS):
        value = rf"(?:{_SCALAR}|{_container(value)})"
    return value


class Twice(ValueError):
    """A key stands twice in an object: told by whoever reads it member by member."""


@dataclass(frozen=True, slots=True)
class Run:
    """`end` is behind the last comma, and the white space behind it."""

    value: Any
    end: int


@cache
def _elements() -> re.Pattern[str]:
    return re.compile(rf"(?:{_value()}{_GAP},{_GAP})++")


@cache
def _members() -> re.Pattern[str]:
    return re.compile(rf"(?:{_TEXT}{_GAP}:{_GAP}{_value()}{_GAP},{_GAP})++")


def elements(text: str, start: int) -> Run | None:
    """`value` is a list. Raises Twice when an object of the run has a key twice."""
    found = _elements().match(text, start)
    return None if found is None else Run(_read(f"[{_inner(found)}]"), found.end())


def members(text: str, start: int) -> Run | None:
    """`value` is a dict. Raises Twice when an object of the run has a key twice."""
    found = _members().match(text, start)
    return None if found is None else Run(_read(f"{{{_inner(found)}}}"), found.end())


def _inner(found: re.Match[str]) -> str:
    return found[0].rstrip(" \t\n\r")[:-1]


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys all differ; for a reader's `object_pairs_hook`."""
    value = dict(pairs)
    if len(value) < len(pairs):
        raise Twice
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=once)


def _read(text: str) -> Any:
    return _DECODER.decode(text)
