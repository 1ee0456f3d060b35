"""A runbook for a reader: its tree, its parameters and what it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from mangaops.model.runbook import INCONCLUSIVE, Ask, Node, Outcome, Parameter, Runbook
from mangaops.model.time import format_duration
from mangaops.render.figures import figure
from mangaops.render.screen import WIDEST, prose, to_text


def show_text(runbook: Runbook, *, width: int, colour: bool) -> str:
    """What starts it, the tree, its parameters and what it reads."""
    parts: list[RenderableType] = [
        Text.assemble((runbook.name, "strong"), f"  {runbook.severity}  ", runbook.title),
        prose(runbook.description.strip()),
        Text(""),
        Text.assemble(("on when  ", "quiet"), runbook.trigger.when.source.strip()),
        Text(""),
        _tree(runbook),
        Text(""),
        *_parameters(runbook.parameters),
        Text(""),
        *_evidence(runbook),
    ]
    return to_text(Group(*parts), width=min(width, WIDEST), colour=colour)


def _tree(runbook: Runbook) -> Tree:
    root = Tree(Text(runbook.trigger.question, style="strong"), style="", guide_style="quiet")
    _grow(root, "", runbook.start, runbook, shown=set())
    return root


def _grow(tree: Tree, answer: str, target: str, runbook: Runbook, shown: set[str]) -> None:
    """One target below `tree`. A node that was drawn before is only named."""
    lead = Text.assemble((f"{answer}: ", "quiet")) if answer else Text("")
    if target in runbook.outcomes:
        tree.add(lead + _outcome(runbook.outcomes[target]))
        return
    if target == INCONCLUSIVE or target not in runbook.nodes:
        tree.add(lead + Text(target, style="unsure"))
        return
    node = runbook.nodes[target]
    if target in shown:
        tree.add(lead + Text(f"{node.question} (see above)", style="quiet"))
        return
    shown.add(target)
    below = tree.add(lead + Text(node.question, style="strong"))
    for branch_answer, goto in edges(node):
        _grow(below, branch_answer, goto, runbook, shown)


def edges(node: Node | Ask) -> Iterator[tuple[str, str]]:
    """(answer, target) of each way out of a node, in order."""
    match node:
        case Node():
            yield from ((branch.answer, branch.goto) for branch in node.branches)
        case Ask():
            yield from ((option.answer, option.goto) for option in node.options)
        case _:
            assert_never(node)


def _outcome(outcome: Outcome) -> Text:
    on = f" (goes on with {outcome.continue_with})" if outcome.continue_with else ""
    return Text.assemble((outcome.id, "command"), f"  {outcome.title}{on}")


def _parameters(parameters: Mapping[str, Parameter]) -> Iterator[RenderableType]:
    yield Text("parameters, to change with --set NAME=VALUE", style="strong")
    for item in parameters.values():
        value = item.value
        shown = ", ".join(value) if isinstance(value, tuple) else figure(value, item.unit)
        text = f"{item.name} = {shown}" if value is not None else f"{item.name} (not set)"
        described = f": {item.description}" if item.description else ""
        yield Padding(prose(text + described), (0, 0, 0, 2))


def _evidence(runbook: Runbook) -> Iterator[RenderableType]:
    window = format_duration(runbook.window)
    yield Text(f"evidence, of the last {window} unless --since says otherwise", style="strong")
    for item in runbook.evidence.values():
        title = f": {item.title}" if item.title else ""
        yield Padding(prose(f"{item.id} ({item.kind}){title}"), (0, 0, 0, 2))
