"""Whether a prompt may pass: budgets that need no call, and a comparison where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from mangaops.bench.comparing.comparison import BudgetCheck, Report, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """`checked` are the budgets of the prompts of `version` in the workload `file`, by intent.

    `skipped` are intents of the workload that do not bring the version along. `report` is
    None where nothing was measured.
    """

    report: Report | None = None
    checked: Mapping[str, tuple[BudgetCheck, ...]] = field(default_factory=dict)
    file: str = ""
    version: str = ""
    skipped: tuple[str, ...] = ()

    def with_report(self, report: Report) -> Gate:
        return replace(self, report=report)

    @property
    def verdict(self) -> Verdict:
        """The worst of all: a broken budget of tokens fails also where nothing became slower."""
        kept = {check.kept for _, check in self.budgets()}
        compared = self.report.verdict if self.report else Verdict.PASS
        if compared is Verdict.FAIL or False in kept:
            return Verdict.FAIL
        if compared is Verdict.INCONCLUSIVE or None in kept:
            return Verdict.INCONCLUSIVE
        return Verdict.PASS

    @property
    def severity(self) -> str | None:
        return self.report.severity if self.report else None

    def budgets(self) -> Iterator[tuple[str, BudgetCheck]]:
        """All of them with their intents: of the prompts, then as measured."""
        for intent, checks in self.checked.items():
            yield from ((intent, check) for check in checks)
        for one in self.report.comparisons if self.report else ():
            yield from ((one.intent, check) for check in one.budgets)

    @property
    def broken(self) -> tuple[tuple[str, BudgetCheck], ...]:
        return tuple((intent, check) for intent, check in self.budgets() if check.kept is False)
