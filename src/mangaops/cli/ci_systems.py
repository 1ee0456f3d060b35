"""What CI systems take beside the answer: files, and annotations in the log."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mangaops.cli.context import AppContext
from mangaops.errors import InputError


def write_junit(xml: str, file: Path) -> None:
    """Raises InputError."""
    _write(xml, file, "--junit FILE")


def write_summary(markdown: str, file: Path) -> None:
    """Raises InputError."""
    _write(markdown, file, "--summary FILE")


def _write(text: str, file: Path, option: str) -> None:
    """Over an older one, since every run of a job makes it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise InputError(what, where=str(file), hint=option) from None


def annotate(context: AppContext, lines: Iterable[str], *, asked: bool) -> None:
    """If `asked`, or within GitHub Actions. On stderr, which the log of a workflow shows as
    well: stdout stays the answer.
    """
    if asked or context.environ.get("GITHUB_ACTIONS") == "true":
        for line in lines:
            context.terminal.say(line)
