"""From an offset in a text to its place in the file, whatever YAML style it is written in.

A condition folded over three lines, or quoted with escapes, is one text to its
parser; the author wants the line and column of the wrong word.
"""

from __future__ import annotations

from mangaops.model.condition import Place
from mangaops.runbook.strict_yaml import Document, Path


def exact_place(document: Document, path: Path, text: str, place: Place) -> Place:
    """What an expression's parser calls `place`, in the file.

    `text` is the value at `path`. The parser counts from the text's first character
    and knows nothing of how it is written.
    """
    return _character_place(document, path, text, _offset(text, document.place(path), place))


def _offset(text: str, first: Place, place: Place) -> int:
    """The parser's columns count from `first` in the first line, from 1 in later ones."""
    down = place.line - first.line
    if down <= 0:
        return max(place.column - first.column, 0)
    return sum(len(line) + 1 for line in text.split("\n")[:down]) + place.column - 1


def _character_place(document: Document, path: Path, text: str, offset: int) -> Place:
    """Follows text and file side by side; a folded break is passed with the next word."""
    first = document.place(path)
    line, column = first.line, first.column
    at = (line, column)
    for character in text[: offset + 1]:
        if character in "\n ":
            if _here(document, line, column) == character:
                at = (line, column)
                column += 1
            continue
        line, column = _next(document, line, column, character)
        at = (line, column)
        column += 1
    return Place(file=document.file, line=at[0], column=at[1])


def _here(document: Document, line: int, column: int) -> str:
    """The character at a position, empty at the end of a line."""
    text = document.lines[line - 1] if line <= len(document.lines) else ""
    return text[column - 1 : column]


def _next(document: Document, line: int, column: int, character: str) -> tuple[int, int]:
    """Where `character` stands from here on, past blanks, breaks and backslashes."""
    start = (line, column)
    while line <= len(document.lines):
        found = _here(document, line, column)
        if not found:
            line, column = line + 1, 1
        elif found == character or found not in " \t\\":
            return line, column
        else:
            column += 1
    return start
