"""What became of a plan: for a terminal, and as the JSON of the contract, `mangaops.run/1`.

Keys beyond the contract: `detail`, `hint`, `watched`, `interrupted`, `seconds`. `undo` is
null where there is nothing that `mangaops undo` could do. `run` is empty when nothing was
journaled, `plan` null when there was nothing to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mangaops.model.change import Change, Outlook, RunStatus, StepOutcome, StepState, Watched
from mangaops.model.evidence import JSON
from mangaops.remedy.plans.plan_file import to_document
from mangaops.render.escaping import visible
from mangaops.render.figures import length
from mangaops.render.screen import WIDEST, prose, to_text, typed_line

SCHEMA = "mangaops.run/1"
_WORDS = {
    RunStatus.DRY_RUN: ("DRY RUN", "quiet"),
    RunStatus.VERIFIED: ("VERIFIED", "fine"),
    RunStatus.UNVERIFIED: ("APPLIED, NOT VERIFIED", "unsure"),
    RunStatus.PARTIAL: ("PARTLY APPLIED", "fail"),
    RunStatus.REFUSED: ("REFUSED", "fail"),
    RunStatus.NOTHING_TO_DO: ("NOTHING TO DO", "fine"),
}
_STATES = {
    StepState.PLANNED: ("not done", "quiet"),
    StepState.APPLIED: ("applied, not verified", "unsure"),
    StepState.VERIFIED: ("done", "fine"),
    StepState.FAILED: ("FAILED", "fail"),
    StepState.SKIPPED: ("already so", "fine"),
}
_OUTLOOKS = {
    Outlook.IMPROVED: "fine",
    Outlook.NO_EVIDENCE: "unsure",
    Outlook.WORSE: "fail",
    Outlook.NOT_WATCHED: "quiet",
}


def change_document(change: Change, *, suffix: str = "") -> dict[str, JSON]:
    return {
        "schema": SCHEMA,
        "run": change.run,
        "status": change.status.value,
        "plan": to_document(change.plan) if change.plan else None,
        "steps": [_outcome(outcome) for outcome in change.outcomes],
        "undo": undo_command(change, suffix=suffix) or None,
        "detail": change.detail,
        "hint": next_hint(change, suffix=suffix) or undo_command(change, suffix=suffix),
        "watched": {
            "outlook": change.watched.outlook.value,
            "before": change.watched.before,
            "after": change.watched.after,
        },
        "interrupted": change.interrupted,
        "seconds": round(change.seconds, 3),
    }


def _outcome(outcome: StepOutcome) -> JSON:
    return {
        "number": outcome.step.number,
        "action": outcome.step.action,
        "target": outcome.step.target,
        "state": outcome.state.value,
        "detail": outcome.detail,
    }


def undo_command(change: Change, *, suffix: str = "") -> str:
    """What takes it back; empty where nothing can."""
    return f"mangaops undo {change.run}{suffix}" if change.undoable and change.run else ""


def unfinished_undo(change: Change) -> bool:
    """Whether it is an undo whose next step is to be repeated, not to be taken back itself."""
    undoes = change.plan.undoes if change.plan else ""
    return bool(undoes) and change.hint == f"mangaops undo {undoes}"


_ENDS_IN_A_COMMAND = re.compile(r"(?:^|: )mangaops [^:;,()]*$")


def next_hint(change: Change, *, suffix: str = "") -> str:
    """What to type next; empty where that is to undo, which has a line of its own."""
    if unfinished_undo(change):
        return change.hint + suffix
    if change.status is RunStatus.NOTHING_TO_DO and _ENDS_IN_A_COMMAND.search(change.hint):
        return change.hint + suffix
    return "" if change.hint == undo_command(change) else change.hint


def status_word(change: Change) -> tuple[str, str]:
    """The end in one word, and its style."""
    if change.interrupted:
        return "INTERRUPTED", "unsure"
    return _WORDS[change.status]


def change_text(change: Change, *, width: int, colour: bool, suffix: str = "") -> str:
    """The steps, how it ended, how it can be taken back, and the run's id."""
    blocks: list[list[RenderableType]] = [
        [*_steps(change)],
        [*_ending(change)],
        [*_commands(change, suffix)],
    ]
    spaced = [part for block in blocks if block for part in (*block, Text(""))]
    return to_text(Group(*spaced[:-1]), width=min(width, WIDEST), colour=colour)


def _steps(change: Change) -> Iterator[RenderableType]:
    dry = change.status is RunStatus.DRY_RUN
    if dry or not change.outcomes:
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for outcome in change.outcomes:
        grid.add_row(
            Text(f"{outcome.step.number}/{len(change.outcomes)}", style="quiet"), _line(outcome)
        )
    yield Padding(grid, (0, 0, 0, 2))


def _line(outcome: StepOutcome) -> Text:
    word, style = _STATES[outcome.state]
    line = prose(visible(f"{outcome.step.target}: {outcome.step.summary} ... "))
    line.append(word, style=style)
    if outcome.seconds:
        line.append(f" {length(round(outcome.seconds, 1))}", style="quiet")
    if outcome.detail:
        line.append("\n").append(prose(visible(outcome.detail), "quiet"))
    return line


def _ending(change: Change) -> Iterator[RenderableType]:
    word, style = status_word(change)
    head = Text(word, style=style)
    if change.plan:
        head.append(f"  {visible(change.plan.draft.title)}", style="strong")
    if change.seconds:
        head.append(f"  ({length(round(change.seconds, 1))})", style="quiet")
    yield head
    if change.detail:
        yield Padding(prose(visible(change.detail)), (0, 0, 0, 2))
    yield from _watched(change.watched)


def _watched(watched: Watched) -> Iterator[RenderableType]:
    if watched.outlook is Outlook.NOT_WATCHED:
        return
    told = watched.outlook.value.upper()
    yield Text.assemble(("  alarm  ", "quiet"), (told, _OUTLOOKS[watched.outlook]))
    for label, words in (("before", watched.before), ("after", watched.after)):
        if words:
            yield Padding(prose(visible(f"{label}: {words}"), "quiet"), (0, 0, 0, 9))


def _commands(change: Change, suffix: str) -> Iterator[RenderableType]:
    if hint := next_hint(change, suffix=suffix):
        yield typed_line("next:", hint)
    undo = undo_command(change, suffix=suffix)
    if undo and not unfinished_undo(change):
        yield typed_line("undo:", undo)
    if change.run:
        yield Text(f"run   {change.run}", style="quiet")
