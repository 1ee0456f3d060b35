"""Renderables -> text of a given width, with or without colour."""

from __future__ import annotations

import io
import re

from rich.console import Console, RenderableType
from rich.text import Text
from rich.theme import Theme

NARROW = 60
"""Below this many columns, figures go on a line of their own."""
WIDEST = 120
"""Longer lines are hard to follow with the eye."""

_GLUE = "\ue000"
"""Stands for a blank at which no line may break; rich breaks at U+00A0 as well."""
_FIGURE = re.compile(r"(?<=\d) (?=(?:%|ms|s|min|h|days|UTC|kB|MB|GB)(?:\W|$))")

_THEME = Theme(
    {
        "fail": "bold red",
        "fine": "green",
        "unsure": "yellow",
        "quiet": "dim",
        "strong": "bold",
        "command": "bold cyan",
    },
    inherit=False,
)


def to_text(renderable: RenderableType, *, width: int, colour: bool) -> str:
    """The renderable as it would appear; without trailing blanks, so that it can be compared."""
    file = io.StringIO()
    console = Console(
        file=file,
        width=max(width, 20),
        theme=_THEME,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(renderable, crop=False)
    text = file.getvalue().replace(_GLUE, " ")
    return text if colour else "".join(line.rstrip() + "\n" for line in text.splitlines())


def prose(words: str, style: str = "") -> Text:
    """Running text that breaks between words, but not between a number and its unit."""
    return Text(_FIGURE.sub(_GLUE, words), style=style)


def command_line(command: str, *, indent: int = 0) -> Text:
    """A command to type. It is never broken: what is pasted must be one line."""
    return Text(" " * indent + command, style="command", no_wrap=True, overflow="ignore")


def typed_line(label: str, command: str) -> Text:
    """`next: mangaops ...`: what to type, with a quiet word in front; never broken either."""
    line = Text(no_wrap=True, overflow="ignore")
    return line.append(f"{label} ", style="quiet").append(command, style="command")
