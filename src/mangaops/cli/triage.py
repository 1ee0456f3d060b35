"""`mangaops triage`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from mangaops.cli.command import command
from mangaops.cli.context import AppContext, environment_of, library_of, of
from mangaops.cli.options import Budget, Output, Show, When, Where
from mangaops.errors import ExitCode

if TYPE_CHECKING:
    from mangaops.model.runbook import Runbook
    from mangaops.render.triage import Triage

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(
    app,
    examples=(
        "mangaops triage",
        "mangaops triage --env prod --output markdown",
        "mangaops triage --sandbox cold-connections",
    ),
)
def triage(ctx: typer.Context, where: Where, when: When, budget: Budget, show: Show) -> None:
    """Check which of all known incidents is on.

    Reads what the triggers of all runbooks need, in one batch, and names the command to
    type next. Exit codes: 0 none is on, 3 at least one is, 4 not all could be decided.
    """
    context = of(ctx)
    runbooks, broken = _loaded(context, where)
    answer, interrupted = _answer(context, runbooks, where, when, budget, show)
    _tell(context, show, answer)
    code = ExitCode.INTERRUPTED if interrupted else exit_code(answer)
    if broken and code in {ExitCode.DONE, ExitCode.INCONCLUSIVE}:
        code = ExitCode.WRONG_INPUT
    raise typer.Exit(code)


def _loaded(context: AppContext, where: Where) -> tuple[list[Runbook], bool]:
    """All runbooks that load, and whether some do not: one bad file hides no incident."""
    from mangaops.errors import RunbookError  # noqa: PLC0415 - not for --help
    from mangaops.render.error import error_lines  # noqa: PLC0415 - as above

    library = library_of(where, context)
    runbooks: list[Runbook] = []
    errors: list[RunbookError] = []
    for name in library.names():
        try:
            runbooks.append(library.load(name))
        except RunbookError as error:
            errors.append(error)
    if not runbooks:
        raise errors[0]
    for broken in errors:
        for line in error_lines(broken, broken.where, colour=False):
            context.terminal.say(line)
    return runbooks, bool(errors)


def exit_code(answer: Triage) -> ExitCode:
    """An incident that is on outweighs what is unknown."""
    from mangaops.render.triage import AlarmState  # noqa: PLC0415 - not for --help

    states = {alarm.state for alarm in answer.alarms}
    if AlarmState.ON in states:
        return ExitCode.PROBLEM_FOUND
    return ExitCode.INCONCLUSIVE if AlarmState.UNKNOWN in states else ExitCode.DONE


def _answer(
    context: AppContext,
    runbooks: Sequence[Runbook],
    where: Where,
    when: When,
    budget: Budget,
    show: Show,
) -> tuple[Triage, bool]:
    from mangaops.cli.progress import progress  # noqa: PLC0415 - as above
    from mangaops.cli.reading import reading  # noqa: PLC0415 - as above
    from mangaops.cli.triaging import triaged, watched_runbooks  # noqa: PLC0415 - as above
    from mangaops.cli.window import window_of  # noqa: PLC0415 - as above

    window_of(when, default=runbooks[0].window, now=context.clock())  # wrong input is told first
    with environment_of(where, context) as environment, progress(context, show) as tell:
        watched = watched_runbooks(runbooks, environment, when, context.clock())
        with reading(environment, budget, context, tell) as (collector, visitor):
            return triaged(collector, visitor, watched, suffix=where.suffix)


def _tell(context: AppContext, show: Show, answer: Triage) -> None:
    from mangaops.render import triage as render  # noqa: PLC0415 - not for --help
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    terminal = context.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(render.triage_document(answer)))
        case Output.MARKDOWN:
            terminal.emit(render.triage_markdown(answer))
        case Output.TEXT:
            width, colour, now = terminal.width, terminal.colour, context.clock()
            terminal.emit(render.triage_text(answer, width=width, colour=colour, now=now))
