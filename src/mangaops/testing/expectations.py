"""`expect` of a test -> `Expected`, checked against what its runbook can conclude."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from mangaops.diagnose.node import NONE_HOLDS, NOT_ANSWERED, NOT_KNOWN
from mangaops.diagnose.triage import HEALTHY
from mangaops.errors import nearest
from mangaops.model.diagnosis import Verdict
from mangaops.model.runbook import INCONCLUSIVE, Ask, Node, Runbook, Status
from mangaops.runbook.strict_yaml import Document, Path
from mangaops.testing.case import Expected
from mangaops.testing.format import ExpectPart


class Add(Protocol):
    def __call__(self, rule: str, message: str, path: Path, hint: str = "") -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    runbook: Runbook
    document: Document
    add: Add

    def expected(self, part: ExpectPart, path: Path) -> Expected:
        """What must come out; whatever the runbook cannot conclude is a finding."""
        self._diagnosis(part, path)
        if part.status is not Status.DIAGNOSED and part.verdict not in {None, Verdict.NONE}:
            what = f"a verdict of {part.verdict} is one of `diagnosed`, not of {part.status}"
            self.add("T009", what, (*path, "verdict"))
        for number, name in enumerate(part.missing or ()):
            known = self.runbook.evidence
            self._known(name, known, "evidence", (*path, "missing", number))
        return Expected(
            status=part.status,
            diagnosis=part.diagnosis,
            verdict=part.verdict,
            severity=part.severity,
            path=None if part.path is None else tuple(self._path(part, path)),
            remedies=None if part.remedies is None else tuple(self._remedies(part, path)),
            missing=None if part.missing is None else tuple(part.missing),
            report=None if part.report is None else tuple(part.report),
            cause=part.cause,
        )

    def _diagnosis(self, part: ExpectPart, path: Path) -> None:
        outcomes = self.runbook.outcomes
        ends = {INCONCLUSIVE: Status.INCONCLUSIVE, HEALTHY: Status.HEALTHY}
        ends |= {outcome.id: outcome.status for outcome in outcomes.values()}
        if part.diagnosis is None:
            return
        where: Path = (*path, "diagnosis")
        if self._known(part.diagnosis, ends, "diagnosis", where):
            status = ends[part.diagnosis]
            if status is not part.status:
                what = f"{part.diagnosis} is {status}, and the status expected is {part.status}"
                self.add("T009", what, where)

    def _path(self, part: ExpectPart, path: Path) -> Iterable[tuple[str, str]]:
        for number, step in enumerate(part.path or ()):
            where: Path = (*path, "path", number)
            if len(step) != 1:
                self.add("T004", "each step of a path is `node: answer`", where)
                continue
            for name, answer in step.items():
                if self._known(name, self.runbook.nodes, "node", where):
                    answers = _answers(self.runbook.nodes[name])
                    self._known(answer, answers, f"answer of {name}", (*where, name))
                yield name, answer

    def _remedies(self, part: ExpectPart, path: Path) -> Iterable[tuple[str, str | None]]:
        outcome = self.runbook.outcomes.get(part.diagnosis or "")
        outcomes = [outcome] if outcome else list(self.runbook.outcomes.values())
        known = [remedy.id for one in outcomes for remedy in one.remedies]
        for number, item in enumerate(part.remedies or ()):
            where: Path = (*path, "remedies", number)
            if isinstance(item, str):
                self._known(item, known, "remedy", where)
                yield item, None
            elif len(item) == 1:
                for name, arguments in item.items():
                    self._known(name, known, "remedy", where)
                    yield name, arguments
            else:
                self.add("T004", "a remedy is an id, or `id: arguments`", where)

    def _known(self, name: str, known: Iterable[str], what: str, path: Path) -> bool:
        names = tuple(known)
        if name in names:
            return True
        hint = nearest(name, names) or f"it has: {', '.join(names) or 'none'}"
        self.add("T008", f'{self.runbook.name} has no {what} "{name}"', path, hint)
        return False


def _answers(node: Node | Ask) -> tuple[str, ...]:
    if isinstance(node, Ask):
        return (*(option.answer for option in node.options), NOT_ANSWERED)
    return (*(branch.answer for branch in node.branches), NOT_KNOWN, NONE_HOLDS)
