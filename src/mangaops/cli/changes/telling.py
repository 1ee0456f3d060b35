"""Plans and changes on stdout, in the form that --output asks for.

In text the plan comes first and what became of it later, as it happens. In JSON there is
one document, which holds the plan.
"""

from __future__ import annotations

from collections.abc import Sequence

from mangaops.cli.context import AppContext
from mangaops.cli.options import Output, Show
from mangaops.model.change import Change
from mangaops.model.plan import Plan
from mangaops.remedy.plans.plan_file import to_document
from mangaops.render.change import change_document
from mangaops.render.json_text import to_json

PLANS_SCHEMA = "mangaops.plans/1"


def emit_plan(app: AppContext, show: Show, plan: Plan) -> None:
    """The plan before it is carried out; nothing in JSON."""
    match show.output:
        case Output.JSON:
            return
        case Output.MARKDOWN:
            from mangaops.render.ticket import plan_markdown  # noqa: PLC0415 - rich

            app.terminal.emit(plan_markdown(plan, now=app.clock()) + "\n")
        case Output.TEXT:
            app.terminal.emit(_text(app, show, plan) + "\n")


def say_plan(app: AppContext, plan: Plan) -> None:
    """The plan on stderr, for a person who is asked about it while stdout is for a script."""
    from mangaops.render.plan import plan_text  # noqa: PLC0415 - rich

    terminal = app.terminal
    colour = terminal.colour_on_stderr
    terminal.say(plan_text(plan, width=terminal.width, colour=colour, now=app.clock()))


def emit_planned(app: AppContext, show: Show, planned: Sequence[tuple[Plan, str]]) -> None:
    """The answer of `plan`: each plan with the line to type next. In JSON it is the first
    plan as in its file.
    """
    if show.output is Output.JSON:
        app.terminal.emit(to_json(to_document(planned[0][0])))
        return
    for number, (plan, then) in enumerate(planned):
        lead = "\n" if number else ""
        app.terminal.emit(lead + _with_next(app, show, plan, then))


def emit_plans_document(app: AppContext, plans: Sequence[Plan]) -> None:
    """The answer of `plan --all` in JSON."""
    documents = [to_document(plan) for plan in plans]
    app.terminal.emit(to_json({"schema": PLANS_SCHEMA, "plans": documents}))


def emit_change(app: AppContext, show: Show, change: Change, *, suffix: str = "") -> None:
    """How it ended."""
    terminal = app.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(change_document(change, suffix=suffix)))
        case Output.MARKDOWN:
            from mangaops.render.ticket import change_markdown  # noqa: PLC0415 - rich

            terminal.emit(change_markdown(change, suffix=suffix))
        case Output.TEXT:
            from mangaops.render.change import change_text  # noqa: PLC0415 - rich

            width, colour = terminal.width, terminal.colour
            terminal.emit(change_text(change, width=width, colour=colour, suffix=suffix))


def _with_next(app: AppContext, show: Show, plan: Plan, then: str) -> str:
    if show.output is Output.MARKDOWN:
        from mangaops.render.ticket import plan_markdown  # noqa: PLC0415 - rich

        return plan_markdown(plan, now=app.clock(), then=then)
    return _text(app, show, plan, then)


def _text(app: AppContext, show: Show, plan: Plan, then: str = "") -> str:
    from mangaops.render.plan import plan_text  # noqa: PLC0415 - rich

    terminal = app.terminal
    return plan_text(
        plan,
        width=terminal.width,
        colour=terminal.colour,
        now=app.clock(),
        verbose=show.verbose,
        then=then,
    )
