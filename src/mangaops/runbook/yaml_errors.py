"""What a YAML parser refuses, in an author's words and at the place that needs a change.

The parser reports an unclosed quote at the end of the file, and a tab as "a character
that cannot start any token"; neither tells a person where to look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Line and column from 1."""

    line: int
    column: int
    message: str
    hint: str = ""


def unprintable(text: str) -> Trouble | None:
    """The first character that YAML does not allow anywhere: NUL, escapes, lone surrogates."""
    found = _UNPRINTABLE.search(text)
    if found is None:
        return None
    line, column = position(text, found.start())
    message = f"the character U+{ord(found[0]):04X} cannot be in a YAML file"
    return Trouble(line=line, column=column, message=message, hint="remove it")


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character, from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def visible(line: str) -> str:
    """A line of a file that may hold anything, fit to be shown."""
    return _UNPRINTABLE.sub("?", line)


def trouble_of(error: yaml.YAMLError, lines: tuple[str, ...]) -> Trouble:
    """The parser's error, moved to its cause and reworded where its own words do not help."""
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    context = str(getattr(error, "context", None) or "")
    found = _mark(error, "problem_mark") or _mark(error, "context_mark") or (1, 1)
    began = _mark(error, "context_mark") or found
    line = lines[found[0] - 1] if found[0] <= len(lines) else ""
    if "quoted scalar" in context and "end of stream" in problem:
        return _at(began, "this quote is never closed", "close it")
    if line[: found[1]].lstrip(" ").startswith("\t"):
        return _at(found, "a tab cannot indent a line", "use spaces")
    if "parsing a flow" in context and found[0] > began[0]:
        return _at(began, "this bracket is never closed", "close it")
    if "mapping values are not allowed" in problem:
        hint = "quote the value if the colon belongs to it, or mend the indentation"
        return _at(found, "a `:` cannot stand here", hint)
    hint = "a quote, an indentation or a `:` is likely wrong on this line or above"
    return _at(found, f"not YAML: {problem}", hint)


def _mark(error: yaml.YAMLError, name: str) -> tuple[int, int] | None:
    mark = getattr(error, name, None)
    return (mark.line + 1, mark.column + 1) if mark else None


def _at(place: tuple[int, int], message: str, hint: str) -> Trouble:
    return Trouble(line=place[0], column=place[1], message=message, hint=hint)
