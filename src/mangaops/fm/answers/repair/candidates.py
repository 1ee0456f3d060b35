"""The objects of a text that may be the answer, and which of them is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mangaops.fm.answers.repair.notes import Mend
from mangaops.fm.answers.repair.reader import Outcome, Read
from mangaops.fm.answers.repair.signs import WIDE_SPACES
from mangaops.fm.answers.repair.spans import spans
from mangaops.fm.answers.schema import same, satisfies

_WHITE = " \t\n\r"
_OPENING = re.compile(r"`{3,}+[ \t]*+\w*+")
_CLOSING = re.compile(r"`*+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """`whole`: nothing of it was lost, as far as anybody can know. `heading`: it stands in a
    line that may be a comment.
    """

    read: Read
    text: str
    whole: bool
    heading: bool

    @property
    def is_object(self) -> bool:
        return self.read.outcome is not Outcome.BROKEN and isinstance(self.read.value, dict)

    @property
    def is_cut(self) -> bool:
        return self.read.outcome in {Outcome.OPEN, Outcome.CUT} and not self.whole

    @property
    def is_rival(self) -> bool:
        """Another whole answer, if it says something else: an object, or a list of objects."""
        value = self.read.value
        holds_objects = isinstance(value, list) and any(isinstance(one, dict) for one in value)
        return self.whole and (self.is_object or holds_objects)

    @property
    def around(self) -> Mend | None:
        """What stands around it, None for nothing."""
        before = self.text[: self.read.start].strip(_WHITE)
        after = self.text[self.read.end :].strip(_WHITE)
        if not before and not after:
            return None
        if not (before + after).strip(WIDE_SPACES):
            return Mend.WIDE_SIGN
        block = _OPENING.fullmatch(before) is not None and _CLOSING.fullmatch(after) is not None
        return Mend.FENCE if block else Mend.PROSE

    @property
    def followed(self) -> bool:
        """Whether the model wrote on behind it."""
        return _CLOSING.fullmatch(self.text[self.read.end :].strip()) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    all: tuple[Candidate, ...]
    crowded: bool = False
    parts: bool = False

    @property
    def objects(self) -> tuple[Candidate, ...]:
        return tuple(one for one in self.all if one.is_object)

    def behind(self, chosen: Candidate) -> tuple[Candidate, ...]:
        place = next(place for place, one in enumerate(self.all) if one is chosen)
        return self.all[place + 1 :]


def candidates(text: str, schema: Mapping[str, Any] | None, *, complete: bool) -> Candidates:
    """`complete`: the model says that it came to its end."""
    found = spans(text, schema)
    return Candidates(
        all=tuple(
            Candidate(
                read=one.read,
                text=text,
                whole=one.read.outcome is Outcome.CLOSED
                or (one.read.outcome is Outcome.OPEN and (complete or one.bounded)),
                heading=one.heading,
            )
            for one in found.all
        ),
        crowded=found.crowded,
        parts=found.parts,
    )


def choose(objects: Sequence[Candidate], schema: Mapping[str, Any] | None) -> Candidate | None:
    """The last one that has the shape asked for."""
    if schema is None:
        return None
    return next((one for one in reversed(objects) if satisfies(one.read.value, schema)), None)


def disagree(found: Sequence[Candidate]) -> bool:
    rivals = [one.read.value for one in found if one.is_rival]
    return any(not same(rivals[0], other) for other in rivals[1:])
