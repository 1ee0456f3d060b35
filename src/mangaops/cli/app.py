"""`mangaops`: the root command, its subcommands by name, and the end of every error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import MappingProxyType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mangaops import __version__
from mangaops.cli import boundary, later
from mangaops.cli.group import Entry, LazyGroup, unknown_command
from mangaops.cli.remedies.texts import TEXTS
from mangaops.cli.terminal import replace_closed_streams, system_terminal
from mangaops.errors import ExitCode, InputError, Interrupted

COMMANDS = MappingProxyType(
    {
        name: Entry(module=f"mangaops.cli.{module}", summary=summary)
        for name, module, summary in (
            ("diagnose", "diagnose", "Find the cause of one incident by its runbook."),
            ("triage", "triage", "Check which of all known incidents is on."),
            ("explain", "explain", "Show each check of a run, and what would change it."),
            ("runbook", "runbook", "List, show, lint, test and draw runbooks."),
            ("logs", "logs", "Ask the logs, in AWS or in exported files."),
            ("bench", "bench.app", "Measure, compare and gate the latency of prompts."),
            ("probe", "probe", "Call a model through the client, and show what happened."),
            ("sandbox", "sandbox", "Run an embedded AWS to practise and test on."),
            ("init", "init", "Propose a configuration from what AWS has."),
            ("doctor", "doctor", "Check before an incident what will work in it."),
            ("iam", "iam", "Print least-privilege policies for reads and remedies."),
            ("capsule", "capsule", "Show and compare recorded incidents."),
            ("ci", "ci", "Check a change of runbooks: lint, tests, dry runs."),
            ("plan", "plan", "Show what a remedy would change, as a plan file."),
            ("apply", "apply", "Carry out a plan: check, ask, apply, verify, journal."),
            ("undo", "undo", "Take a change back, as far as it came."),
            ("history", "history", "List, show and verify past runs."),
            *((name, "remedies.commands", text.summary) for name, text in TEXTS.items()),
        )
    }
)

_COMPLETING = "_MANGAOPS_COMPLETE"
_EXAMPLES = """\
mangaops triage
mangaops diagnose first-token --since 30m
mangaops diagnose first-token --sandbox cold-connections"""


class Root(LazyGroup):
    """Every error of every command ends in `main`, also under Typer's test runner."""

    entries = COMMANDS

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        words = {args[0], " ".join(args[:2])} & set(later.BY_HAND)
        if words and args[0] not in {"-h", "--help"}:
            raise later.not_in_this_version(words.pop())
        if self.get_command(ctx, args[0]) is None:
            raise unknown_command(args[0], "mangaops", [*COMMANDS, *later.BY_HAND])
        return TyperGroup.resolve_command(self, ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise _interrupted() from stop

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        arguments = list(sys.argv[1:] if args is None else args)
        context = extra.get("obj")
        terminal = context.terminal if context else system_terminal(os.environ)
        extra |= {"standalone_mode": False, "prog_name": "mangaops"}
        try:
            code = super().main(args=arguments, **extra)
        except (typer.Abort, KeyboardInterrupt):
            code = boundary.tell(_interrupted(), terminal, arguments)
        except Exception as error:  # noqa: BLE001 - the process boundary
            if _COMPLETING in os.environ:  # in the middle of a line that somebody types
                sys.exit(0)
            code = boundary.tell(_from_typer(error), terminal, arguments)
        sys.exit(int(code or 0))


def _interrupted() -> Interrupted:
    return Interrupted("interrupted before there was anything to show", hint="run it again")


def _from_typer(error: Exception) -> Exception:
    """A wrong option as an operator's error; anything else as it is."""
    message = getattr(error, "format_message", None)
    if message is None:
        return error
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "mangaops"
    return InputError(message(), where=path, hint=f"{path} --help")


def _version(wanted: bool) -> None:
    if wanted:
        system_terminal(os.environ).emit(f"mangaops {__version__}\n")
        raise typer.Exit


app = typer.Typer(
    name="mangaops",
    cls=Root,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    epilog=_EXAMPLES,
)


@app.callback()
def root(
    ctx: typer.Context,
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Say the version.")
    ] = False,
) -> None:
    """From an alarm to a diagnosis, for the on-call engineers of an LLM chatbot on AWS.

    Exit codes: 0 healthy or done, 1 mangaops or AWS failed, 2 wrong input,
    3 an incident was found, 4 not enough evidence, 5 refused, 6 applied but not
    verified, 130 interrupted.
    """
    del version
    if ctx.invoked_subcommand is None:
        system_terminal(os.environ).emit(ctx.get_help() + "\n")
        raise typer.Exit(ExitCode.WRONG_INPUT)
    if ctx.obj is None:
        from mangaops.cli.context import system_context  # noqa: PLC0415 - not for --help

        ctx.obj = system_context(os.environ)


def main() -> None:
    """The console script."""
    replace_closed_streams()
    try:
        app(prog_name="mangaops")
    except SystemExit as end:
        boundary.leave(end.code if isinstance(end.code, int) else int(bool(end.code)))
