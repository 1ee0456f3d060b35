"""`mangaops runbook list|show|lint|test|schema|graph`: for runbook authors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.answer import emit_rows
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, library_of, loaded_runbook, of, settings_of
from mangaops.cli.embedded import NAME as SANDBOX
from mangaops.cli.group import HelpfulGroup
from mangaops.cli.options import Files, Output, Show, is_typed
from mangaops.cli.tests_options import Testing
from mangaops.errors import ExitCode
from mangaops.model.evidence import JSON, Row
from mangaops.render.figures import counted
from mangaops.render.finding import finding_document, finding_lines
from mangaops.render.json_text import to_json

app = typer.Typer(
    cls=HelpfulGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog="mangaops runbook list\nmangaops runbook show first-token\n"
    "mangaops runbook test my-runbooks/",
    help="List, show, lint, test and draw runbooks.",
)

RunbookArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUNBOOK", autocompletion=completion.runbooks, help="Its name, or a file."
    ),
]


@command(
    app,
    name="list",
    examples=(
        "mangaops runbook list",
        "mangaops runbook list --runbooks my-runbooks",
        "mangaops runbook list --output json",
    ),
)
def list_all(ctx: typer.Context, where: Files, show: Show) -> None:
    """List the runbooks."""
    context = of(ctx)
    _refuse_unknown(ctx, where)
    heads = library_of(where, context).heads()
    rows: list[Row] = [
        {"runbook": head.name, "severity": str(head.severity), "title": head.title}
        for head in heads
    ]
    document: dict[str, JSON] = {"schema": "mangaops.runbooks/1", "runbooks": rows}
    emit_rows(context, show, document, ("runbook", "severity", "title"), rows)


@command(
    app,
    examples=(
        "mangaops runbook show first-token",
        "mangaops runbook show rag-timeout | less",
        "mangaops runbook show ./my-runbooks/disk-full.yaml",
    ),
)
def show(ctx: typer.Context, runbook: RunbookArgument, where: Files, how: Show) -> None:
    """Show a runbook's tree, its parameters and what it reads."""
    context = of(ctx)
    loaded = loaded_runbook(runbook, where, context)
    if how.output is Output.JSON:
        document: dict[str, JSON] = {
            "schema": "mangaops.runbook-file/1",
            "name": loaded.name,
            "file": loaded.file,
            "digest": loaded.digest,
            "text": loaded.text,
        }
        context.terminal.emit(to_json(document))
        return
    from mangaops.render.runbook import show_text  # noqa: PLC0415 - rich
    from mangaops.runbook.bind import bind  # noqa: PLC0415 - as above

    terminal = context.terminal
    settings = settings_of(where, context)
    bound = bind(loaded, settings.environment(where.env or settings.default), {})
    terminal.emit(show_text(bound, width=terminal.width, colour=terminal.colour))


@command(
    app,
    examples=(
        "mangaops runbook graph first-token",
        "mangaops runbook graph first-token > first-token.mmd",
        "mangaops runbook graph ./my-runbooks/disk-full.yaml",
    ),
)
def graph(ctx: typer.Context, runbook: RunbookArgument, where: Files) -> None:
    """Draw a runbook as a Mermaid flow chart."""
    from mangaops.runbook.graph import mermaid  # noqa: PLC0415 - lazy

    context = of(ctx)
    _refuse_unknown(ctx, where)
    drawn = mermaid(loaded_runbook(runbook, where, context))
    context.terminal.emit(drawn.rstrip("\n") + "\n")


@command(
    app,
    examples=(
        "mangaops runbook schema > mangaops.runbook.schema.json",
        "mangaops runbook schema --tests > mangaops.runbook-test.schema.json",
        "mangaops runbook schema | python3 -m json.tool",
    ),
)
def schema(
    ctx: typer.Context,
    tests: Annotated[
        bool, typer.Option("--tests", help="The schema of test files instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of runbook files, for editors."""
    from mangaops.runbook.schema import json_schema  # noqa: PLC0415 - pydantic
    from mangaops.testing.schema import tests_schema  # noqa: PLC0415 - as above

    document = tests_schema() if tests else json_schema()
    of(ctx).terminal.emit(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


@command(
    app,
    examples=(
        "mangaops runbook lint",
        "mangaops runbook lint my-runbooks/",
        "mangaops runbook lint --explain M014",
    ),
)
def lint(
    ctx: typer.Context,
    where: Files,
    how: Show,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Files or folders; all known ones without."),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option("--explain", metavar="RULE", help="Say what a rule such as M014 is about."),
    ] = None,
) -> None:
    """Check runbook files: what cannot work, and what looks wrong.

    Exit codes: 0 no errors (warnings are printed), 2 no such file, 3 errors.
    """
    from mangaops.cli.linting import checked, explained, failed, files_to_check  # noqa: PLC0415 - the loader

    context = of(ctx)
    if rule is not None:
        context.terminal.emit(f"{rule.upper()}  {explained(rule)}\n")
        return
    _refuse_unknown(ctx, where)
    files = files_to_check(paths or [], library_of(where, context))
    findings = checked(files)
    _tell_findings(context, how, findings, len(files))
    if failed(findings):
        raise typer.Exit(ExitCode.PROBLEM_FOUND)


@command(
    app,
    name="test",
    examples=(
        "mangaops runbook test",
        "mangaops runbook test my-runbooks/ --min-coverage 100 --junit tests.xml",
        "mangaops runbook test my-runbooks/disk-full.test.yaml --only healthy -v",
    ),
)
def run_tests(
    ctx: typer.Context,
    where: Files,
    how: Show,
    testing: Testing,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            help="Runbooks, NAME.test.yaml files or folders; all known ones without.",
        ),
    ] = None,
) -> None:
    """Run the tests of runbooks: evidence in, diagnosis out.

    No network. Tests of NAME.yaml are in NAME.test.yaml (`mangaops runbook schema --tests`).
    Exit codes: 0 all passed; 2 a wrong file, or no test ran; 3 a test failed, coverage is
    below --min-coverage, or a mutant survived.
    """
    from mangaops.cli.tests_told import tests_told  # noqa: PLC0415 - the loader

    context = of(ctx)
    _refuse_unknown(ctx, where)
    raise typer.Exit(tests_told(context, paths or [], library_of(where, context), testing, how))


@command(
    app,
    name="test-from",
    examples=(
        "mangaops runbook test-from last",
        "mangaops runbook test-from incident.capsule -o first-token.test.yaml",
        'mangaops runbook test-from r-7f3a --name "cold connections of Friday"',
    ),
)
def make_test(
    ctx: typer.Context,
    where: Files,
    how: Show,
    recorded: Annotated[
        str,
        typer.Argument(
            metavar="RUN|FILE",
            autocompletion=completion.diagnoses,
            help="A diagnosis, `last`, or a capsule.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="A new file to write.")
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="The test's name.")] = "",
) -> None:
    """Make a runbook test of recorded evidence, and run it.

    What was concluded becomes what the test expects. Where the notation of test files cannot
    say what was recorded, the test names the capsule. Nothing is overwritten.
    """
    from mangaops.cli.testing_from import emit_test  # noqa: PLC0415 - the loader

    _refuse_unknown(ctx, where)
    emit_test(of(ctx), recorded, where, how, out=out, name=name)


def _refuse_unknown(ctx: typer.Context, where: Files) -> None:
    """An --env that nobody configured would be lost without a word; a variable for other
    commands may be.
    """
    if where.env is not None and where.env != SANDBOX and is_typed(ctx, "env"):
        settings_of(where, of(ctx)).environment(where.env)


def _tell_findings(context: AppContext, how: Show, findings: Sequence[object], files: int) -> None:
    if how.output is Output.JSON:
        found: list[JSON] = [finding_document(finding) for finding in findings]
        document: dict[str, JSON] = {
            "schema": "mangaops.lint/1",
            "files": files,
            "findings": found,
        }
        context.terminal.emit(to_json(document))
        return
    for finding in findings:
        context.terminal.emit("".join(f"{line}\n" for line in finding_lines(finding)))
    context.note(how, f"{counted(len(findings), 'finding')} in {counted(files, 'file')}")
