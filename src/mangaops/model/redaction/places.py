"""Where in a text a secret stands: between quotes that were escaped any number of times,
or where a pattern matches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DELIMITER = re.compile(r"(\\*+)([\"'])")
_CLOSING = {quote: re.compile(rf"(?<!\\)(\\*+){quote}") for quote in "\"'"}


@dataclass(frozen=True, slots=True)
class Found:
    """A secret's place, without its quotes; `quote` is put around it where it had none."""

    start: int
    end: int
    quote: str = ""


def string_at(text: str, at: int, *, to_end: bool = True) -> Found | None:
    """What is between the quotes that open at `at`, behind as many backslashes as JSON
    within JSON has. One that is cut off ends with the text, or is none without `to_end`.
    """
    opening = _DELIMITER.match(text, at)
    if opening is None:
        return None
    depth = len(opening[1])
    for closing in _CLOSING[opening[2]].finditer(text, opening.end()):
        slashes = len(closing[1])
        if slashes < depth:
            return Found(opening.end(), closing.start())
        if (slashes - depth) % (2 * depth + 2) == 0:
            return Found(opening.end(), closing.end() - 1 - depth)
    return Found(opening.end(), len(text)) if to_end else None


def matched(pattern: re.Pattern[str], text: str, at: int) -> Found | None:
    match = pattern.match(text, at)
    return Found(at, match.end()) if match else None
