"""`mangaops sandbox start|stop|status|scenarios`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion, embedded
from mangaops.cli.answer import emit_rows
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, of
from mangaops.cli.group import HelpfulGroup
from mangaops.cli.options import Output, Show
from mangaops.errors import ExitCode, InputError
from mangaops.model.evidence import JSON, Row
from mangaops.model.time import iso
from mangaops.render.figures import age

if TYPE_CHECKING:
    from mangaops.sandbox.control import Running

app = typer.Typer(
    cls=HelpfulGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog="mangaops sandbox start --scenario cold-connections\n"
    "mangaops diagnose first-token --env sandbox\n"
    "mangaops sandbox scenarios",
    help="Run an embedded AWS to practise and test on.\n\n"
    "It serves an AWS-compatible endpoint and a Redis server on this machine.",
)

_DEFAULT_PORT = 4590
_WIDE = 130
"""Columns of a terminal that has room for the titles of scenarios."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to start."""

    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            metavar="NAME|FILE",
            autocompletion=completion.scenarios,
            help="What to hold: a scenario, or a capsule.",
        ),
    ] = None
    empty: Annotated[
        bool, typer.Option("--empty", help="Resources in their normal state, no telemetry.")
    ] = False
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = (
        _DEFAULT_PORT
    )
    latency: Annotated[
        float, typer.Option("--latency", metavar="MS", min=0.0, help="Added to every call.")
    ] = 0.0
    faults: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="RULE", help="Such as `ssm:*=throttle`; repeatable."),
    ] = None
    traffic: Annotated[
        float,
        typer.Option(
            "--traffic", metavar="N", min=0.0, max=6000.0, help="Requests a minute to its models."
        ),
    ] = 0.0
    detach: Annotated[bool, typer.Option("--detach", help="Return when it can be used.")] = False


@command(
    app,
    examples=(
        "mangaops sandbox start --scenario cold-connections",
        'eval "$(mangaops sandbox start --empty --port 0 --detach)"',
        "mangaops sandbox start --scenario incident.capsule --latency 80",
    ),
)
def start(ctx: typer.Context, wanted: Wanted, show: Show) -> None:
    """Start an embedded AWS and print the variables that lead to it.

    It stays in the foreground until Ctrl-C unless --detach. While it runs, `--env sandbox`
    means it.
    """
    context = of(ctx)
    embedded.need_the_extra()
    if wanted.scenario and wanted.empty:
        raise InputError("--scenario conflicts with --empty", where="--empty", hint="give one")
    from mangaops.sandbox import control  # noqa: PLC0415 - only for a sandbox

    options = control.Options(
        scenario=embedded.known_scenario(wanted.scenario) if wanted.scenario else None,
        port=wanted.port,
        latency_ms=wanted.latency,
        faults=tuple(wanted.faults or ()),
        traffic=wanted.traffic,
    )
    if not wanted.detach:
        control.start_foreground(
            options,
            state_dir=context.state,
            say=lambda line: context.terminal.emit(line + "\n"),
            tell=lambda running: _tell(context, running),
        )
        return
    running = control.start_detached(options, state_dir=context.state)
    _tell(context, running)
    for name, value in running.exports().items():
        context.terminal.emit(f"export {name}={value}\n")
    context.note(show, f"port {running.port}, until `mangaops sandbox stop`")


def _tell(context: AppContext, running: Running) -> None:
    """What cannot be served is told, also with --quiet: it would be silently different."""
    for note in embedded.notes_of(running):
        context.terminal.say(note)


@command(
    app,
    examples=(
        "mangaops sandbox stop",
        "mangaops sandbox stop --port 4591",
        "mangaops sandbox stop -q",
    ),
)
def stop(
    ctx: typer.Context,
    show: Show,
    port: Annotated[int | None, typer.Option("--port", help="Only the one on this port.")] = None,
) -> None:
    """Stop the running sandboxes."""
    from mangaops.sandbox import control  # noqa: PLC0415 - only for a sandbox

    context = of(ctx)
    stopped = control.stop(context.state, port=port)
    for running in stopped:
        context.note(show, f"stopped the sandbox on port {running.port}")
    if not stopped:
        context.note(show, "no sandbox is running")


@command(
    app,
    examples=(
        "mangaops sandbox status",
        "mangaops sandbox status --output json",
        "mangaops sandbox status -q || echo none",
    ),
)
def status(ctx: typer.Context, show: Show) -> None:
    """Say which sandboxes run. Exit code 3 when none does."""
    from mangaops.sandbox import control  # noqa: PLC0415 - only for a sandbox

    context = of(ctx)
    found = control.status(context.state)
    now = context.clock()
    rows: list[Row] = [
        {
            "port": str(one.running.port),
            "endpoint": one.running.endpoint_url,
            "scenario": one.running.scenario,
            "started": iso(one.running.started),
            "age": age(one.running.started, now),
            "answers": one.answers,
        }
        for one in found
    ]
    columns = ("port", "endpoint", "scenario", "started", "age", "answers")
    document: dict[str, JSON] = {"schema": "mangaops.sandboxes/1", "sandboxes": rows}
    emit_rows(context, show, document, columns, rows)
    if not found:
        context.note(show, "no sandbox is running; next: mangaops sandbox start")
        raise typer.Exit(ExitCode.PROBLEM_FOUND)


@command(
    app,
    examples=(
        "mangaops sandbox scenarios",
        "mangaops sandbox scenarios --output json",
        "mangaops diagnose first-token --sandbox cold-connections",
    ),
)
def scenarios(ctx: typer.Context, show: Show) -> None:
    """List the scenarios with the diagnosis that each must lead to."""
    embedded.need_the_extra()
    context = of(ctx)
    columns = ["runbook", "scenario", "diagnosis"]
    if show.output is not Output.TEXT or context.terminal.width >= _WIDE:
        columns.append("title")
    rows = embedded.scenario_rows()
    document: dict[str, JSON] = {"schema": "mangaops.scenarios/1", "scenarios": rows}
    emit_rows(context, show, document, columns, rows)
