"""What is plain JSON, many members or elements at once: the patterns.

Only members with a comma behind them are taken, whose values are scalars or small trees.
Nothing here backtracks: each part is atomic, and a run stops before the first doubt.
"""

from __future__ import annotations

import re
from functools import cache

_GAP = r"[ \t\n\r]*+"
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = rf'\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{{4}}|{_PAIR}'
TEXT = rf'"(?:[^"\\\x00-\x1f\ud800-\udfff]++|{_ESCAPE})*+"'
NUMBER = r"-?+(?:0|[1-9][0-9]{0,17}+)(?:\.[0-9]{1,17}+)?+(?:[eE][-+]?+[0-9]{1,2}+)?+"
_SCALAR = rf"(?:{TEXT}|{NUMBER}|true|false|null)"
BEGINS = frozenset('"{[-0123456789tfn')
"""What an element of a run begins with."""
LEVELS = 3
"""So deep are the containers of a run. Each level is one more time that a character is looked
at, where a run ends in the middle of it."""


def _container(value: str) -> str:
    """An object or a list of such values; a comma stands only before another."""
    pairs = rf"(?:{TEXT}{_GAP}:{_GAP}{value}{_GAP}(?:,{_GAP}(?=\")|(?=\}})))*+"
    elements = rf"(?:{value}{_GAP}(?:,{_GAP}(?!\])|(?=\])))*+"
    return rf"\{{{_GAP}{pairs}\}}|\[{_GAP}{elements}\]"


def _value() -> str:
    value = _SCALAR
    for _ in range(LEVELS):
        value = rf"(?:{_SCALAR}|{_container(value)})"
    return value


@cache
def elements() -> re.Pattern[str]:
    return re.compile(rf"(?:{_value()}{_GAP},{_GAP})++")


@cache
def members() -> re.Pattern[str]:
    """`key` is the last one."""
    return re.compile(rf"(?:(?P<key>{TEXT}){_GAP}:{_GAP}{_value()}{_GAP},{_GAP})++")
