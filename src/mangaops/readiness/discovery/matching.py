"""Candidates of one resource, best first: usual name, then facts, then words, then the only one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from mangaops.model.listed import Listed
from mangaops.readiness.discovery.wanted import Wanted

_USUAL, _MARK, _WORD, _ALONE = 1000, 100, 10, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A candidate. `score` 0: nothing speaks for it. `reason` is for a comment."""

    name: str
    about: str
    score: int
    reason: str


def ranked(
    wanted: Wanted, listed: Sequence[Listed], marks: Mapping[str, str] | None = None
) -> tuple[Match, ...]:
    """All candidates; of equal ones the name that is more like the usual one comes first.

    `marks` are facts learned from earlier choices: the mark or the name of a candidate, and
    the reason that it gives.
    """
    known = {mark: f"has the {mark.replace(':', ' ', 1)}" for mark in wanted.marks}
    known |= marks or {}
    only = wanted.alone and len(listed) == 1
    found = [_match(wanted, one, known, only=only) for one in listed]
    return tuple(sorted(found, key=lambda one: (-one.score, -_alike(one, wanted), one.name)))


def is_clear(matches: Sequence[Match]) -> bool:
    """Nothing else speaks as loudly for another candidate as for the first."""
    best = [one for one in matches if one.score == matches[0].score]
    return matches[0].score > 0 and len(best) == 1


def _match(wanted: Wanted, one: Listed, known: Mapping[str, str], *, only: bool) -> Match:
    if one.name == wanted.usual:
        return _made(one, _USUAL, "the usual name")
    for mark in (*sorted(one.marks), one.name):
        if mark in known:
            return _made(one, _MARK + _WORD * len(_words(wanted, one)), known[mark])
    if words := _words(wanted, one):
        called = " and ".join(f'"{word}"' for word in words)
        return _made(one, _WORD * len(words), f"named after {called}")
    return _made(one, _ALONE, "the only one") if only else _made(one, 0, "")


def _made(one: Listed, score: int, reason: str) -> Match:
    return Match(name=one.name, about=one.about, score=score, reason=reason)


def _words(wanted: Wanted, one: Listed) -> list[str]:
    text = f"{one.name} {one.about}".lower()
    return [word for word in wanted.words if word in text]


def _alike(match: Match, wanted: Wanted) -> float:
    return SequenceMatcher(a=match.name, b=wanted.usual).ratio()
