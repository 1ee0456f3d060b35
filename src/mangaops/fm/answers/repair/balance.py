"""Where a bracket closes, whatever stands inside: for what cannot be read anyway."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mangaops.fm.answers.repair.signs import OPENERS

_ODD = OPENERS.replace('"', "")
_TOKEN = re.compile(
    rf'"(?:[^"\\]++|\\.)*+(?P<open>"|\\?+\Z)|[\[{{]++|[\]}}]++|(?P<odd>(?<!\w)[{_ODD}]|[{_ODD}](?!\w))',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Closing:
    """`end` is behind the closing bracket; None when there is none.

    `sure`: only texts in double quotes were passed, and each of them ended. Of what stands in
    other quotes nobody knows whether it is a text.
    """

    end: int | None
    sure: bool


def closing(text: str, start: int, end: int, depth: int) -> Closing:
    """The bracket before `end` that brings `depth` back to 0. Brackets are only counted."""
    sure = True
    for token in _TOKEN.finditer(text, start, end):
        begin, behind = token.span()
        first = text[begin]
        if first in "[{":
            depth += behind - begin
        elif first in "]}":
            if behind - begin >= depth:
                return Closing(begin + depth, sure)
            depth -= behind - begin
        else:
            sure = sure and token["open"] == '"'
    return Closing(None, sure)
