"""The fields of a step as lines: added, gone, changed from what to what, or only checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mangaops.model.evidence import JSON
from mangaops.model.plan import OTHER_THAN, Step
from mangaops.render.escaping import visible

_DIGEST = re.compile(r"[0-9a-f]{40,}")
_SHOWN = 12
"""Digits of a digest that tell it from any other."""


class Sign(StrEnum):
    ADDED = "+"
    GONE = "-"
    CHANGED = "~"
    SAME = "="


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One field; `before` or `after` is empty where the field is not there."""

    sign: Sign
    name: str
    before: str = ""
    after: str = ""

    @property
    def one(self) -> str:
        """The only value of a field that is added, gone or the same."""
        return self.before or self.after


def field_lines(step: Step) -> list[Line]:
    """What the step wants to be different, in the step's order."""
    names = dict.fromkeys([*step.before, *step.after])
    wanted = (n for n in names if n in step.after and step.after[n] != step.before.get(n))
    return [_line(name, step.before.get(name), step.after[name]) for name in wanted]


def checked_lines(step: Step) -> list[Line]:
    """What the step leaves alone and counts on."""
    kept = (n for n in step.before if n not in step.after or step.after[n] == step.before[n])
    return [
        Line(sign=Sign.SAME, name=visible(name), before=value_words(step.before[name]))
        for name in kept
    ]


def _line(name: str, before: JSON, after: JSON) -> Line:
    name = visible(name)
    if before is None:
        return Line(sign=Sign.ADDED, name=name, after=value_words(after))
    if after is None:
        return Line(sign=Sign.GONE, name=name, before=value_words(before))
    return Line(sign=Sign.CHANGED, name=name, before=value_words(before), after=value_words(after))


def value_words(value: JSON) -> str:
    """A value as JSON; what AWS itself names is `(a new one)`, an absent one `(none)`."""
    if value is None:
        return "(none)"
    if isinstance(value, Mapping) and set(value) == {OTHER_THAN}:
        return "(a new one)"
    told = short_digest(value) if isinstance(value, str) else value
    return visible(json.dumps(told, ensure_ascii=False))


def short_digest(text: str) -> str:
    """The beginning of a digest; anything else as it is."""
    return f"{text[:_SHOWN]}..." if _DIGEST.fullmatch(text) else text
