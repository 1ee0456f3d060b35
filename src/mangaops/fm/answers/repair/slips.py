"""What is full of slips, many members or elements at once: the patterns, and what they mean.

For a text of which so many slips were told that the others are only counted: their places are
of no interest, so each is replaced by what it stands for, and Python's own reader reads the
result. The patterns are those of patterns.py with the slips allowed; they do not backtrack
either.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from mangaops.fm.answers.repair.gaps import BEGINS as SKIPPED
from mangaops.fm.answers.repair.gaps import GAP, PART, slips_of
from mangaops.fm.answers.repair.patterns import LEVELS, NUMBER, TEXT
from mangaops.fm.answers.repair.quoted import read_quoted
from mangaops.fm.answers.repair.signs import CLOSERS, WIDE_COLON, WIDE_COMMA

BEGINS = frozenset("".join(CLOSERS) + "{[-0123456789tfnTFNu")
"""What an element of such a run begins with."""

AT_ONCE = 4_096
"""Tokens."""

_WHITE = " \t\n\r"
_COLON, _COMMA = f"[:{WIDE_COLON}]", f"[,{WIDE_COMMA}]"
_ESCAPE = r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})'
_WIDE_QUOTED = "|".join(
    rf'{quote}(?:[^"{quote}{closer}\\]++|{_ESCAPE})*+{closer}'
    for quote, closer in CLOSERS.items()
    if quote not in "\"'"
)
_QUOTED = rf"""(?:"(?:[^"\\]++|{_ESCAPE})*+"|'(?:[^'\\]++|\\'|{_ESCAPE})*+'|{_WIDE_QUOTED})"""
_MEANT = MappingProxyType(
    {
        "True": "true",
        "False": "false",
        "None": "null",
        "undefined": "null",
        WIDE_COLON: ":",
        WIDE_COMMA: ",",
    }
)
_LITERAL = "(?:True|False|None|undefined)"
_SCALAR = rf"(?:{_QUOTED}|(?=[-0-9]){NUMBER}|true|false|null|{_LITERAL})"

# The tokens of a run: each slip with the sign behind it, and all that is plain between two.
_NEXT = rf",(?!{GAP}[\]}}])"
_SIGN = rf"(?:(?::|{_NEXT})[{_WHITE}]*+)?+"
_TRAILING = rf"{_COMMA}{GAP}[\]}}]{_SIGN}"
_PLAIN = rf"(?:[-+0-9.eE:{{}}\[\]{_WHITE}]++|{TEXT}|true|false|null|{_NEXT})++"
_TOKEN = re.compile(
    rf"{_PLAIN}(?:{_TRAILING})?+|{_TRAILING}|(?:{_QUOTED}|{_LITERAL}){_SIGN}"
    rf"|{_COLON}|{_COMMA}|{PART}"
)
_BEGUN_PLAIN = re.compile(_PLAIN)
_TO_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+[\[\]{}]|.++', re.DOTALL)
_CLOSER_OF = MappingProxyType({"[": "]", "{": "}"})


@cache
def elements() -> re.Pattern[str]:
    return re.compile(rf"(?:{GAP}{_value(LEVELS)}{GAP}{_COMMA})++")


@cache
def members() -> re.Pattern[str]:
    """`key` is the last one."""
    return re.compile(rf"(?:{GAP}(?P<key>{_QUOTED}){_behind_key(_value(LEVELS))}{GAP}{_COMMA})++")


def _behind_key(value: str) -> str:
    return rf"{GAP}{_COLON}{GAP}{value}"


def _value(levels: int, *, in_object: bool = False, in_list: bool = False) -> str:
    """A closer may be missing where that of a container around it follows."""
    if not levels:
        return _SCALAR
    behind = rf"{GAP}(?:{_COMMA}{GAP}|(?=[\]}}]))"
    member = _QUOTED + _behind_key(_value(levels - 1, in_object=True, in_list=in_list))
    element = _value(levels - 1, in_object=in_object, in_list=True)
    brace = r"(?:\}|(?=\]))" if in_list else r"\}"
    bracket = r"(?:\]|(?=\}))" if in_object else r"\]"
    return (
        rf"(?:\{{{GAP}(?:{member}{behind})*+{brace}"
        rf"|\[{GAP}(?:{element}{behind})*+{bracket}|{_SCALAR})"
    )


class Mended(NamedTuple):
    """`times`: so many slips it had. A tuple, since there are many of them."""

    text: str
    times: int


def mended(text: str, start: int, end: int) -> Mended:
    """What a run means, in JSON, but for closers that are missing.

    Of some thousand tokens at a time, each different one is looked at once: as many as stay
    at hand in the processor's memory.
    """
    tokens = _TOKEN.findall(text, start, end)
    parts: list[str] = []
    times = 0
    for begin in range(0, len(tokens), AT_ONCE):
        some = tokens[begin : begin + AT_ONCE]
        meant: dict[str, str] = {}
        for token, count in Counter(some).items():
            one = _meaning(token)
            meant[token] = one.text
            times += one.times * count
        parts.append("".join(map(meant.__getitem__, some)))
    return Mended("".join(parts), times)


def closed(run: Mended) -> Mended:
    """With the closers that are missing."""
    waiting: list[str] = []
    parts: list[str] = []
    times = 0
    for part in _TO_BRACKET.findall(run.text):
        last = part[-1]
        if last in _CLOSER_OF:
            waiting.append(_CLOSER_OF[last])
        elif last in {"]", "}"}:
            while waiting[-1] != last:
                part = f"{part[:-1]}{waiting.pop()}{last}"  # noqa: PLW2901 - grows
                times += 1
            waiting.pop()
        parts.append(part)
    return Mended("".join(parts), run.times + times)


def _meaning(token: str) -> Mended:
    first = token[0]
    if first == "'" and token.isprintable() and "\\" not in token and '"' not in token:
        end = token.rindex("'")
        return Mended(f'"{token[1:end]}"{token[end + 1 :]}', 1)
    if first in SKIPPED:
        return Mended("", 1)
    if plain := _BEGUN_PLAIN.match(token):
        trailing = token[plain.end() :]
        return _of_trailing(plain[0], trailing) if trailing else Mended(token, 0)
    body = token.rstrip(f":,{_WHITE}")
    sign = token[len(body) :]
    if known := _MEANT.get(body):
        return Mended(known + sign, 1)
    if body[0] in CLOSERS:
        quoted = _of_quoted(body)
        return Mended(quoted.text + sign, quoted.times)
    return _of_trailing("", token)


def _of_trailing(plain: str, token: str) -> Mended:
    """What is plain, and a comma behind it that stands before a closer."""
    body = token.rstrip(f":,{_WHITE}")
    wide = token[0] == WIDE_COMMA
    return Mended(f"{plain}{body[-1]}{token[len(body) :]}", 1 + wide + slips_of(body))


def _of_quoted(token: str) -> Mended:
    if token.isprintable() and "\\" not in token and '"' not in token:
        return Mended(f'"{token[1:-1]}"', 1)
    quoted = read_quoted(token, 0)
    return Mended(json.dumps(quoted.value), len(quoted.mends))
