"""The objects of a text that may be the answer, and which of them is.

A text is read as a whole first, since fences may stand inside its texts. Only when something
in it cannot be read to its end do fences bound what is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mangaops.fm.answers.repair.fences import Piece, fenced, pieces
from mangaops.fm.answers.repair.notes import Mend
from mangaops.fm.answers.repair.reader import Outcome, Read
from mangaops.fm.answers.repair.spans import MOST, Spans, spans
from mangaops.fm.answers.schema import same, satisfies

_OPENING = re.compile(r"```[ \t]*+\w*+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """`piece` is what it stands in: the whole text, or a part between two fences.

    `whole`: nothing of it was lost, as far as anybody can know.
    """

    read: Read
    piece: Piece
    whole: bool

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
        before = self.piece.text[: self.read.start].strip()
        after = self.piece.text[self.read.end :].strip()
        if not before and not after:
            return Mend.FENCE if self.piece.fenced else None
        block = _OPENING.fullmatch(before) is not None and after in {"", "```"}
        return Mend.FENCE if block else Mend.PROSE

    @property
    def followed(self) -> bool:
        """Whether the model wrote on behind it."""
        return self.piece.text[self.read.end :].strip() not in {"", "```"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    all: tuple[Candidate, ...]
    crowded: bool = False

    @property
    def objects(self) -> tuple[Candidate, ...]:
        return tuple(one for one in self.all if one.is_object)

    def behind(self, chosen: Candidate) -> tuple[Candidate, ...]:
        place = next(place for place, one in enumerate(self.all) if one is chosen)
        return self.all[place + 1 :]


def candidates(text: str, schema: Mapping[str, Any] | None, *, complete: bool) -> Candidates:
    """`complete`: the model says that it came to its end."""
    found = spans(text, schema)
    closed = all(read.outcome is Outcome.CLOSED for read in found.reads)
    if (found.crowded or not closed) and fenced(text):
        return _fenced(pieces(text), schema, complete=complete)
    return _of(found, Piece(text=text, fenced=False, closed=False), complete=complete)


def choose(objects: Sequence[Candidate], schema: Mapping[str, Any] | None) -> Candidate | None:
    """The last one that has the shape asked for."""
    if schema is None:
        return None
    return next((one for one in reversed(objects) if satisfies(one.read.value, schema)), None)


def disagree(found: Sequence[Candidate]) -> bool:
    rivals = [one.read.value for one in found if one.is_rival]
    return any(not same(rivals[0], other) for other in rivals[1:])


def _fenced(
    parts: Iterable[Piece], schema: Mapping[str, Any] | None, *, complete: bool
) -> Candidates:
    found: list[Candidate] = []
    left = MOST
    for piece in parts:
        inside = _of(spans(piece.text, schema, most=left), piece, complete=complete)
        found.extend(inside.all)
        left -= len(inside.all)
        if inside.crowded:
            return Candidates(all=tuple(found), crowded=True)
    return Candidates(all=tuple(found))


def _of(found: Spans, piece: Piece, *, complete: bool) -> Candidates:
    return Candidates(
        all=tuple(
            Candidate(
                read=read,
                piece=piece,
                whole=read.outcome is Outcome.CLOSED
                or (read.outcome is Outcome.OPEN and (complete or piece.closed)),
            )
            for read in found.reads
        ),
        crowded=found.crowded,
    )
