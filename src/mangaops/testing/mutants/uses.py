"""What conclusions rest on, and which parts of a tree mention it.

A part is `trigger`, a node's id or an outcome's id. A walk that passes no part that
mentions a name ends the same whatever that name means.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mangaops.diagnose.trail import TRIGGER
from mangaops.model.condition import Condition, Slot, Template
from mangaops.model.runbook import Ask, Confirmation, Node, Outcome, Runbook

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """`mentions`: part -> names, sentences included. `conclusive`: names that decide where
    a walk goes, how sure and how severe it is, or what a remedy is given.
    """

    mentions: Mapping[str, frozenset[str]]
    conclusive: frozenset[str]

    def parts_of(self, name: str) -> frozenset[str]:
        return frozenset(part for part, names in self.mentions.items() if name in names)


def uses(runbook: Runbook) -> Uses:
    reach = _Reach(runbook)
    told = reach.of_templates(runbook.report)
    mentions = {TRIGGER: reach.of_conditions([runbook.trigger.when]) | told}
    mentions[TRIGGER] |= reach.of_templates([runbook.trigger.healthy])
    conclusive = set(reach.of_conditions([runbook.trigger.when]))
    for node in runbook.nodes.values():
        mentions[node.id] = reach.of_conditions(_conditions_of_node(node))
        conclusive |= mentions[node.id]
    for outcome in runbook.outcomes.values():
        deciding = reach.of_conditions(_conditions_of_outcome(outcome))
        deciding |= reach.of_templates(remedy.command for remedy in outcome.remedies)
        conclusive |= deciding
        mentions[outcome.id] = deciding | reach.of_templates(_sentences(outcome))
    return Uses(mentions=mentions, conclusive=frozenset(conclusive))


def _conditions_of_node(node: Node | Ask) -> Iterator[Condition]:
    if isinstance(node, Node):
        yield from (branch.when for branch in node.branches if branch.when is not None)


def _conditions_of_outcome(outcome: Outcome) -> Iterator[Condition]:
    yield from (rule.when for rule in outcome.severity_rules)
    yield from (confirmation.when for confirmation in deciding_confirmations(outcome))


def deciding_confirmations(outcome: Outcome) -> tuple[Confirmation, ...]:
    """Where a verdict is likely at most, a confirmation only adds a sentence."""
    return () if outcome.at_most_likely is not None else outcome.confirm


def _sentences(outcome: Outcome) -> Iterator[Template | None]:
    yield outcome.cause
    yield outcome.at_most_likely
    yield from outcome.report
    for confirmation in outcome.confirm:
        yield confirmation.otherwise


class _Reach:
    """The names that an expression leads to, through definitions too."""

    def __init__(self, runbook: Runbook) -> None:
        self._defined: dict[str, frozenset[str]] = {}
        for name, condition in runbook.definitions.items():
            self._defined[name] = self._of(condition) | {name}

    def of_conditions(self, conditions: Iterable[Condition]) -> frozenset[str]:
        return _NONE.union(*(self._of(condition) for condition in conditions))

    def of_templates(self, templates: Iterable[Template | None]) -> frozenset[str]:
        parts = (part for template in templates if template is not None for part in template.parts)
        return self.of_conditions(part.condition for part in parts if isinstance(part, Slot))

    def _of(self, condition: Condition) -> frozenset[str]:
        names = {node.id for node in ast.walk(condition.tree) if isinstance(node, ast.Name)}
        found = set(condition.evidence) | set(condition.parameters)
        for name in names:
            found |= self._defined.get(name, _NONE)
        return frozenset(found)
