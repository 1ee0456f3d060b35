"""The tree of a runbook: trigger, nodes and outcomes, with every target checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from mangaops.errors import nearest
from mangaops.model.condition import Condition, Template
from mangaops.model.runbook import (
    INCONCLUSIVE,
    NEXT,
    Ask,
    Branch,
    Confirmation,
    Node,
    Option,
    Outcome,
    Remedy,
    RemedyKind,
    Severity,
    SeverityRule,
    Trigger,
)
from mangaops.runbook.format import (
    BranchPart,
    NodePart,
    OutcomePart,
    RemedyPart,
    RunbookPart,
    SeverityRulePart,
    TriggerPart,
)
from mangaops.runbook.strict_yaml import Document, Path


class Loading(Protocol):
    """What building a tree needs of the load it is part of."""

    document: Document

    def condition(self, source: str, path: Path, *, flag: bool = True) -> Condition: ...
    def template(self, source: str, path: Path) -> Template: ...
    def templates(self, sources: Sequence[str], path: Path) -> tuple[Template, ...]: ...
    def add(self, rule: str, message: str, path: Path, hint: str = "") -> None: ...


class TreeBuilder:
    def __init__(self, loading: Loading) -> None:
        self._loading = loading

    def trigger(self, part: TriggerPart) -> Trigger:
        path: Path = ("trigger",)
        healthy, recovered, condition = part.healthy, part.recovered, self._loading.condition
        return Trigger(
            question=part.question,
            when=condition(part.when, (*path, "when")),
            on_missing=part.on_missing,
            healthy=self._loading.template(healthy, (*path, "healthy")) if healthy else None,
            recovered=condition(recovered, (*path, "recovered")) if recovered else None,
        )

    def target(self, part: RunbookPart, name: str, path: Path, *, following: bool = False) -> str:
        """`name`, after a finding if nothing is called so; `following` admits `next`."""
        known = (*part.nodes, *part.outcomes, INCONCLUSIVE, *((NEXT,) if following else ()))
        if name not in known:
            hint = nearest(name, known)
            self._loading.add("M007", f'no node or outcome is named "{name}"', path, hint)
        return name

    def nodes(self, part: RunbookPart) -> Mapping[str, Node | Ask]:
        self.target(part, part.trigger.on_missing, ("trigger", "on_missing"))
        return {name: self._node(part, name, node) for name, node in part.nodes.items()}

    def outcomes(self, part: RunbookPart) -> Mapping[str, Outcome]:
        return {name: self._outcome(name, outcome) for name, outcome in part.outcomes.items()}

    def _node(self, part: RunbookPart, name: str, node: NodePart) -> Node | Ask:
        path: Path = ("nodes", name)
        place = self._loading.document.key_place(path)
        if node.ask is not None:
            return self._ask(part, name, node)
        if node.branches is None or node.question is None or node.options or node.on_missing:
            self._loading.add(
                "M008", f'"{name}" needs `question` and `branches`, or `ask` and `options`', path
            )
        branches = tuple(
            self._branch(part, one, (*path, "branches", n))
            for n, one in enumerate(node.branches or ())
        )
        return Node(id=name, question=node.question or "", branches=branches, place=place)

    def _ask(self, part: RunbookPart, name: str, node: NodePart) -> Ask:
        path: Path = ("nodes", name)
        if node.options is None or node.on_missing is None or node.branches or node.question:
            self._loading.add(
                "M008", f'"{name}" needs `options` and `on_missing` beside `ask`', path
            )
        options = tuple(
            Option(
                answer=one.answer, goto=self.target(part, one.goto, (*path, "options", n, "goto"))
            )
            for n, one in enumerate(node.options or ())
        )
        on_missing = node.on_missing or INCONCLUSIVE
        return Ask(
            id=name,
            question=node.ask or "",
            options=options,
            on_missing=self.target(part, on_missing, (*path, "on_missing")),
            place=self._loading.document.key_place(path),
        )

    def _branch(self, part: RunbookPart, branch: BranchPart, path: Path) -> Branch:
        if (branch.when is None) == (branch.otherwise is None):
            self._loading.add("M008", "a branch has either `when` or `otherwise: true`", path)
        if branch.on_missing is not None:
            self.target(part, branch.on_missing, (*path, "on_missing"), following=True)
        when = branch.when
        return Branch(
            answer=branch.answer,
            goto=self.target(part, branch.goto, (*path, "goto")),
            when=self._loading.condition(when, (*path, "when")) if when is not None else None,
            on_missing=branch.on_missing,
            place=self._loading.document.place(path),
        )

    def _outcome(self, name: str, part: OutcomePart) -> Outcome:
        path: Path = ("outcomes", name)
        severity, rules = self._severity(part, path)
        likely = part.at_most_likely
        return Outcome(
            id=name,
            title=part.title,
            cause=self._loading.template(part.cause, (*path, "cause")),
            status=part.status,
            severity=severity,
            severity_rules=rules,
            confirm=self._confirmations(part, path),
            at_most_likely=self._loading.template(likely, (*path, "at_most_likely"))
            if likely
            else None,
            report=self._loading.templates(part.report, (*path, "report")),
            remedies=tuple(
                self._remedy(one, (*path, "remedies", n)) for n, one in enumerate(part.remedies)
            ),
            prevention=tuple(part.prevention),
            continue_with=part.continue_with,
            place=self._loading.document.key_place(path),
        )

    def _severity(
        self, part: OutcomePart, path: Path
    ) -> tuple[Severity | None, tuple[SeverityRule, ...]]:
        if not isinstance(part.severity, list):
            return part.severity, ()
        rules: list[SeverityRulePart] = part.severity
        return None, tuple(
            SeverityRule(
                when=self._loading.condition(one.when, (*path, "severity", n, "when")),
                severity=one.severity,
            )
            for n, one in enumerate(rules)
        )

    def _confirmations(self, part: OutcomePart, path: Path) -> tuple[Confirmation, ...]:
        return tuple(
            Confirmation(
                when=self._loading.condition(one.when, (*path, "confirm", n, "when")),
                otherwise=self._loading.template(one.otherwise, (*path, "confirm", n, "otherwise")),
            )
            for n, one in enumerate(part.confirm)
        )

    def _remedy(self, part: RemedyPart, path: Path) -> Remedy:
        if (part.kind is RemedyKind.EXECUTABLE) != (part.command is not None):
            self._loading.add(
                "M008", "an executable remedy has a `command`, a manual one none", path
            )
        command = part.command
        return Remedy(
            id=part.id,
            title=part.title,
            urgency=part.urgency,
            kind=part.kind,
            command=self._loading.template(command, (*path, "command")) if command else None,
        )
