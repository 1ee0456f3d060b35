"""Every group of commands, as the process has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from mangaops.cli.app import app


def groups() -> dict[str, TyperGroup]:
    """By the words that are typed after `mangaops`; the root's are none."""
    return dict(_below("", typer.main.get_command(app)))


def _below(words: str, command: Any) -> Iterator[tuple[str, TyperGroup]]:
    if not isinstance(command, TyperGroup):
        return
    yield words, command
    within: Any = typer.Context(command)  # type: ignore[arg-type]  # Typer has its own Click
    for name in command.list_commands(within):
        yield from _below(f"{words} {name}".strip(), command.get_command(within, name))
