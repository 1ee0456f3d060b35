"""The last step of `mangaops ci`: a dry run of each remedy, in one embedded AWS."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from mangaops.cli import embedded
from mangaops.cli.ci_lines import Line
from mangaops.cli.context import DRY_RUN, AppContext
from mangaops.cli.options import Show, Where
from mangaops.errors import MangaopsError
from mangaops.model.plan import NothingToDo, Reason
from mangaops.render.ci_report import Found, State

if TYPE_CHECKING:
    from mangaops.cli.changes.workshop import Workshop

WORLD = "fm-context-overflow"
"""The scenario in which they are planned: everything is there, and a prompt was activated
a while ago, which a rollback that names no intent needs.
"""


def cannot_rehearse() -> str:
    """Why there is no embedded AWS here; empty if there is one."""
    try:
        embedded.need_the_extra()
    except MangaopsError as error:
        return f"{error}; {error.hint}"
    return ""


@contextmanager
def rehearsals(context: AppContext, show: Show) -> Iterator[Callable[[Sequence[Line]], Found]]:
    """How to rehearse the remedies of a runbook. Nothing that writes can be sent."""
    from mangaops.cli.changes.workshop import workshop  # noqa: PLC0415 - only with a sandbox

    reader = replace(context, environ={**context.environ, DRY_RUN: "1"})
    with workshop(reader, Where(sandbox=WORLD), replace(show, quiet=True)) as shop:
        yield lambda lines: rehearsed(lines, lambda words: _planned(shop, words))


def rehearsed(lines: Sequence[Line], plan: Callable[[str], str]) -> Found:
    """`plan` tells what a line would do, or raises; it starts with `nothing to do` where so."""
    counts = dict.fromkeys(("planned", "nothing to do", "not tried"), 0)
    problems, notes = [], []
    for line in lines:
        name = f"{line.outcome} / {line.remedy}"
        if not line.words:
            counts["not tried"] += 1
            notes.append(f"{name}: not tried, no test and no scenario leads there")
            continue
        told, error = _first_told(line, plan)
        if error:
            problems.append(f"{name}: {error}")
            continue
        idle = ": nothing to do" in told
        counts["nothing to do" if idle else "planned"] += 1
        notes.append(f"{name}: {told}")
    parts = [f"{count} {what}" for what, count in counts.items() if count]
    parts += [f"{len(problems)} cannot be planned"] if problems else []
    return Found(
        state=State.FAILED if problems else State.PASSED,
        told=", ".join(parts) or "none to carry out",
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _first_told(line: Line, plan: Callable[[str], str]) -> tuple[str, str]:
    """What the first words that can be planned do; else the last error."""
    error = ""
    for words in line.words:
        try:
            return f"mangaops {words}: {plan(words)}", ""
        except MangaopsError as refused:
            error = f"mangaops {words}: {refused}" + (f" ({refused.hint})" if refused.hint else "")
        except typer.TyperException as wrong:
            error = f"mangaops {words}: {wrong}"
    return "", error


def _planned(shop: Workshop, words: str) -> str:
    from mangaops.cli.changes.planning import Wanted, planned  # noqa: PLC0415 - with its step
    from mangaops.cli.remedies.words import parsed  # noqa: PLC0415 - as above

    asked = parsed(shlex.split(words))
    plan = planned(shop, Wanted(asked=asked, reason=Reason(text="mangaops ci")))
    if isinstance(plan, NothingToDo):
        return f"nothing to do: {plan.reason}"
    return plan.draft.title
