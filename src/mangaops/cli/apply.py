"""`mangaops apply PLAN`."""

from __future__ import annotations

from typing import Annotated

import typer

from mangaops.cli import completion
from mangaops.cli.command import command
from mangaops.cli.context import of
from mangaops.cli.options import Approving, Show, Watching, Where

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@command(
    app,
    examples=(
        "mangaops apply p-12ab",
        "mangaops apply fix.plan --env prod --confirm orchestrator",
        "mangaops apply fix.plan --dry-run",
    ),
)
def apply(
    ctx: typer.Context,
    plan: Annotated[
        str,
        typer.Argument(
            metavar="PLAN",
            autocompletion=completion.plans,
            help="A plan file, or the id of a plan that `mangaops plan` kept.",
        ),
    ],
    approving: Approving,
    watching: Watching,
    where: Where,
    show: Show,
) -> None:
    """Carry out a plan: check, ask, apply, verify, journal.

    It is refused when a target is not as the plan saw it any more, when the plan is too
    old, or when the alarm of its diagnosis is over. Exit codes: 0 applied and verified, or
    nothing to do; 5 refused; 6 applied but not verified, or in part.
    """
    from mangaops.cli.changes.changing import change  # noqa: PLC0415 - not for --help
    from mangaops.cli.changes.plan_store import plan_store  # noqa: PLC0415 - as above
    from mangaops.cli.changes.workshop import Workshop  # noqa: PLC0415 - as above
    from mangaops.model.plan import Plan  # noqa: PLC0415 - as above
    from mangaops.remedy.plans.checking import refuse_given  # noqa: PLC0415 - as above

    context = of(ctx)
    read = plan_store(context.environ).read(plan)  # wrong input is told first

    def given(shop: Workshop) -> Plan:
        refuse_given(read, shop.site)
        return read

    change(context, where, show, approving, watching, given, fresh=False)
