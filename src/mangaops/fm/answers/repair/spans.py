"""The objects and lists that stand in a text, the outermost only, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mangaops.fm.answers.repair.balance import OPENER, closing
from mangaops.fm.answers.repair.reader import Outcome, Read, Reader

MOST = 256
"""So many beginnings are tried: more are no answer, whatever they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    reads: tuple[Read, ...]
    crowded: bool = False
    """There were more than MOST."""


def spans(text: str, schema: Mapping[str, Any] | None, *, most: int = MOST) -> Spans:
    reads: list[Read] = []
    position, tried = 0, 0
    while found := OPENER.search(text, position):
        if tried == most:
            return Spans(reads=tuple(reads), crowded=True)
        tried += 1
        read = Reader(text, found.start(), schema).read()
        position = max(_behind(text, read), found.end())
        if not _prose(read):
            reads.append(read)
    return Spans(reads=tuple(reads))


def _behind(text: str, read: Read) -> int:
    """Behind what cannot be read as well: what stands inside it is no answer of its own."""
    if read.outcome is not Outcome.BROKEN or _prose(read):
        return read.end
    end = closing(text, read.end, max(len(read.containers), 1))
    return len(text) if end is None else end


def _prose(read: Read) -> bool:
    """A bracket that no value follows: `[or so]`."""
    return read.outcome is Outcome.BROKEN and read.value == []
