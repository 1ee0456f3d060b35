"""`mangaops logs errors|retries|breaker|latency|query`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import typer

from mangaops.cli.command import command
from mangaops.cli.context import AppContext, of
from mangaops.cli.group import HelpfulGroup
from mangaops.cli.logs_options import Exported, Groups, QueryArgument, refuse_both
from mangaops.cli.options import Budget, Show, When, Where
from mangaops.errors import ExitCode

app = typer.Typer(
    cls=HelpfulGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog="mangaops logs errors --since 1h\n"
    "mangaops logs latency --file export.jsonl.gz --output json\n"
    "mangaops logs retries --sandbox bedrock-throttled",
    help="Ask the logs, in AWS or in exported files.\n\n"
    "Logs Insights bills what it scans; --max-scan-gb stops it. Exit codes: 0 answered, "
    "4 nothing matched, 1 the logs cannot be read.",
)

_DETAILS = """The last 30 minutes unless --since or --from says otherwise.

With --file, exported logs are asked on this machine, and all that is in them counts: JSON
records, or log events as `aws logs filter-log-events` or `aws logs tail` write them."""


def _question(name: str, summary: str) -> None:
    """Register one question as a command."""

    def asked(
        ctx: typer.Context,
        where: Where,
        exported: Exported,
        when: When,
        budget: Budget,
        show: Show,
    ) -> None:
        if exported.files:
            refuse_both(ctx)
            raise typer.Exit(_from_files(of(ctx), name, exported.files, when, show))
        raise typer.Exit(_from_aws(of(ctx), name, where, when, budget, show))

    asked.__doc__ = f"{summary}\n\n{_DETAILS}"
    examples = (
        f"mangaops logs {name} --since 1h",
        f"mangaops logs {name} --file export.jsonl.gz",
        f"mangaops logs {name} --output json",
    )
    command(app, name=name, examples=examples)(asked)


_question("errors", "Count failed calls to the foundation model by error and intent.")
_question("retries", "Count calls that needed a retry, and those that it saved.")
_question("breaker", "List transitions of the circuit breaker, newest first.")
_question("latency", "Show latency percentiles of successful calls by intent.")


def _from_files(
    context: AppContext, name: str, files: Sequence[Path], when: When, show: Show
) -> ExitCode:
    from mangaops.cli.logs_file import asked_of_files, tell_files  # noqa: PLC0415 - not for --help
    from mangaops.cli.questions import QUESTIONS  # noqa: PLC0415 - as above

    return tell_files(context, show, asked_of_files(QUESTIONS[name], files, when, context, show))


def _from_aws(
    context: AppContext, name: str, where: Where, when: When, budget: Budget, show: Show
) -> ExitCode:
    from mangaops.cli.asking_logs import asked_in_window, asked_of_logs  # noqa: PLC0415 - not for --help
    from mangaops.cli.logs_told import told  # noqa: PLC0415 - as above

    ask = partial(asked_of_logs, name)
    return told(context, show, asked_in_window(context, where, when, budget, show, ask))


@command(
    app,
    name="query",
    examples=(
        "mangaops logs query 'stats count(*) as calls by intent' --since 1h",
        "mangaops logs query 'filter latency_ms > 5000 | stats count(*)' --file export.jsonl",
        "mangaops logs query 'fields @message | limit 5' --group /aws/lambda/inventory-invalidator",
    ),
)
def query(  # noqa: PLR0913, PLR0917 - Typer's options
    ctx: typer.Context,
    text: QueryArgument,
    where: Where,
    exported: Exported,
    groups: Groups,
    when: When,
    budget: Budget,
    show: Show,
) -> None:
    """Ask any other question in the language of Logs Insights.

    The last 30 minutes of the orchestrator's log group, unless --since, --from or --group
    says otherwise. AWS judges the query. With --file, exported logs are asked on this machine:
    all of them, with the commands fields, filter, parse, stats, sort, limit, display and dedup.
    """
    from mangaops.cli import logs_query  # noqa: PLC0415 - not for --help

    context, question = of(ctx), logs_query.question_of(text)
    if exported.files:
        refuse_both(ctx)
        raise typer.Exit(logs_query.ask_files(context, question, exported.files, when, show))
    raise typer.Exit(
        logs_query.ask_aws(context, question, groups.groups or (), where, when, budget, show)
    )
