"""What was mended, left out and found wrong while one object was read, with JSON pointers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

MOST = 100
"""So many repairs are told one by one: a pointer is as long as its keys are."""


LONG = 256
"""Characters of a key that is not written out anew for each pointer."""


class Mend(StrEnum):
    """The slips that are mended; each can mean one thing only."""

    MARK = "byte order mark"
    FENCE = "fence"
    PROSE = "prose"
    COMMA = "trailing comma"
    COMMENT = "comment"
    CONTROL = "control character"
    SINGLE = "single quotes"
    WIDE_QUOTES = "full-width quotes"
    WIDE_SIGN = "full-width punctuation"
    LITERAL = "literal"
    NOT_FINITE = "not a finite number"
    CLOSER = "missing closer"
    SURROGATE = "lone surrogate"


def pointer(path: Iterable[str | int]) -> str:
    """RFC 6901: the root is the empty text."""
    return "".join(
        [
            f"/{part.replace('~', '~0').replace('/', '~1')}"
            if isinstance(part, str)
            else f"/{part}"
            for part in path
        ]
    )


def at(place: str) -> str:
    """How a pointer stands in a sentence."""
    return place or '""'


@dataclass(slots=True)
class Notes:
    repairs: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    issues: list[str] = field(default_factory=list)
    more: int = 0
    """Repairs beyond MOST."""
    _named: dict[str, str] = field(default_factory=dict)
    """Long keys as they stand in a pointer: each is told up to MOST times."""

    @property
    def full(self) -> bool:
        """Whether repairs are only counted from here on."""
        return len(self.repairs) >= MOST

    @property
    def full_of_issues(self) -> bool:
        return len(self.issues) >= MOST

    def mended(self, mend: Mend, path: Callable[[], Iterable[str | int]]) -> None:
        if len(self.repairs) < MOST:
            self.repairs.append(f"{mend} at {at(self._pointer(path()))}")
        else:
            self.more += 1

    def _pointer(self, path: Iterable[str | int]) -> str:
        parts = list(path)
        if any(isinstance(part, str) and len(part) >= LONG for part in parts):
            return "".join([self._part(part) for part in parts])
        return pointer(parts)

    def _part(self, part: str | int) -> str:
        if isinstance(part, int):
            return pointer((part,))
        if part not in self._named:
            self._named[part] = pointer((part,))
        return self._named[part]

    def wrong(self, sentence: Callable[[], str]) -> None:
        if len(self.issues) < MOST:
            self.issues.append(sentence())

    def all_repairs(self) -> tuple[str, ...]:
        return (*self.repairs, *([f"and {self.more:,} more"] if self.more else []))
