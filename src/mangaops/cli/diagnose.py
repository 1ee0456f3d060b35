"""`mangaops diagnose RUNBOOK`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.command import command
from mangaops.cli.context import AppContext, environment_of, loaded_runbook, of
from mangaops.cli.options import Budget, Choices, Recording, Show, When, Where
from mangaops.errors import ExitCode, InputError

if TYPE_CHECKING:
    from mangaops.cli.recording import Finished
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
    context = of(ctx)
    if recording.replay is not None:
        from mangaops.cli.replaying import refuse_typed, replay  # noqa: PLC0415 - not for --help

        refuse_typed(ctx, recording)
        case = replay(context, runbook, where, recording, show)
        raise typer.Exit(exit_code(case))
    _refuse_conflicts(recording)
    if runbook is None:
        raise InputError("no runbook was named", where="RUNBOOK", hint="mangaops runbook list")
    if recording.dry_run:
        from mangaops.cli.reading_plan import emit_reading_plan  # noqa: PLC0415 - as above

        emit_reading_plan(context, runbook, where, when, choices, budget, show)
        return
    asked = _Asked(
        runbook=runbook, where=where, when=when, choices=choices, budget=budget, show=show
    )
    finished = _finished(context, asked)
    raise typer.Exit(exit_code(told(context, show, finished, recording.record)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A diagnosis as it was typed."""

    runbook: str
    where: Where
    when: When
    choices: Choices
    budget: Budget
    show: Show


def _refuse_conflicts(recording: Recording) -> None:
    """What cannot be done is told before AWS is asked."""
    if recording.dry_run and recording.record is not None:
        what = "--record conflicts with --dry-run, which reads nothing"
        raise InputError(what, where="--record", hint="give one of them")
    for wanted, option in (
        (recording.recorded_runbook, "--recorded-runbook"),
        (recording.current_runbook, "--current-runbook"),
    ):
        if wanted:
            what = f"{option} goes with --replay"
            raise InputError(what, where=option, hint="mangaops diagnose --replay FILE")
    if recording.record is not None:
        from mangaops.cli.recording import refuse_place  # noqa: PLC0415 - not for --help

        refuse_place(recording.record)


def told(context: AppContext, show: Show, finished: Finished, file: Path | None) -> Case:
    """Record and tell it. Without --record the evidence is kept once the answer is out."""
    from mangaops.cli.boundary import after_the_answer  # noqa: PLC0415 - not for --help
    from mangaops.cli.case import emit_case  # noqa: PLC0415 - not for --help
    from mangaops.cli.recording import Kept, keep, kept, recorded  # noqa: PLC0415 - as above
    from mangaops.cli.without_secrets import told_case  # noqa: PLC0415 - as above

    found = Kept(case=finished.case) if file is None else kept(finished)
    case = told_case(found.case, finished.runbook, finished.environment)
    store = recorded(context, show, case)
    emit_case(context, show, case, now=finished.at)
    with after_the_answer(context, show, "the evidence is not kept"):
        if file is None and store is not None:
            found = kept(finished)
        keep(context, show, found, file=file, store=store)
    return found.case


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


def _finished(context: AppContext, asked: _Asked) -> Finished:
    from mangaops.cli.diagnosing import answers_from, case_of, diagnosed, sets_from  # noqa: PLC0415 - not for --help
    from mangaops.cli.progress import progress  # noqa: PLC0415 - not for --help
    from mangaops.cli.reading import reading  # noqa: PLC0415 - not for --help
    from mangaops.cli.recording import Finished  # noqa: PLC0415 - not for --help
    from mangaops.cli.window import window_of  # noqa: PLC0415 - not for --help
    from mangaops.runbook.bind import bind  # noqa: PLC0415 - not for --help

    where, when, choices, show = asked.where, asked.when, asked.choices, asked.show
    sets = sets_from(choices.sets or [])
    loaded = loaded_runbook(asked.runbook, where, context)
    given = answers_from(choices.answers or [], loaded)
    window_of(when, default=loaded.window, now=context.clock())  # wrong input is told first
    with environment_of(where, context) as environment, progress(context, show) as tell:
        bound = bind(loaded, environment, sets)
        window = window_of(when, default=bound.window, now=context.clock())
        with reading(environment, asked.budget, context, tell) as (collector, visitor):
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
    case = case_of(walked, bound, site, window, run=run, suffix=where.suffix, sets=sets)
    at, force = context.clock(), choices.force
    return Finished(
        case=case, walked=walked, runbook=loaded, environment=environment, at=at, force=force
    )


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
