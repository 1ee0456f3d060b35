"""Options that mean the same everywhere, in groups that a command takes as one argument."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mangaops.cli import completion


class Output(StrEnum):
    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


_WHERE, _WHEN, _HOW, _CHANGING, _SHOW = "Where", "When", "How", "Changing", "Output"
_RECORDING = "Recording"

EnvOption = Annotated[
    str | None,
    typer.Option(
        "--env",
        metavar="NAME",
        envvar="MANGAOPS_ENV",
        rich_help_panel=_WHERE,
        autocompletion=completion.environments,
        help="Environment of the configuration; `sandbox` is the one that runs.",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        envvar="MANGAOPS_CONFIG",
        rich_help_panel=_WHERE,
        help="Configuration file instead of ./mangaops.yaml.",
    ),
]
RegionOption = Annotated[
    str | None,
    typer.Option("--region", metavar="REGION", rich_help_panel=_WHERE, help="AWS region."),
]
ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", rich_help_panel=_WHERE, help="AWS profile."),
]
SandboxOption = Annotated[
    str | None,
    typer.Option(
        "--sandbox",
        metavar="SCENARIO",
        rich_help_panel=_WHERE,
        autocompletion=completion.scenarios,
        help="Start an embedded AWS with this scenario or capsule, for this command.",
    ),
]
RunbooksOption = Annotated[
    Path | None,
    typer.Option(
        "--runbooks", metavar="DIR", rich_help_panel=_WHERE, help="One more folder of runbooks."
    ),
]
SomeRunbooks = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RUNBOOK",
        autocompletion=completion.runbooks,
        help="Names or files; without any, all runbooks.",
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DURATION",
        rich_help_panel=_WHEN,
        help="Look at the last 30m, 2h, ... up to the newest complete minute.",
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        rich_help_panel=_WHEN,
        help="Start of the window, ISO 8601; UTC unless it names an offset.",
    ),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="TIME", rich_help_panel=_WHEN, help="End of the window."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        rich_help_panel=_HOW,
        help="Set a parameter of the runbook; repeatable.",
    ),
]
AnswerOption = Annotated[
    list[str] | None,
    typer.Option(
        "--answer",
        metavar="NODE=VALUE",
        rich_help_panel=_HOW,
        help="Answer a question of the runbook beforehand; repeatable.",
    ),
]
ForceOption = Annotated[
    bool,
    typer.Option(
        "--force", rich_help_panel=_HOW, help="Walk the tree although its trigger does not hold."
    ),
]
DeadlineOption = Annotated[
    str,
    typer.Option(
        "--deadline",
        metavar="DURATION",
        rich_help_panel=_HOW,
        help="What has not answered by then counts as missing.",
    ),
]
ScanOption = Annotated[
    float,
    typer.Option(
        "--max-scan-gb",
        metavar="GB",
        rich_help_panel=_HOW,
        help="Stop log queries when they have scanned this much.",
    ),
]
DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", rich_help_panel=_CHANGING, help="Show the plan, change nothing."),
]
ConfirmOption = Annotated[
    str | None,
    typer.Option(
        "--confirm",
        metavar="NAME",
        rich_help_panel=_CHANGING,
        help="The name that would have to be typed, for scripts.",
    ),
]
YesOption = Annotated[
    bool,
    typer.Option(
        "--yes", rich_help_panel=_CHANGING, help="Yes to a plan that needs no name to be typed."
    ),
]
WatchOption = Annotated[
    str,
    typer.Option(
        "--watch",
        metavar="DURATION",
        rich_help_panel=_CHANGING,
        help="How long to watch the diagnosis's alarm afterwards; 0 does not.",
    ),
]
EvenOption = Annotated[
    bool,
    typer.Option(
        "--even-if-recovered",
        rich_help_panel=_CHANGING,
        help="Apply although the alarm of the diagnosis is over.",
    ),
]
RunOption = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="RUN",
        rich_help_panel=_CHANGING,
        autocompletion=completion.diagnoses,
        help="The diagnosis that it is for.",
    ),
]
ReasonOption = Annotated[
    str | None,
    typer.Option(
        "--reason", metavar="TEXT", rich_help_panel=_CHANGING, help="Why, for the record."
    ),
]
RecordOption = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FILE",
        rich_help_panel=_RECORDING,
        help="Keep evidence and runbook in one file, without secrets.",
    ),
]
ReplayOption = Annotated[
    Path | None,
    typer.Option(
        "--replay",
        metavar="FILE",
        rich_help_panel=_RECORDING,
        autocompletion=completion.capsule_files,
        help="Diagnose what --record kept; nothing is read from AWS.",
    ),
]
RecordedRunbookOption = Annotated[
    bool,
    typer.Option(
        "--recorded-runbook",
        rich_help_panel=_RECORDING,
        help="Replay with the runbook that the file holds.",
    ),
]
CurrentRunbookOption = Annotated[
    bool,
    typer.Option(
        "--current-runbook",
        rich_help_panel=_RECORDING,
        help="Replay with the runbook of that name as it is now.",
    ),
]
ReadingPlanOption = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        rich_help_panel=_RECORDING,
        help="Show what would be read and what it may cost; no call to AWS.",
    ),
]
OutputOption = Annotated[
    Output,
    typer.Option(
        "--output", rich_help_panel=_SHOW, metavar="FORMAT", help="text, json or markdown."
    ),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", rich_help_panel=_SHOW, help="No progress, no notes.")
]
VerboseOption = Annotated[
    bool, typer.Option("-v", "--verbose", rich_help_panel=_SHOW, help="Say what is being read.")
]
DebugOption = Annotated[
    bool, typer.Option("--debug", rich_help_panel=_SHOW, help="Show the traceback of an error.")
]
NoInputOption = Annotated[
    bool, typer.Option("--no-input", rich_help_panel=_SHOW, help="Never ask anything.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Which runbooks and which configuration, for commands that need no AWS."""

    env: EnvOption = None
    config: ConfigOption = None
    runbooks: RunbooksOption = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where(Files):
    """Which AWS, and which runbooks."""

    region: RegionOption = None
    profile: ProfileOption = None
    sandbox: SandboxOption = None

    @property
    def suffix(self) -> str:
        """What the next command must repeat to look at the same place."""
        parts = {
            "--env": self.env,
            "--config": str(self.config) if self.config else None,
            "--region": self.region,
            "--profile": self.profile,
            "--sandbox": self.sandbox,
        }
        return "".join(
            f" {option} {shlex.quote(value)}" for option, value in parts.items() if value
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The window, as it was typed; `window.window_of` reads it."""

    since: SinceOption = None
    start: FromOption = None
    end: ToOption = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long and how much to read."""

    deadline: DeadlineOption = "60s"
    max_scan_gb: ScanOption = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the operator decides about a runbook beforehand."""

    sets: SetOption = None
    answers: AnswerOption = None
    force: ForceOption = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A diagnosis of recorded evidence, one that is recorded, or none at all."""

    record: RecordOption = None
    replay: ReplayOption = None
    recorded_runbook: RecordedRunbookOption = False
    current_runbook: CurrentRunbookOption = False
    dry_run: ReadingPlanOption = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """What a change is for."""

    run: RunOption = None
    reason: ReasonOption = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approving:
    """Whether a change may be made, decided beforehand."""

    dry_run: DryRunOption = False
    confirm: ConfirmOption = None
    yes: YesOption = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """How the alarm counts, before a change and after it."""

    watch: WatchOption = "10m"
    even_if_recovered: EvenOption = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """How to answer."""

    output: OutputOption = Output.TEXT
    quiet: QuietOption = False
    verbose: VerboseOption = False
    debug: DebugOption = False
    no_input: NoInputOption = False


def is_typed(ctx: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line; a variable of the environment does not."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
