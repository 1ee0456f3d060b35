"""Coloured and aligned text without rich, for commands that must start at once."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

_END = "\x1b[0m"
_CODES: Mapping[str, str] = MappingProxyType(
    {
        "fail": "\x1b[1;31m",
        "fine": "\x1b[32m",
        "unsure": "\x1b[33m",
        "quiet": "\x1b[2m",
        "strong": "\x1b[1m",
        "command": "\x1b[1;36m",
        "first": "\x1b[36m",
        "second": "\x1b[35m",
    }
)
_GLUE = "\ue000"
_GAP = "  "
_TOGETHER = re.compile(r"(?<=\d) (?=(?:%|ms|s|USD)(?:\W|$))|(?<=\bp) (?=[<=])|(?<=[<=]) (?=\d)")
"""A number and its unit stay on one line."""


def painted(text: str, style: str, *, colour: bool) -> str:
    """`text` in a style of the terminal's theme; as it is without colour or text."""
    return f"{_CODES[style]}{text}{_END}" if colour and style and text else text


def cells(text: str) -> int:
    """The columns that a terminal needs: two for each Japanese character."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, width: int, *, right: bool = False) -> str:
    """`text` in `width` columns, on the left of them or on the right."""
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks


def wrapped(text: str, *, width: int, indent: int = 0, hanging: int = 0) -> Iterator[str]:
    """Lines that break between words, but not between a number and its unit.

    Wide characters break anywhere: Japanese has no spaces.
    """
    if cells(text) != len(text):
        yield from _wrapped_wide(text, max(width, 20), indent, hanging)
        return
    lines = textwrap.wrap(
        _TOGETHER.sub(_GLUE, text),
        width=max(width, 20),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield from (line.replace(_GLUE, " ") for line in lines)


def _wrapped_wide(text: str, width: int, indent: int, hanging: int) -> Iterator[str]:
    line, start = " " * indent, True
    for word in _TOGETHER.sub(_GLUE, text).split():
        for number, piece in enumerate(_pieces(word)):
            gap = "" if start or number else " "
            if not start and cells(line + gap + piece) > width:
                yield line.replace(_GLUE, " ")
                line, gap = " " * (indent + hanging), ""
            line, start = line + gap + piece, False
    yield line.replace(_GLUE, " ")


def _pieces(word: str) -> Iterator[str]:
    """Each wide character alone, what is between them whole."""
    for wide, some in groupby(word, key=lambda character: _cells(character) > 1):
        piece = "".join(some)
        yield from piece if wide else (piece,)


def aligned(rows: Sequence[Sequence[str]], *, indent: int = 0) -> Iterator[str]:
    """Rows as columns: the first to the left, the others to the right."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        texts = [padded(first, widths[0])]
        sized = zip(others, widths[1:], strict=True)
        texts += [padded(cell, width, right=True) for cell, width in sized]
        yield (" " * indent + _GAP.join(texts)).rstrip()
