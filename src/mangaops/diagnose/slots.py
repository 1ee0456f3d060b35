"""Where the slots of a template are: `text {expression:format} text {{escaped}}`."""

from __future__ import annotations

from dataclasses import dataclass

from mangaops.diagnose.problem import ConditionError
from mangaops.errors import nearest
from mangaops.model.condition import Place

FORMATS = ("", "ms", "s", "duration", "%", "percent", "factor", "count", "age", "time", "text")
"""`%` is for a ratio (0.081 is 8.1 %), `percent` for what is counted in percent already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSlot:
    """`start` is the offset of the expression's first character in the template."""

    expression: str
    format: str
    start: int


def split_slots(source: str, place: Place) -> list[str | RawSlot]:
    """Text and slots in order; raises ConditionError for braces that do not pair up."""
    parts: list[str | RawSlot] = []
    text = ""
    at = 0
    while at < len(source):
        pair, character = source[at : at + 2], source[at]
        if pair in {"{{", "}}"}:
            text += character
            at += 2
        elif character == "}":
            raise ConditionError("a `}` without its `{`", _at(place, source, at), "write `}}`")
        elif character == "{":
            slot, at = _slot(source, at + 1, place)
            parts += [text, slot] if text else [slot]
            text = ""
        else:
            text += character
            at += 1
    return [*parts, text] if text else parts


def _slot(source: str, start: int, place: Place) -> tuple[RawSlot, int]:
    """The slot whose expression begins at `start`, and the offset behind its brace."""
    colon, end = _bounds(source, start)
    if end is None:
        hint = "close it, or write `{{` for a brace"
        raise ConditionError("a `{` without its `}`", _at(place, source, start - 1), hint)
    expression = source[start : end if colon is None else colon]
    name = "" if colon is None else source[colon + 1 : end].strip()
    if name not in FORMATS:
        hint = nearest(name, FORMATS) or "formats: " + ", ".join(filter(None, FORMATS))
        at = _at(place, source, (colon or start) + 1)
        raise ConditionError(f'"{name[:40]}" is no format', at, hint)
    return RawSlot(expression=expression, format=name, start=start), end + 1


def _bounds(source: str, start: int) -> tuple[int | None, int | None]:
    """Offsets of the slot's last colon and of its closing brace, outside of quotes."""
    quote, colon = "", None
    for at in range(start, len(source)):
        character = source[at]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "}":
            return colon, at
        elif character == ":":
            colon = at
    return None, None


def _at(place: Place, source: str, offset: int) -> Place:
    line = source.count("\n", 0, offset)
    column = place.column + offset if line == 0 else offset - source.rindex("\n", 0, offset)
    return Place(file=place.file, line=place.line + line, column=column)
