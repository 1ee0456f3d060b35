"""What a run may cost, said before it starts, and who agreed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mangaops.errors import Interrupted, Refused
from mangaops.render.figures import dollars

if TYPE_CHECKING:
    from mangaops.bench.measuring.cost import Estimate
    from mangaops.cli.context import AppContext
    from mangaops.cli.options import Show

ASKED_ABOVE_USD = 1.0
"""What may be spent without a question."""
RUN = "mangaops bench run"
"""The command that measures, and has a dry run."""


def refuse_read_only(context: AppContext, command: str) -> None:
    """A call to a model changes nothing, but it costs money: MANGAOPS_DRY_RUN forbids it.

    `command` is the one that was typed, such as `mangaops bench watch`.
    """
    if context.read_only:
        shown = "--dry-run shows what would be sent; " if command == RUN else ""
        raise Refused(
            "MANGAOPS_DRY_RUN is set, and calls to a model cost money",
            where=command,
            hint=f"{shown}unset MANGAOPS_DRY_RUN to measure",
        )


def refuse_cost(found: Estimate, max_usd: float | None) -> None:
    """Raises Refused where `max_usd` cannot be kept, or cannot be watched."""
    if max_usd is None:
        return
    if found.unpriced:
        raise Refused(
            f"nobody has said what {', '.join(found.unpriced)} costs",
            where="--max-usd",
            hint="write its price below benchmarks.prices in mangaops.yaml, or leave --max-usd out",
        )
    if found.low_usd > max_usd:
        raise Refused(
            f"it costs at least {dollars(found.low_usd)}, more than {dollars(max_usd)}",
            where="--max-usd",
            hint="fewer --samples, fewer --intent, or a higher --max-usd",
        )


def agree(
    context: AppContext,
    show: Show,
    found: Estimate,
    *,
    max_usd: float | None,
    yes: bool,
    command: str,
) -> None:
    """Asks before more than a small sum is spent. --yes and --max-usd are an answer.

    Raises Refused where the answer is no, or nobody can be asked.
    """
    if yes or max_usd is not None or found.high_usd <= ASKED_ABOVE_USD:
        return
    most = dollars(found.high_usd)
    hint = f"--yes spends it, --max-usd {found.low_usd + 0.01:.2f} or more stops in time"
    if show.no_input or not context.terminal.interactive:
        what = f"up to {most} would be spent, and nobody can be asked"
        raise Refused(what, where=command, hint=hint)
    try:
        typed = context.terminal.line(f"spend up to {most}? [y/N] ").lower()
    except KeyboardInterrupt as stop:
        raise Interrupted("interrupted; nothing was sent", hint="repeat it") from stop
    if typed not in {"y", "yes"}:
        raise Refused("nothing was sent", where=command, hint=hint)
