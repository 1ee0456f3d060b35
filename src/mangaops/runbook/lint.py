"""What is well-formed and still wrong: unreachable, circular, unused, unhandled.

`load` has already refused what cannot be understood. Everything here is a function
of the loaded runbook; findings come in the order of the file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from mangaops.diagnose.settled import decidable
from mangaops.errors import nearest
from mangaops.model.condition import Condition, Place, Template
from mangaops.model.query import InventoryQuery
from mangaops.model.runbook import INCONCLUSIVE, NEXT, Ask, Branch, Node, Outcome, Runbook
from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.runbook.bind import placeholders
from mangaops.runbook.finding import Finding
from mangaops.runbook.looking_back import beyond
from mangaops.runbook.remedy_lines import wrong_lines
from mangaops.runbook.strict_yaml import parse


def lint(runbook: Runbook) -> tuple[Finding, ...]:
    """All findings; an empty tuple is a clean runbook."""
    found = [
        *_unreachable(runbook),
        *_circular(runbook),
        *_unused(runbook),
        *_unhandled(runbook),
        *_dead_branches(runbook),
        *_same_answers(runbook),
        *_placeholders(runbook),
        *_name(runbook),
        *(
            _finding(runbook, "M021", what, at, hint=hint)
            for what, at, hint in wrong_lines(runbook)
        ),
        *_too_far_back(runbook),
    ]
    return tuple(sorted(found, key=lambda finding: (finding.place.line, finding.rule)))


def targets(node: Node | Ask) -> tuple[str, ...]:
    """Where a node can lead, missing edges included, without `inconclusive`."""
    if isinstance(node, Ask):
        named = [option.goto for option in node.options] + [node.on_missing]
    else:
        named = [one for b in node.branches for one in (b.goto, b.on_missing or NEXT)]
    return tuple(dict.fromkeys(name for name in named if name not in (INCONCLUSIVE, NEXT)))


def _unreachable(runbook: Runbook) -> Iterator[Finding]:
    reached: set[str] = set()
    waiting = [runbook.start, runbook.trigger.on_missing]
    while waiting:
        name = waiting.pop()
        if name in reached or name == INCONCLUSIVE:
            continue
        reached.add(name)
        if name in runbook.nodes:
            waiting += targets(runbook.nodes[name])
    for item in (*runbook.nodes.values(), *runbook.outcomes.values()):
        if item.id not in reached:
            what = "outcome" if isinstance(item, Outcome) else "node"
            yield _finding(runbook, "M011", f'no path leads to {what} "{item.id}"', item.place)


def _circular(runbook: Runbook) -> Iterator[Finding]:
    """One cycle is enough to tell: with it mended, the next run shows another.

    Depth first with a stack of its own, since a file can hold more nodes than Python's.
    """
    done: set[str] = set()
    for name in runbook.nodes:
        path = [name]
        open_ways = [iter(_nodes_after(runbook, name))]
        while path:
            target = next(open_ways[-1], None)
            if target is None:
                done.add(path.pop())
                open_ways.pop()
            elif target in path:
                cycle = (*path[path.index(target) :], target)
                message = "the path comes back: " + " -> ".join(cycle)
                yield _finding(runbook, "M012", message, runbook.nodes[target].place)
                return
            elif target not in done:
                path.append(target)
                open_ways.append(iter(_nodes_after(runbook, target)))


def _nodes_after(runbook: Runbook, name: str) -> tuple[str, ...]:
    following = targets(runbook.nodes[name])
    return tuple(target for target in following if target in runbook.nodes)


def _unused(runbook: Runbook) -> Iterator[Finding]:
    conditions = tuple(_conditions(runbook))
    words = {name for condition in conditions for name in _names(condition)}
    evidence = words | {
        item.query.products_from
        for item in runbook.evidence.values()
        if isinstance(item.query, InventoryQuery)
    }
    for name, item in runbook.evidence.items():
        if name not in evidence:
            message = f'nothing uses evidence "{name}"'
            yield _finding(runbook, "M013", message, item.place, severity="warning")
    parameters = words | placeholders(runbook)
    for name in runbook.parameters:
        if name not in parameters:
            message = f'nothing uses parameter "{name}"'
            place = _key(runbook, "parameters", name)
            yield _finding(runbook, "M013", message, place, severity="warning")
    for name in runbook.definitions:
        if name not in words:
            message = f'nothing uses definition "{name}"'
            place = _key(runbook, "define", name)
            yield _finding(runbook, "M013", message, place, severity="warning")


def _unhandled(runbook: Runbook) -> Iterator[Finding]:
    """A branch that cannot be unknown behind those before it need not say."""
    for node in runbook.nodes.values():
        if isinstance(node, Ask):
            continue
        certain = decidable(node, runbook)
        for number, branch in enumerate(node.branches):
            asked = branch.when is not None and branch.when.evidence
            if asked and branch.on_missing is None and number not in certain:
                message = "this branch compares evidence and has no on_missing"
                hint = "add `on_missing: inconclusive`, `next`, or a node"
                yield _finding(runbook, "M014", message, branch.place, hint=hint)


def _dead_branches(runbook: Runbook) -> Iterator[Finding]:
    for node in runbook.nodes.values():
        if isinstance(node, Ask) or not node.branches:
            continue
        *before, last = node.branches
        for n, branch in enumerate(before):
            if branch.when is None:
                dead = node.branches[n + 1]
                message = "`otherwise` comes before it, so it is never taken"
                yield _finding(runbook, "M015", message, dead.place)
        if last.when is not None:
            message = f'"{node.id}" has no `otherwise`: when no branch holds, it is inconclusive'
            yield _finding(runbook, "M016", message, node.place, severity="warning")


def _same_answers(runbook: Runbook) -> Iterator[Finding]:
    """Answers tell branches apart in a path, and are what `--answer NODE=VALUE` names."""
    for node in runbook.nodes.values():
        group = "options" if isinstance(node, Ask) else "branches"
        seen: set[str] = set()
        for number, answer in enumerate(_answers(node)):
            if answer.lower() in seen:
                message = f'"{node.id}" has the answer "{answer}" twice'
                path = ("nodes", node.id, group, number, "answer")
                place = parse(runbook.text, runbook.file).place(path)
                yield _finding(runbook, "M019", message, place)
            seen.add(answer.lower())


def _answers(node: Node | Ask) -> tuple[str, ...]:
    if isinstance(node, Ask):
        return tuple(option.answer for option in node.options)
    return tuple(branch.answer for branch in node.branches)


def _placeholders(runbook: Runbook) -> Iterator[Finding]:
    known = (*DEFAULT_RESOURCES, *runbook.parameters)
    for name in sorted(placeholders(runbook).difference(known)):
        message = f"${{{name}}} is neither a resource nor a parameter"
        place = _text_place(runbook, "${" + name + "}")
        yield _finding(runbook, "M009", message, place, hint=nearest(name, known))


def _too_far_back(runbook: Runbook) -> Iterator[Finding]:
    for condition in _conditions(runbook):
        for message in beyond(condition, runbook):
            hint = "a longer `window` of the evidence or of the runbook"
            yield _finding(runbook, "M022", message, condition.place, hint=hint, severity="warning")


def _name(runbook: Runbook) -> Iterator[Finding]:
    stem = Path(runbook.file).stem
    if stem != runbook.name:
        message = f'the file is called "{stem}" and the runbook "{runbook.name}"'
        place = _key(runbook, "name")
        yield _finding(runbook, "M017", message, place, severity="warning")


def _branches(runbook: Runbook) -> Iterator[Branch]:
    for node in runbook.nodes.values():
        if isinstance(node, Node):
            yield from node.branches


def _conditions(runbook: Runbook) -> Iterator[Condition]:
    """Every expression of the runbook, templates' slots included."""
    yield runbook.trigger.when
    if runbook.trigger.recovered is not None:
        yield runbook.trigger.recovered
    yield from runbook.definitions.values()
    yield from (branch.when for branch in _branches(runbook) if branch.when is not None)
    for outcome in runbook.outcomes.values():
        yield from (rule.when for rule in outcome.severity_rules)
        yield from (confirmation.when for confirmation in outcome.confirm)
    for template in _templates(runbook):
        yield from (part.condition for part in template.parts if not isinstance(part, str))


def _templates(runbook: Runbook) -> Iterator[Template]:
    found: list[Template | None] = [runbook.trigger.healthy, *runbook.report]
    for outcome in runbook.outcomes.values():
        found += [outcome.cause, outcome.at_most_likely, *outcome.report]
        found += [confirmation.otherwise for confirmation in outcome.confirm]
        found += [remedy.command for remedy in outcome.remedies]
    yield from (template for template in found if template is not None)


def _names(condition: Condition) -> Iterator[str]:
    """The names in the text of an expression itself."""
    yield from (node.id for node in ast.walk(condition.tree) if isinstance(node, ast.Name))


def _text_place(runbook: Runbook, text: str) -> Place:
    """The first value that holds a text."""
    for number, line in enumerate(runbook.text.splitlines(), start=1):
        if text in line.partition(" #")[0]:
            return Place(file=runbook.file, line=number, column=line.index(text) + 1)
    return Place(file=runbook.file, line=1, column=1)


def _key(runbook: Runbook, *path: str) -> Place:
    return parse(runbook.text, runbook.file).key_place(path)


def _finding(
    runbook: Runbook,
    rule: str,
    message: str,
    place: Place,
    *,
    hint: str = "",
    severity: str = "error",
) -> Finding:
    lines = runbook.text.splitlines()
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        place=place,
        hint=hint,
        line_text=lines[place.line - 1] if place.line <= len(lines) else "",
    )
