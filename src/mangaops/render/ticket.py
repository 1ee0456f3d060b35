"""A plan, and what became of it, as Markdown to paste into a ticket or a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mangaops.model.change import Change, Outlook
from mangaops.model.plan import Plan, Step
from mangaops.model.time import iso
from mangaops.render.change import next_hint, status_word, undo_command, unfinished_undo
from mangaops.render.escaping import escaped, pasted, visible
from mangaops.render.fields import field_lines
from mangaops.render.place import place_words
from mangaops.render.plan import cost_words, reason_words, summary_words


def plan_markdown(plan: Plan, *, now: datetime, then: str = "") -> str:
    """The whole plan, with the shell lines that do the same."""
    blocks = [_head(plan), *map(_step, plan.steps), _facts(plan), _shell(plan)]
    ending = [escaped(summary_words(plan, now)), *([f"next: `{then}`"] if then else [])]
    told = ["\n".join(block) for block in map(list, blocks) if block]
    return "\n\n".join([*told, "\n\n".join(ending)]) + "\n"


def change_markdown(change: Change, *, suffix: str = "") -> str:
    """How it ended; the plan itself is shown before it by `plan_markdown`."""
    word, _ = status_word(change)
    title = f": {escaped(change.plan.draft.title)}" if change.plan else ""
    lines = [f"## {word}{title}", ""]
    lines += [escaped(change.detail), ""] if change.detail else []
    lines += [
        f"- step {outcome.step.number}, `{visible(outcome.step.target)}`: {outcome.state.value}"
        + (f" ({escaped(outcome.detail)})" if outcome.detail else "")
        for outcome in change.outcomes
    ]
    if change.watched.outlook is not Outlook.NOT_WATCHED:
        lines.append(f"- alarm: {change.watched.outlook.value}; {escaped(change.watched.after)}")
    undo = undo_command(change, suffix=suffix)
    lines += [f"- undo: `{undo}`"] if undo and not unfinished_undo(change) else []
    lines += [f"- run: `{change.run}`"] if change.run else []
    hint = next_hint(change, suffix=suffix)
    lines += [f"- next: `{hint}`"] if hint else []
    return "\n".join(lines) + "\n"


def _head(plan: Plan) -> Iterator[str]:
    yield f"## Plan: {escaped(plan.draft.title)}"
    yield ""
    yield f"- where: {escaped(place_words(plan.site))}"
    yield f"- command: `mangaops {pasted(plan.arguments)}`"
    yield f"- made: {iso(plan.made)}, risk: {plan.draft.risk.value}, plan: `{plan.id}`"
    yield f"- reason: {escaped(reason_words(plan.reason))}"


def _step(step: Step) -> Iterator[str]:
    undo = f"(undo: {step.undo.value})"
    yield f"**{step.number}. `{visible(step.target)}`** {escaped(step.summary)} {undo}"
    yield ""
    yield "```diff"
    for line in field_lines(step):
        if line.before:
            yield f"- {line.name} = {line.before}"
        if line.after:
            yield f"+ {line.name} = {line.after}"
    yield "```"
    if step.not_previewed:
        yield f"NOT PREVIEWED: {escaped(step.not_previewed)}"


def _facts(plan: Plan) -> Iterator[str]:
    draft = plan.draft
    yield from (f"- reach: {escaped(line)}" for line in draft.reach)
    yield from (f"- **conflict**: {escaped(line)}" for line in draft.conflicts)
    yield from (f"- {escaped(line)}" for line in draft.notes)
    if draft.cost_per_hour is not None:
        yield f"- cost: {cost_words(draft.cost_per_hour)}"
    if draft.permissions:
        yield f"- needs: {', '.join(f'`{action}`' for action in draft.permissions)}"


def _shell(plan: Plan) -> Iterator[str]:
    if plan.draft.aws_cli:
        yield "```sh"
        yield from map(pasted, plan.draft.aws_cli)
        yield "```"
