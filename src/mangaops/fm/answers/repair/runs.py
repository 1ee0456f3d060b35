"""Many members or elements at once, at the speed of Python's own reader.

An answer of a thousand products, of which one is broken, is read in two bites. Slips are taken
along as soon as so many were told that the others are only counted.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from mangaops.fm.answers.repair import gaps, patterns, slips
from mangaops.fm.answers.repair.notes import Notes
from mangaops.fm.answers.repair.quoted import read_quoted
from mangaops.fm.answers.repair.signs import CLOSERS

LEAST = 64
"""So many characters are tried at once, however often keys stand twice."""


class Twice(ValueError):
    """A key stands twice in an object: told by whoever reads it member by member."""


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys all differ; for a reader's `object_pairs_hook`."""
    value = dict(pairs)
    if len(value) < len(pairs):
        raise Twice
    return value


_ONCE = json.JSONDecoder(object_pairs_hook=once)
_LAST_COUNTS = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`value` is a list or a dict; `end` is behind the last comma.

    `key` is the last one of a dict, in quotes.
    """

    value: Any
    end: int
    key: str | None

    @property
    def name(self) -> str:
        return (read_quoted(self.key, 0).value or "") if self.key else ""


class Runs:
    """The runs of one text. What is mended in them is counted in `notes`."""

    def __init__(self, text: str, notes: Notes) -> None:
        self._text = text
        self._notes = notes
        self._twice_at: int | None = None

    def elements(self, start: int, char: str) -> Run | None:
        """A run of a list, whose first character is `char`."""
        run = self._plain(patterns.elements(), start) if char in patterns.BEGINS else None
        if run is None and self._notes.full and char in slips.BEGINS:
            return self._slips(slips.elements(), start)
        return run

    def members(self, start: int, char: str) -> Run | None:
        """A run of an object."""
        run = self._plain(patterns.members(), start) if char == '"' else None
        if run is None and self._notes.full and char in CLOSERS:
            return self._slips(slips.members(), start)
        return run

    def _plain(self, pattern: re.Pattern[str], start: int) -> Run | None:
        found = pattern.match(self._text, start, self._reach(start))
        if found is None or (self._notes.full and self._slip_behind(found)):
            return None
        return self._run(found, found[0])

    def _slip_behind(self, found: re.Match[str]) -> bool:
        """Then a run with slips is longer."""
        return self._text[found.end() : found.end() + 1] in gaps.BEGINS

    def _slips(self, pattern: re.Pattern[str], start: int) -> Run | None:
        found = pattern.match(self._text, start, self._reach(start))
        if found is None:
            return None
        mended = slips.mended(self._text, start, found.end())
        try:
            run = self._run(found, mended.text)
        except json.JSONDecodeError:
            mended = slips.closed(mended)
            run = self._run(found, mended.text)
        if run is not None:
            self._notes.more += mended.times
        return run

    def _run(self, found: re.Match[str], members: str) -> Run | None:
        """What was found, whose members in JSON these are; None when a key stands twice."""
        key = found.groupdict().get("key")
        opener, closer = "[]" if key is None else "{}"
        decoder = _LAST_COUNTS if self._notes.full_of_issues else _ONCE
        try:
            value = decoder.decode(f"{opener}{members.rstrip()[:-1]}{closer}")
        except Twice:
            self._twice_at = found.start()
            return None
        return Run(value=value, end=found.end(), key=key)

    def _reach(self, start: int) -> int:
        """So far is looked: after a key that stood twice, no farther than was read since.

        Whoever tries all that comes at each member reads a text of such keys once for each.
        """
        if self._twice_at is None or self._notes.full_of_issues:
            return len(self._text)
        return start + max(LEAST, 2 * (start - self._twice_at))
