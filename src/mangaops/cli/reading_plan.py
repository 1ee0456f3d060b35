"""`diagnose --dry-run`: what would be read, without a call to AWS."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, assert_never

from mangaops.cli.context import AppContext, loaded_runbook, place_of
from mangaops.cli.options import Budget, Choices, Output, Show, When, Where

if TYPE_CHECKING:
    from mangaops.evidence.reading_plan import ReadingPlan
    from mangaops.model.runbook import Runbook
    from mangaops.model.settings import Environment
    from mangaops.model.time import Window
    from mangaops.render.reading_plan import Told


def emit_reading_plan(
    context: AppContext,
    name: str,
    where: Where,
    when: When,
    choices: Choices,
    budget: Budget,
    show: Show,
) -> None:
    """Tells the calls that a diagnosis would make, and their estimated cost."""
    from mangaops.cli.diagnosing import answers_from, sets_from  # noqa: PLC0415 - not for --help
    from mangaops.cli.window import deadline_of, window_of  # noqa: PLC0415 - as above
    from mangaops.model.site import Site  # noqa: PLC0415 - as above
    from mangaops.render.reading_plan import Told  # noqa: PLC0415 - as above
    from mangaops.runbook.bind import bind  # noqa: PLC0415 - as above

    loaded = loaded_runbook(name, where, context)
    answers_from(choices.answers or [], loaded)
    deadline_of(budget)  # wrong input is told here, too
    environment = place_of(where, context)
    bound = bind(loaded, environment, sets_from(choices.sets or []))
    window = window_of(when, default=bound.window, now=context.clock())
    region = environment.region or context.environ.get("AWS_REGION", "")
    site = Site(name=environment.name, region=region, protected=environment.protected)
    told = Told(
        plan=planned(context, bound, environment, window, budget),
        site=site,
        command=_next(name, where, when, choices),
        note="the sandbox was not started" if where.sandbox else "",
    )
    _emit(context, show, told)


def _emit(context: AppContext, show: Show, told: Told) -> None:
    from mangaops.render import reading_plan  # noqa: PLC0415 - not for --help
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    match show.output:
        case Output.JSON:
            context.terminal.emit(to_json(reading_plan.plan_document(told)))
        case Output.MARKDOWN:
            context.terminal.emit(reading_plan.plan_markdown(told))
        case Output.TEXT:
            terminal = context.terminal
            text = reading_plan.plan_text(told, width=terminal.width, colour=terminal.colour)
            terminal.emit(text)
        case _:
            assert_never(show.output)


def planned(
    context: AppContext, bound: Runbook, environment: Environment, window: Window, budget: Budget
) -> ReadingPlan:
    """The plan of a bound runbook, by the limits and prices that hold in `environment`."""
    from mangaops.aws.cloudwatch import QUERIES_PER_CALL  # noqa: PLC0415 - not for --help
    from mangaops.evidence.reading_plan import reading_plan  # noqa: PLC0415 - as above

    return reading_plan(
        bound,
        window,
        context.clock(),
        per_call=QUERIES_PER_CALL,
        max_scan_gb=budget.max_scan_gb,
        log_price_per_gb=environment.log_price_per_gb,
    )


def _next(name: str, where: Where, when: When, choices: Choices) -> str:
    """The same command without --dry-run."""
    given = (("--since", when.since), ("--from", when.start), ("--to", when.end))
    options = [f"{option} {shlex.quote(value)}" for option, value in given if value]
    options += [f"--set {shlex.quote(pair)}" for pair in choices.sets or []]
    options += [f"--answer {shlex.quote(pair)}" for pair in choices.answers or []]
    return f"mangaops diagnose {shlex.quote(name)}{where.suffix}" + "".join(
        f" {option}" for option in options
    )
