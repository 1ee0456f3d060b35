"""Where a bracket closes, whatever stands inside: only texts in double quotes are known here."""

from __future__ import annotations

import re

from mangaops.fm.answers.repair.signs import OPENERS

OPENER = re.compile(rf"\{{|\[(?=[ \t\n\r]*+(?:[{OPENERS}{{\[\]/#0-9tfnTFNuI-]|\Z))")
"""A list begins with what may be JSON: `[see below]` is prose. A brace is always one."""

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?+\Z)|[\[{]++|[\]}]++', re.DOTALL)


def closing(text: str, start: int, depth: int) -> int | None:
    """The index behind the bracket that brings `depth` back to 0; None when none does.

    Brackets are only counted: this is for what cannot be read anyway.
    """
    for token in _TOKEN.finditer(text, start):
        begin, end = token.span()
        first = text[begin]
        if first in "[{":
            depth += end - begin
        elif first in "]}":
            if end - begin >= depth:
                return begin + depth
            depth -= end - begin
    return None


def balanced(text: str) -> bool:
    """Whether each object and list that is begun in the text comes to its end."""
    position = 0
    while found := OPENER.search(text, position):
        end = closing(text, found.end(), 1)
        if end is None:
            return False
        position = end
    return True
