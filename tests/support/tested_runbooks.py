"""Test files as texts on the good runbook of `runbook_texts`, run without a file or network."""

from __future__ import annotations

from pathlib import Path

from mangaops.errors import InputError, RunbookError
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import Runbook
from mangaops.model.time import Window
from mangaops.runbook.finding import Finding
from mangaops.runbook.load import load_text as load_runbook_text
from mangaops.testing.case import Case, Outcome, TestFile
from mangaops.testing.given import Preparing
from mangaops.testing.load import load_text
from mangaops.testing.run import judge
from support.runbook_texts import FILE, GOOD

TESTS_FILE = "folder/slow-answers.test.yaml"
HEAD = """\
schema: mangaops.runbook-test/1
evidence:
  answer: {p95: 2500x30}
  by_intent:
    - {labels: {Intent: faq}, p95: 2600x30, SampleCount: 10x30}
  calls: {rows: [{intent: faq, calls: 200}]}
"""


def shelf(name: str) -> Runbook:
    """The one runbook that there is."""
    if name != "slow-answers":
        raise InputError(f"no runbook is named `{name}`", where="RUNBOOK", hint="")
    return load_runbook_text(GOOD, FILE)


def loaded(text: str) -> tuple[TestFile, Runbook]:
    return load_text(text, TESTS_FILE, shelf)


def said(text: str) -> list[tuple[str, str, int, int]]:
    """Rule, message, line and column of each finding."""
    try:
        loaded(text)
    except RunbookError as error:
        found = [one for one in error.findings if isinstance(one, Finding)]
        return [(one.rule, one.message, one.place.line, one.place.column) for one in found]
    return []


class NoSources:
    def scenario(self, name: str, runbook: Runbook, case: Case) -> tuple[EvidenceSet, Window]:
        raise InputError(f"no scenario {name} for {runbook.name} and {case.name}")

    def capsule(self, path: Path) -> Capsule:
        raise InputError(f"no capsule {path}")


def outcomes(text: str) -> list[Outcome]:
    """What came of every test of the text."""
    file, runbook = loaded(text)
    preparing = Preparing(file, runbook, NoSources())
    return [judge(preparing.prepare(case)) for case in file.cases]


def one(body: str) -> Outcome:
    """What came of one test: `body` is what stands behind its name, an item a line."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return outcomes(f"{HEAD}tests:\n  - name: it\n{lines}")[0]
