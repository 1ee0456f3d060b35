"""`mangaops logs errors|retries|breaker|latency`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from mangaops.cli.answer import emit_rows
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, environment_of, of
from mangaops.cli.group import HelpfulGroup
from mangaops.cli.options import Budget, Output, Show, When, Where
from mangaops.errors import AwsError, ExitCode, Interrupted

if TYPE_CHECKING:
    from mangaops.render.logs import Asked

app = typer.Typer(
    cls=HelpfulGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog="mangaops logs errors --since 1h\n"
    "mangaops logs latency --env prod --output json\n"
    "mangaops logs retries --sandbox bedrock-throttled",
    help="Ask the four saved questions about the logs.\n\n"
    "Logs Insights bills what it scans; --max-scan-gb stops it. Exit codes: 0 answered, "
    "4 nothing matched, 1 the logs cannot be read.",
)

_WINDOW = timedelta(minutes=30)


def _question(name: str, summary: str) -> None:
    """Register one question as a command."""

    def asked(ctx: typer.Context, where: Where, when: When, budget: Budget, show: Show) -> None:
        context = of(ctx)
        answer = _answer(context, name, where, when, budget, show)
        _refuse_unread(answer)
        _tell(context, show, answer)
        raise typer.Exit(_exit_code(answer))

    asked.__doc__ = f"{summary}\n\nThe last 30 minutes unless --since or --from says otherwise."
    examples = (
        f"mangaops logs {name} --since 1h",
        f"mangaops logs {name} --from 2026-11-21T11:00 --to 2026-11-21T11:30",
        f"mangaops logs {name} --output json",
    )
    command(app, name=name, examples=examples)(asked)


_question("errors", "Count failed calls to the foundation model by error and intent.")
_question("retries", "Count calls that needed a retry, and those that it saved.")
_question("breaker", "List transitions of the circuit breaker, newest first.")
_question("latency", "Show latency percentiles of successful calls by intent.")


def _answer(
    context: AppContext, name: str, where: Where, when: When, budget: Budget, show: Show
) -> Asked:
    from mangaops.cli.asking_logs import asked_of_logs  # noqa: PLC0415 - not for --help
    from mangaops.cli.progress import progress  # noqa: PLC0415 - as above
    from mangaops.cli.reading import reading  # noqa: PLC0415 - as above
    from mangaops.cli.window import window_of  # noqa: PLC0415 - as above

    window_of(when, default=_WINDOW, now=context.clock())  # wrong input is told first
    with environment_of(where, context) as environment, progress(context, show) as tell:
        window = window_of(when, default=_WINDOW, now=context.clock())
        with reading(environment, budget, context, tell) as (collector, visitor):
            return asked_of_logs(name, environment, window, collector, visitor)


def _tell(context: AppContext, show: Show, answer: Asked) -> None:
    from mangaops.render.logs import logs_document, logs_heading  # noqa: PLC0415 - not for --help

    terminal = context.terminal
    if show.output is Output.TEXT:
        heading: Callable[..., str] = logs_heading
        now = context.clock()
        terminal.emit(heading(answer, width=terminal.width, colour=terminal.colour, now=now))
    emit_rows(context, show, logs_document(answer), answer.columns, answer.rows, answer.units)
    if answer.detail and show.output is not Output.JSON:
        terminal.say(answer.detail)


def _refuse_unread(answer: Asked) -> None:
    """Logs that cannot be read at all are an error, not an answer without rows."""
    from mangaops.model.evidence import EvidenceState  # noqa: PLC0415 - not for --help

    if answer.interrupted and answer.state is not EvidenceState.OK:
        what = "interrupted before the logs were read; the query was stopped"
        raise Interrupted(what, where=f"mangaops logs {answer.question}", hint="run it again")
    if answer.state in {EvidenceState.DENIED, EvidenceState.FAILED}:
        what, _, hint = answer.detail.partition("; ")
        raise AwsError(what, where=f"mangaops logs {answer.question}", hint=hint)


def _exit_code(answer: Asked) -> ExitCode:
    from mangaops.model.evidence import EvidenceState  # noqa: PLC0415 - not for --help

    return ExitCode.DONE if answer.state is EvidenceState.OK else ExitCode.INCONCLUSIVE
