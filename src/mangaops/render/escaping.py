"""Text of others, shown as what it is: on one line, and as Markdown must have it."""

from __future__ import annotations

import re

_SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|"})
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
"""Line breaks, other controls, and what turns the direction of writing or cannot be seen."""
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str) -> str:
    """`text` on one line, what cannot be seen in it as an escape: a value with a line break
    must not look like a line of ours.
    """
    return _UNSEEN.sub(_escape, text)


def pasted(line: str) -> str:
    """A quoted shell line, on one line as well: bash has `$'...'` for what cannot be seen."""
    return _UNSEEN.sub(lambda found: f"'$'{_escape(found)}''", line)


def escaped(text: str) -> str:
    """`text` on one line, with what Markdown would take for its own escaped."""
    return visible(" ".join(text.split())).translate(_SPECIAL)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return _SHORT.get(character, f"\\u{ord(character):04x}")
