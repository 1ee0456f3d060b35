"""`mangaops diagnose RUNBOOK`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, environment_of, loaded_runbook, of
from mangaops.cli.options import Budget, Choices, Recording, Show, When, Where
from mangaops.errors import ExitCode, InputError

if TYPE_CHECKING:
    from mangaops.model.runbook import Ask
    from mangaops.render.case import Case

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(
    app,
    examples=(
        "mangaops diagnose first-token",
        "mangaops diagnose websocket-drops --env prod --since 2h --output markdown",
        "mangaops diagnose first-token --sandbox cold-connections",
    ),
)
def diagnose(  # noqa: PLR0913, PLR0917 - each is a group of options
    ctx: typer.Context,
    where: Where,
    when: When,
    choices: Choices,
    budget: Budget,
    recording: Recording,
    show: Show,
    runbook: Annotated[
        str | None,
        typer.Argument(
            metavar="RUNBOOK",
            autocompletion=completion.runbooks,
            help="A name of `mangaops runbook list`, or a file.",
        ),
    ] = None,
) -> None:
    """Find the cause of one incident by its runbook.

    Reads evidence, walks the runbook's tree, and says what it found, what it did not
    see, and what to do. Nothing is changed. Exit codes: 0 healthy, 3 diagnosed,
    4 inconclusive, 1 when AWS cannot be read, 2 for wrong input.
    """
    from mangaops.cli.case import emit_case  # noqa: PLC0415 - not for --help

    context = of(ctx)
    if recording.replay is not None:
        from mangaops.cli.replaying import replayed  # noqa: PLC0415 - not for --help

        case = replayed(context, runbook, where, choices, recording, show)
        emit_case(context, show, case)
        raise typer.Exit(exit_code(case))
    if runbook is None:
        raise InputError("no runbook was named", where="RUNBOOK", hint="mangaops runbook list")
    if recording.dry_run:
        from mangaops.cli.reading_plan import emit_reading_plan  # noqa: PLC0415 - as above

        emit_reading_plan(context, runbook, where, when, choices, budget, show)
        return
    case = _case(context, runbook, where, when, choices, budget, show)
    recorded(context, show, case)
    emit_case(context, show, case)
    raise typer.Exit(exit_code(case))


def exit_code(case: Case) -> ExitCode:
    """What the process returns for this case."""
    from mangaops.model.runbook import Status  # noqa: PLC0415 - not for --help

    if case.interrupted:
        return ExitCode.INTERRUPTED
    match case.diagnosis.status:
        case Status.HEALTHY:
            return ExitCode.DONE
        case Status.DIAGNOSED:
            return ExitCode.PROBLEM_FOUND
        case Status.INCONCLUSIVE:
            return ExitCode.INCONCLUSIVE


def _case(
    context: AppContext,
    name: str,
    where: Where,
    when: When,
    choices: Choices,
    budget: Budget,
    show: Show,
) -> Case:
    from mangaops.cli.diagnosing import answers_from, case_of, diagnosed, sets_from  # noqa: PLC0415 - not for --help
    from mangaops.cli.progress import progress  # noqa: PLC0415 - not for --help
    from mangaops.cli.reading import reading  # noqa: PLC0415 - not for --help
    from mangaops.cli.window import window_of  # noqa: PLC0415 - not for --help
    from mangaops.runbook.bind import bind  # noqa: PLC0415 - not for --help

    sets = sets_from(choices.sets or [])
    loaded = loaded_runbook(name, where, context)
    given = answers_from(choices.answers or [], loaded)
    window_of(when, default=loaded.window, now=context.clock())  # wrong input is told first
    with environment_of(where, context) as environment, progress(context, show) as tell:
        bound = bind(loaded, environment, sets)
        window = window_of(when, default=bound.window, now=context.clock())
        with reading(environment, budget, context, tell) as (collector, visitor):
            walked = diagnosed(
                collector,
                bound,
                window,
                given=given,
                force=choices.force,
                ask=asking(context, show),
                beside=visitor.ask,
            )
            site = visitor.site(hurry=walked.collected.interrupted)
    if environment.account and not site.account:
        context.note(show, f"note: whether this is account {environment.account} was not learned")
    run = context.runs.new_name(context.token)
    return case_of(walked, bound, site, window, run=run, suffix=where.suffix, sets=sets)


def asking(context: AppContext, show: Show) -> Callable[[Ask], str]:
    """Puts a question to a person if there is one; nobody is ever waited for in vain."""

    def ask(node: Ask) -> str:
        options = [option.answer for option in node.options]
        if not show.no_input and context.terminal.interactive:
            return context.terminal.ask(node.question, options)
        choices = "|".join(options)
        context.note(show, f"not answered: {node.question} (--answer {node.id}={choices})")
        return ""

    return ask


def recorded(context: AppContext, show: Show, case: Case) -> None:
    """Keep the run for `explain`; a place that cannot be written is no reason to fail."""
    from mangaops.cli.runs import fallback_store  # noqa: PLC0415 - not for --help
    from mangaops.render.document import case_document  # noqa: PLC0415 - as above
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    document = to_json(case_document(case))
    try:
        context.runs.write(case.run, document)
    except OSError as error:
        try:
            spare = fallback_store(Path(tempfile.gettempdir()))
            spare.write(case.run, document)
        except OSError:
            context.note(show, f"note: this run is not recorded ({error})")
            return
        place = spare.folder.parent
        context.note(show, f"note: {context.runs.folder} cannot be written; this run is in {place}")
        context.note(show, f"      to explain it: export MANGAOPS_STATE_DIR={place}")
