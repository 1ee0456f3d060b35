"""One text in quotes: JSON's own, single ones, or the full-width ones of an input method.

What stands between the quotes is never changed, but for what no text can hold: half of a
surrogate pair. Quotes that may be meant for something else are refused.
"""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import NamedTuple

from mangaops.fm.answers.repair.notes import Mend
from mangaops.fm.answers.repair.signs import CLOSERS

_BODIES = MappingProxyType(
    {
        quote: re.compile(rf"(?:[^{closer}\\]++|\\.)*+", re.DOTALL)
        for quote, closer in CLOSERS.items()
    }
)
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*+"')
_CONTROL = re.compile(r"[\x00-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r'\\.|"', re.DOTALL)
_OF_SINGLE = re.compile(r"""(?:\\[^'])++|(?:\\')++|"++""", re.DOTALL)
_FINISHED = re.compile(r"(?:[^\\]++|\\[^u]|\\u[0-9a-fA-F]{4})*+", re.DOTALL)
_BEGUN = re.compile(r"(?:\\(?:u[0-9a-fA-F]{0,3}+)?+)?+")
_DECODER = json.JSONDecoder(strict=False)


class Quoted(NamedTuple):
    """A tuple, since there are many of them.

    `value` is None when what stands between the quotes is no text. `end` is behind the closing
    quote; where `closed` is false the text ends before it, and `value` is what was seen.
    `mends` are the slips in it.
    """

    value: str | None
    end: int
    closed: bool = True
    mends: tuple[Mend, ...] = ()


def read_quoted(text: str, start: int) -> Quoted:
    """`text[start]` is one of CLOSERS."""
    quote = text[start]
    plain = _PLAIN.match(text, start + 1) if quote == '"' else None
    if plain is not None:
        return _whole(text[start + 1 : plain.end() - 1], plain.end(), ())
    body = _BODIES[quote].match(text, start + 1)
    end = start + 1 if body is None else body.end()
    inside = text[start + 1 : end]
    if not text.startswith(CLOSERS[quote], end):
        return _cut(quote, text, start)
    mends = _mends(quote, inside)
    value = _decoded(quote, inside)
    if value is None:
        return Quoted(value=None, end=end + 1, mends=mends)
    return _whole(value, end + 1, mends)


def _cut(quote: str, text: str, start: int) -> Quoted:
    inside = text[start + 1 :]
    value, mends = _seen(quote, inside), _mends(quote, inside)
    if value is None:
        return Quoted(value=None, end=len(text), closed=False, mends=mends)
    return _whole(value, len(text), mends)._replace(closed=False)


def _mends(quote: str, inside: str) -> tuple[Mend, ...]:
    return (*_quotes(quote), *([Mend.CONTROL] if _CONTROL.search(inside) else []))


def _whole(value: str, end: int, mends: tuple[Mend, ...]) -> Quoted:
    if not value.isascii() and _SURROGATE.search(value):
        return Quoted(value=_SURROGATE.sub("", value), end=end, mends=(*mends, Mend.SURROGATE))
    return Quoted(value=value, end=end, mends=mends)


def _quotes(quote: str) -> tuple[Mend, ...]:
    match quote:
        case '"':
            return ()
        case "'":
            return (Mend.SINGLE,)
        case _:
            return (Mend.WIDE_QUOTES,)


def _decoded(quote: str, inside: str) -> str | None:
    if inside.isprintable() and "\\" not in inside and '"' not in inside and quote not in inside:
        return inside
    if quote == "'":
        inside = _OF_SINGLE.sub(_of_single, inside)
    elif quote != '"' and (quote in inside or _bare_quote(inside)):
        return None  # one of the two quotes is meant for another text
    try:
        value = _DECODER.decode(f'"{inside}"')
    except ValueError:  # an escape that JSON does not have
        return None
    return value if isinstance(value, str) else None


def _of_single(token: re.Match[str]) -> str:
    """Many alike at once."""
    found = token[0]
    if found[0] == '"':
        return '\\"' * len(found)
    return "'" * (len(found) // 2) if found[1] == "'" else found


def _bare_quote(inside: str) -> bool:
    return any(token[0] == '"' for token in _ESCAPED.finditer(inside))


def _seen(quote: str, inside: str) -> str | None:
    """What was seen of a text that is cut, without an escape or a pair that is cut itself."""
    finished = _FINISHED.match(inside)
    end = 0 if finished is None else finished.end()
    return _decoded(quote, inside[:end]) if _BEGUN.fullmatch(inside, end) else None
