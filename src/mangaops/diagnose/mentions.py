"""Which evidence the parts of a runbook mention, and what is still ahead of a walk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mangaops.model.condition import Template
from mangaops.model.runbook import Ask, Node, Outcome, Runbook


def of_templates(templates: Iterable[Template | None]) -> frozenset[str]:
    return frozenset().union(*(t.evidence for t in templates if t is not None))


def of_report(runbook: Runbook) -> frozenset[str]:
    return of_templates(runbook.report)


def of_outcome(outcome: Outcome) -> frozenset[str]:
    """All that its sentences, confirmations, severity and commands mention."""
    conditions = [c.when for c in outcome.confirm] + [r.when for r in outcome.severity_rules]
    templates = [
        outcome.cause,
        outcome.at_most_likely,
        *outcome.report,
        *(c.otherwise for c in outcome.confirm),
        *(remedy.command for remedy in outcome.remedies),
    ]
    return of_templates(templates).union(*(c.evidence for c in conditions))


def of_node(node: Node | Ask) -> frozenset[str]:
    if isinstance(node, Ask):
        return frozenset()
    return frozenset().union(*(b.when.evidence for b in node.branches if b.when is not None))


def targets(node: Node | Ask) -> Iterator[str]:
    """Where a node can lead, for want of evidence too."""
    if isinstance(node, Ask):
        yield from (option.goto for option in node.options)
        yield node.on_missing
        return
    for branch in node.branches:
        yield branch.goto
        if branch.on_missing is not None:
            yield branch.on_missing


def ahead(runbook: Runbook, start: str) -> frozenset[str]:
    """Evidence of every node and outcome that can be reached from `start`, itself included."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in runbook.outcomes:
            found |= of_outcome(runbook.outcomes[name])
        elif name in runbook.nodes:
            found |= of_node(runbook.nodes[name])
            waiting.extend(targets(runbook.nodes[name]))
    return frozenset(found)
