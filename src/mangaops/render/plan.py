"""A plan for a terminal, as Terraform shows one: what changes from what to what, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mangaops.model.plan import Plan, Reason, Risk, Step
from mangaops.render import figures
from mangaops.render.escaping import pasted, visible
from mangaops.render.fields import Line, Sign, checked_lines, field_lines
from mangaops.render.place import place_lines
from mangaops.render.screen import WIDEST, command_line, prose, to_text, typed_line

MOST_FIELDS = 12
_SIGNS = {Sign.ADDED: "fine", Sign.GONE: "fail", Sign.CHANGED: "unsure", Sign.SAME: "quiet"}
_LABEL = 9
"""Columns of the words in front of reach, needs and so on."""


def plan_text(
    plan: Plan, *, width: int, colour: bool, now: datetime, verbose: bool = False, then: str = ""
) -> str:
    """The whole plan. `then` is what to type next; `verbose` adds the AWS CLI's lines."""
    width = min(width, WIDEST)
    blocks: list[list[RenderableType]] = [
        [*place_lines(plan.site, width=width), Text(visible(plan.draft.title), style="strong")],
        *([*_step(step, width=width, verbose=verbose)] for step in plan.steps),
        [*_facts(plan)],
        [*_shell(plan)] if verbose else [],
        [*_ending(plan, now, then)],
    ]
    spaced = [part for block in blocks if block for part in (*block, Text(""))]
    return to_text(Group(*spaced[:-1]), width=width, colour=colour)


def _step(step: Step, *, width: int, verbose: bool) -> Iterator[RenderableType]:
    undo = f"  [undo: {step.undo.value}]"
    yield Text.assemble(("  ~ ", "unsure"), (visible(step.target), "strong"), (undo, "quiet"))
    if step.summary:
        yield _under(prose(visible(step.summary)), 6)
    lines = field_lines(step)
    shown = lines if verbose else lines[:MOST_FIELDS]
    if shown:
        yield _under(_fields(shown, width - 6), 6)
    if len(shown) < len(lines):
        yield _under(Text(f"... and {len(lines) - len(shown):,} more", style="quiet"), 6)
    if verbose and (held := checked_lines(step)):
        yield _under(Text("must still be so when it is applied:", style="quiet"), 6)
        yield _under(_fields(held, width - 6), 6)
    if step.not_previewed:
        yield _under(prose(f"! NOT PREVIEWED: {visible(step.not_previewed)}", "unsure"), 6)


def _fields(lines: Sequence[Line], room: int) -> RenderableType:
    """Names and arrows below each other; each value on its own line where that needs too much."""
    name = max(cell_len(line.name) for line in lines)
    before = max((cell_len(line.before) for line in lines if line.after), default=0)
    told = [_aligned(line, name, before) for line in lines]
    if max(text.cell_len for text in told) > room:
        return Group(*(part for line in lines for part in _stacked(line)))
    return Group(*told)


def _aligned(line: Line, name: int, before: int) -> Text:
    first, second = _values(line)
    told = line.name + " " * (name - cell_len(line.name) + 2) + first
    if second:
        told += " " * (before - cell_len(first)) + f" -> {second}"
    return Text.assemble((f"{line.sign} ", _SIGNS[line.sign]), told)


def _values(line: Line) -> tuple[str, str]:
    return (line.before, line.after) if line.before and line.after else (line.one, "")


def _stacked(line: Line) -> Iterator[RenderableType]:
    before, after = _values(line)
    yield Text.assemble((f"{line.sign} ", _SIGNS[line.sign]), line.name)
    yield _under(Text(before, overflow="fold"), 6)
    if after:
        yield _under(Text(f"-> {after}", overflow="fold"), 3)


def _facts(plan: Plan) -> Iterator[RenderableType]:
    draft = plan.draft
    facts = [
        *(("reach", line, "") for line in draft.reach),
        *(("!", line, "unsure") for line in draft.conflicts),
        *(("note", line, "") for line in draft.notes),
        *_cost(draft.cost_per_hour),
        ("needs", ", ".join(draft.permissions), "") if draft.permissions else None,
        ("reason", reason_words(plan.reason), ""),
    ]
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=_LABEL)
    grid.add_column(overflow="fold")
    last = ""
    for label, words, style in filter(None, facts):
        told = label if label != last or label == "!" else ""
        grid.add_row(Text(told, style=style or "quiet"), prose(visible(words), style))
        last = label
    yield _under(grid, 2)


def _cost(per_hour: float | None) -> Iterator[tuple[str, str, str]]:
    if per_hour is not None:
        yield "cost", cost_words(per_hour), ""


def cost_words(per_hour: float) -> str:
    """`$1.34 more per hour`."""
    less = per_hour < 0
    return f"{figures.dollars(abs(per_hour))} {'less' if less else 'more'} per hour"


def reason_words(reason: Reason) -> str:
    """Why, in one sentence, with the run and the evidence that it is based on."""
    verdict = " ".join(part for part in (reason.verdict, reason.diagnosis) if part)
    facts = [
        f"run {reason.run}" if reason.run else "",
        ": ".join(part for part in (reason.runbook, verdict) if part),
        f"evidence {reason.evidence[:12]}" if reason.evidence else "",
    ]
    told = ", ".join(fact for fact in facts if fact)
    text = reason.text or "asked for without a diagnosis"
    return f"{text} ({told})" if told else text


def _shell(plan: Plan) -> Iterator[RenderableType]:
    if plan.draft.aws_cli:
        yield Text("the same with the AWS CLI", style="quiet")
        yield from (command_line(pasted(line), indent=2) for line in plan.draft.aws_cli)


def _ending(plan: Plan, now: datetime, then: str) -> Iterator[RenderableType]:
    yield prose(visible(summary_words(plan, now)), "strong")
    if then:
        yield typed_line("next:", then)


def summary_words(plan: Plan, now: datetime) -> str:
    """`Plan p-12ab: 2 changes, moderate risk. Valid until 03:26 UTC (in 15 min).`"""
    count = len(plan.steps)
    changes = "1 change" if count == 1 else f"{count} changes"
    risk = "" if plan.draft.risk is Risk.MILD else f", {plan.draft.risk.value} risk"
    until = plan.expires.astimezone(UTC)
    stamp = until.strftime("%H:%M UTC" if until.date() == now.date() else "%Y-%m-%d %H:%M UTC")
    when = figures.age(plan.expires, now)
    valid = f"Expired at {stamp}" if plan.expires <= now else f"Valid until {stamp}"
    undoes = f", takes back {plan.undoes}" if plan.undoes else ""
    return f"Plan {plan.id}: {changes}{risk}{undoes}. {valid} ({when})."


def _under(part: RenderableType, columns: int) -> RenderableType:
    return Padding(part, (0, 0, 0, columns))
