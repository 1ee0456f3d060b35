"""What stands between two tokens and means nothing: white space and comments."""

from __future__ import annotations

import re

from mangaops.fm.answers.repair.notes import Mend
from mangaops.fm.answers.repair.signs import WIDE_SPACES

SPACE = re.compile(r"[ \t\n\r]*+")
BEGINS = frozenset(f"/#{WIDE_SPACES}")
"""What else may stand there, by its first character."""
SKIPPED = BEGINS | frozenset(" \t\n\r") | {""}
"""Where no token begins: the end of the text is the empty one."""

PART = rf"/\*(?:[^*]++|\*(?!/))*+\*/|(?:#|//)[^\n]*+(?=\n)|[{WIDE_SPACES}]++(?=[\s\S])"
"""A comment or wide white space that ends before the text does, as a pattern."""
GAP = rf"[ \t\n\r]*+(?:(?=[/#{WIDE_SPACES}])(?:{PART})[ \t\n\r]*+)*+"
"""Any number of them, and white space."""

_PART = re.compile(PART)
_GAP = re.compile(GAP)
_WIDE = re.compile(f"[{WIDE_SPACES}]++")
_LINE = re.compile(r"[^\n]*+")


def gap(text: str, start: int) -> tuple[int, Mend] | None:
    """The end of a comment, or of wide white space; `text[start]` is one of BEGINS.

    A comment that does not end reaches to the end of the text. None for a slash that begins
    none.
    """
    if text[start] in WIDE_SPACES:
        return _end(_WIDE, text, start), Mend.WIDE_SIGN
    if text.startswith("/*", start):
        end = text.find("*/", start + 2)
        return (len(text) if end < 0 else end + 2), Mend.COMMENT
    if text[start] == "#" or text.startswith("//", start):
        return _end(_LINE, text, start), Mend.COMMENT
    if start == len(text) - 1:
        return len(text), Mend.COMMENT
    return None


def whole_gap(text: str, start: int) -> tuple[int, int]:
    """The end of all comments and white space that end before the text does; how many slips."""
    end = _end(_GAP, text, start)
    return end, len(_PART.findall(text, start, end + 1))


def slips_of(text: str) -> int:
    """How many comments and stretches of wide white space a gap has, and a sign behind it."""
    return len(_PART.findall(text))


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return start if found is None else found.end()
