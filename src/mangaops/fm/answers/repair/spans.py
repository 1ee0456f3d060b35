"""The objects and lists that stand in a text, the outermost only, in their order.

What stands in a text, in a comment, or in what was begun and cannot be read to its end is
none of them. A fence bounds what cannot be read, if it does not stand in a text itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mangaops.fm.answers.repair.balance import closing
from mangaops.fm.answers.repair.fences import Fences
from mangaops.fm.answers.repair.reader import Outcome, Read, Reader
from mangaops.fm.answers.repair.signs import CLOSERS, OPENERS

MOST = 256
"""So many beginnings are tried: more are no answer, whatever they are."""

_COMMENT = r"(?<![^\s}\],;])(?://[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z))"
_OPENER = rf"(?P<opener>\{{|\[(?=[ \t\n\r]*+(?:[{OPENERS}{{\[\]/#0-9tfnTFNuI-]|\Z)))"
"""A list begins with what may be JSON: `[see below]` is prose. A brace is one more often."""
_NEXT = re.compile(rf"{_COMMENT}|{_OPENER}|(?P<stray>\}})")
_EXTRA = re.compile(r"(?:\s*+[\]}])*+")
_REMARK = re.compile(r"[ \t,;]*+#[^\n]*+")
_MEMBER = re.compile(r"[:,]\s*+\Z")
_HEADING = re.compile(r"[ \t]*+#")
_LETTERS = r"(?<=\w)'(?=\w)"
_PROSE = re.compile(
    rf"\{{(?:[^\n,:{OPENERS}{{}}\[\]]|{_LETTERS})*+\}}|\[(?:[^\n{OPENERS}{{}}\[\]]|{_LETTERS})*+\]"
)
_GOES_ON = re.compile(rf"\s*+[:,{OPENERS}]")
_WHITE = re.compile(r"\s*+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`bounded`: a fence ends it, so it is as long as the model wanted it. `ended`: it comes to
    an end at all. `heading`: a line of Markdown, or a comment.
    """

    read: Read
    bounded: bool = False
    ended: bool = True
    heading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    all: tuple[Span, ...]
    crowded: bool = False
    """There were more than MOST."""
    parts: bool = False
    """They may be parts of an object whose beginning is not there."""


def spans(text: str, schema: Mapping[str, Any] | None) -> Spans:
    return _Scan(text, schema).spans()


def comes_to_its_end(text: str) -> bool:
    """Whether each object and list that is begun in the text does, but for closers."""
    return all(one.ended for one in spans(text, None).all)


class _Scan:
    def __init__(self, text: str, schema: Mapping[str, Any] | None) -> None:
        self._text = text
        self._schema = schema
        self._fences = Fences(text)
        self._found: list[Span] = []
        self._pos = 0
        self._unread: int | None = None
        """How many were found with the first that cannot be read."""

    def spans(self) -> Spans:
        tried = 0
        while found := _NEXT.search(self._text, self._pos):
            self._fences.go_on(self._pos, found.start())
            if found["opener"] is not None:
                if tried == MOST:
                    return Spans(all=tuple(self._found), crowded=True)
                tried += 1
                self._begun(found.start())
            elif found["stray"] is None or not self._found:
                self._pos = found.end()
            else:
                return self._parts()
        return Spans(all=tuple(self._found))

    def _parts(self) -> Spans:
        """Of a closer without its opener: what was found is a part of what it closes."""
        if self._unread is None:
            return Spans(all=tuple(self._found), parts=True)
        return Spans(all=tuple(self._found[: self._unread]))

    def _begun(self, begin: int) -> None:
        read = Reader(self._text, begin, self._schema).read()
        heading = self._is_heading(begin)
        if read.outcome is not Outcome.BROKEN:
            self._found.append(
                Span(read=read, ended=read.outcome is not Outcome.CUT, heading=heading)
            )
            self._pos = self._behind(read)
        elif prose := _PROSE.match(self._text, begin):
            self._pos = prose.end()
        elif read.value == [] and self._text[read.end : read.end + 1] not in CLOSERS:
            self._pos = max(read.end, begin + 1)  # `[or so`
        else:
            self._broken(read, heading=heading)

    def _behind(self, read: Read) -> int:
        """Behind a closer too many and a comment, unless a key stands before it."""
        end = read.end
        if not _MEMBER.search(self._text, max(read.start - 99, 0), read.start):
            end = _end(_EXTRA, self._text, end)
        return _end(_REMARK, self._text, end)

    def _broken(self, read: Read, *, heading: bool) -> None:
        bound = self._fences.bound()
        limit = len(self._text) if bound is None else bound
        if bound is not None and _end(_WHITE, self._text, read.end) >= bound >= read.end:
            self._bounded(read.start, bound, heading=heading)
            return
        end = closing(self._text, read.end, limit, max(len(read.containers), 1))
        goes_on = end.end is not None and _GOES_ON.match(self._text, end.end) is not None
        sure = end.sure and limit >= read.end and not goes_on
        self._found.append(Span(read=read, ended=end.end is not None, heading=heading))
        self._unread = self._unread or len(self._found)
        self._pos = len(self._text) if not sure else limit if end.end is None else end.end

    def _bounded(self, begin: int, end: int, *, heading: bool) -> None:
        """Only what stands before the fence."""
        read = Reader(self._text[begin:end], 0, self._schema).read()
        read = replace(read, start=begin, end=begin + read.end)
        ended = read.outcome is not Outcome.CUT
        self._found.append(Span(read=read, bounded=True, ended=ended, heading=heading))
        self._pos = end

    def _is_heading(self, begin: int) -> bool:
        line = self._text.rfind("\n", self._pos, begin) + 1
        return _HEADING.match(self._text, line or self._pos, begin) is not None


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return start if found is None else found.end()
