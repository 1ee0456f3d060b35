"""A group of commands whose modules are imported only when one of them is typed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from mangaops.errors import ExitCode, InputError, nearest_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One subcommand before its module is imported."""

    module: str
    summary: str


class HelpfulGroup(TyperGroup):
    """Help in the same order as a command's: what for, examples, usage, commands.

    Typed alone it is its help, with the code of wrong usage.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        if not args and self.no_args_is_help and not ctx.resilient_parsing:  # nor while completing
            typer.echo(ctx.get_help())
            ctx.exit(ExitCode.WRONG_INPUT)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise unknown_command(args[0], ctx.command_path, self.list_commands(ctx))
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        summary, _, details = (self.help or "").partition("\n\n")
        write_text(formatter, summary)
        write_examples(formatter, self.epilog)
        self.format_usage(ctx, formatter)
        write_text(formatter, details)
        self.format_options(ctx, formatter)


class LazyGroup(HelpfulGroup):
    """The root: lists `entries` without importing them, loads one when it is typed."""

    entries: Mapping[str, Entry] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(self.entries)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        del ctx
        if cmd_name not in self.commands and cmd_name in self.entries:
            module = import_module(self.entries[cmd_name].module)
            apps = getattr(module, "APPS", {})  # of a module with a command for each name
            loaded = typer.main.get_command(apps.get(cmd_name) or module.app)
            loaded.name = cmd_name
            self.commands[cmd_name] = loaded
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])


def unknown_command(name: str, path: str, names: Iterable[str]) -> InputError:
    """`path` is what was typed before `name`."""
    near = nearest_name(name, names)
    typed = " ".join([*path.split()[1:], name])
    return InputError(
        f"there is no command `{typed}`",
        where=path,
        hint=f"did you mean `{path} {near}`?" if near else f"{path} --help",
    )


def write_text(formatter: Any, text: str) -> None:
    if text:
        formatter.write_paragraph()
        formatter.write_text(text)


def write_examples(formatter: Any, examples: str | None) -> None:
    """Examples stand as they were written: a wrapped command cannot be pasted."""
    if not examples:
        return
    formatter.write_paragraph()
    formatter.write("Examples:\n")
    formatter.write(textwrap.indent(examples, "  $ ") + "\n")
    formatter.write_paragraph()
