"""The three streams of the process, and what may be done on them."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from mangaops.errors import MangaopsError

PIPED_WIDTH = 80
"""Columns of text that goes to a file or a pipe, unless COLUMNS says otherwise."""
_TRIES = 3

_MOVES = re.compile(
    r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\x1b(?!\[[0-9;]*m)"
)
"""What would move the cursor, ring, or turn the direction of writing: log rows and error
messages of others may hold it."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """`emit` writes the answer to stdout, `say` and `ask` talk on stderr."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]

    @property
    def colour(self) -> bool:
        """Colour only on a terminal that can show it and that nobody asked to be plain."""
        plain = "NO_COLOR" in self.environ or self.environ.get("TERM") == "dumb"
        return self.stdout.isatty() and not plain

    @property
    def colour_on_stderr(self) -> bool:
        plain = "NO_COLOR" in self.environ or self.environ.get("TERM") == "dumb"
        return self.stderr.isatty() and not plain

    @property
    def interactive(self) -> bool:
        """Someone can read a question and type an answer."""
        return self.stdin.isatty() and self.stderr.isatty() and not self.environ.get("CI")

    @property
    def shows_progress(self) -> bool:
        """Lines that replace themselves make sense on stderr."""
        dumb = self.environ.get("TERM") == "dumb"
        return self.stderr.isatty() and not dumb and not self.environ.get("CI")

    @property
    def width(self) -> int:
        columns = self.environ.get("COLUMNS", "")
        if columns.isdecimal() and int(columns) > 0:
            return int(columns)
        if not self.stdout.isatty():
            return PIPED_WIDTH
        return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns

    def emit(self, text: str) -> None:
        """The answer. A reader that closed the pipe has had enough: that is no error.

        Raises MangaopsError when it cannot be written, on a full disk for example.
        """
        try:
            _write(self.stdout, _harmless(text, colour=self.colour))
        except OSError as error:
            silence(self.stdout)
            raise MangaopsError(
                f"the answer cannot be written: {error.strerror}",
                where="standard output",
                hint="write it to another place; `mangaops history list` has what was recorded",
            ) from error

    def say(self, line: str) -> None:
        line = _harmless(line, colour=self.colour_on_stderr)
        self.say_raw(line if line.endswith("\n") else line + "\n")

    def say_from_signal(self, line: str) -> None:
        """Past the stream's buffer, in whose middle a signal may have come: a second call
        into it would be an error.
        """
        with suppress(OSError, ValueError):
            os.write(self.stderr.fileno(), f"{line}\n".encode())

    def say_raw(self, text: str) -> None:
        """A part of a line, for what replaces itself. Conversation that cannot be had is none."""
        try:
            _write(self.stderr, text)
        except OSError:
            silence(self.stderr)

    def line(self, question: str) -> str:
        """What a person typed after the question; empty at the end of the input."""
        _write(self.stderr, _harmless(question, colour=False))
        return self.stdin.readline().strip()

    def ask(self, question: str, options: Sequence[str]) -> str:
        """The option that a person chose by number or by its text; empty for none."""
        self.say(question)
        for number, option in enumerate(options, 1):
            self.say(f"  {number}. {option}")
        for _ in range(_TRIES):
            _write(self.stderr, f"answer [1-{len(options)}, Enter: not answered] ")
            typed = self.stdin.readline().strip()
            if not typed:
                return ""
            if typed in options:
                return typed
            if typed.isdecimal() and 1 <= int(typed) <= len(options):
                return options[int(typed) - 1]
        return ""


def system_terminal(environ: Mapping[str, str]) -> Terminal:
    """The streams of this process as they are now."""
    return Terminal(stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr, environ=environ)


def replace_closed_streams() -> None:
    """Streams that the caller closed (`>&-`) lead to nowhere; Python has None for them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - stays open
            setattr(sys, name, nowhere)


def _harmless(text: str, *, colour: bool) -> str:
    text = _MOVES.sub("", text)
    return text if colour else _COLOURS.sub("", text)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    printable = text.encode(encoding, "replace").decode(encoding)
    try:
        stream.write(printable)
        stream.flush()
    except BrokenPipeError:
        silence(stream)


def silence(stream: TextIO) -> None:
    """Lead a closed pipe to nowhere, so that the interpreter's last flush cannot fail."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
