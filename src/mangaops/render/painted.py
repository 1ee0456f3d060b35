"""Coloured and aligned text without rich, for commands that must start at once."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
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


def wrapped(text: str, *, width: int, indent: int = 0, hanging: int = 0) -> Iterator[str]:
    """Lines that break between words, but not between a number and its unit."""
    lines = textwrap.wrap(
        _TOGETHER.sub(_GLUE, text),
        width=max(width, 20),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield from (line.replace(_GLUE, " ") for line in lines)


def aligned(rows: Sequence[Sequence[str]], *, indent: int = 0) -> Iterator[str]:
    """Rows as columns: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield (" " * indent + _GAP.join(cells)).rstrip()
