"""Where Markdown's code blocks begin and end.

A fence stands at the beginning of a line: three backticks within a text of JSON, where a new
line is written as an escape, are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^[ ]{0,3}+(`{3,}+)([^\n`]*+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """`closed`: the model went on behind it, so it is as long as the model wanted it."""

    text: str
    fenced: bool
    closed: bool


def fenced(text: str) -> bool:
    return _FENCE.search(text) is not None


def pieces(text: str) -> Iterator[Piece]:
    """The text in order, cut at its fences."""
    begin, opener = 0, ""
    for fence in _FENCE.finditer(text):
        ticks, info = fence[1], fence[2].strip()
        if opener and (info or len(ticks) < len(opener)):
            continue  # stands inside the block
        yield Piece(text=text[begin : fence.start()], fenced=bool(opener), closed=True)
        begin, opener = fence.end(), "" if opener else ticks
    yield Piece(text=text[begin:], fenced=bool(opener), closed=False)
