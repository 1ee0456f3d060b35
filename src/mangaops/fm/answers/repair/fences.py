"""Where Markdown's code blocks begin and end.

A fence stands at the beginning of a line: three backticks within a text of JSON, where a new
line is written as an escape, are none.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"^[ ]{0,3}+(`{3,}+)([^\n`]*+)$", re.MULTILINE)


class Fences:
    """The fences of a text, from its beginning to its end; none is looked at twice."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next = _FENCE.search(text)
        self._opener = ""

    def go_on(self, start: int, end: int) -> None:
        """What stands between the two is no object: there, fences open and close blocks.

        Those before `start` stood in a text of an object.
        """
        while self._next is not None and self._next.start() < end:
            if self._next.start() >= start:
                self._toggle(self._next)
            self._next = _FENCE.search(self._text, self._next.end())

    def bound(self) -> int | None:
        """The fence that ends what begins here."""
        fence = self._next
        while fence is not None and not self._counts(fence):
            fence = _FENCE.search(self._text, fence.end())
        return None if fence is None else fence.start()

    def _toggle(self, fence: re.Match[str]) -> None:
        if self._counts(fence):
            self._opener = "" if self._opener else fence[1]

    def _counts(self, fence: re.Match[str]) -> bool:
        """Else it stands inside the block."""
        return not self._opener or not (fence[2].strip() or len(fence[1]) < len(self._opener))
