"""A test whose evidence a capsule or a scenario holds, with its own in place of some of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mangaops.errors import InputError
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.model.diagnosis import Cost
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState, Table
from mangaops.model.runbook import Runbook
from mangaops.model.site import Site
from mangaops.model.time import Window
from mangaops.runbook.load import load_text as load_runbook_text
from mangaops.testing.case import Case, Outcome
from mangaops.testing.given import Preparing
from mangaops.testing.load import load_text
from mangaops.testing.run import judge
from support.runbook_texts import FILE, GOOD
from support.tested_runbooks import HEAD, TESTS_FILE, NoSources, loaded

END = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
WINDOW = Window(start=END - timedelta(minutes=30), end=END)


def recorded() -> EvidenceSet:
    """What production would have read of the evidence in HEAD; the log was not needed."""
    text = (
        f"{HEAD}now: 2026-11-21T11:00:00Z\ntests:\n  - {{name: a, expect: {{status: healthy}}}}\n"
    )
    file, runbook = loaded(text)
    evidence = Preparing(file, runbook, NoSources()).prepare(file.cases[0]).evidence
    unread = Evidence(id="calls", kind="logs", state=EvidenceState.NOT_NEEDED)
    return evidence.with_items(unread)


CAPSULE = Capsule(
    run="r-1",
    tool="0",
    at=END,
    runbook="slow-answers",
    file="slow-answers.yaml",
    digest="",
    text=GOOD,
    site=Site(name="prod"),
    window=WINDOW,
    evidence=recorded(),
    cost=Cost(),
    seconds=1.0,
    answers={"worth-it": "no"},
    sets={"limit_ms": "2400", "gone": "1"},
)


class Recorded:
    """Both sources hold the same; `asked` is what was asked for."""

    def __init__(self, capsule: Capsule = CAPSULE) -> None:
        self.held = capsule
        self.asked: list[str] = []

    def scenario(self, name: str, runbook: Runbook, case: Case) -> tuple[EvidenceSet, Window]:
        self.asked.append(f"{name} {runbook.name} {case.name}")
        return self.held.evidence, WINDOW

    def capsule(self, path: Path) -> Capsule:
        self.asked.append(str(path))
        return self.held


def judged(body: str, sources: Recorded) -> Outcome:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    file, runbook = loaded(f"{HEAD}tests:\n  - name: it\n{lines}")
    return judge(Preparing(file, runbook, sources).prepare(file.cases[0]))


def test_a_capsule_is_replayed_with_its_own_answers_parameters_and_window() -> None:
    sources = Recorded()
    outcome = judged("capsule: kept/x.capsule\nexpect: {status: diagnosed}", sources)
    assert outcome.passed
    assert [str(edge) for edge in outcome.edges][-1] == "worth-it: no"
    assert sources.asked == ["folder/kept/x.capsule"]


def test_what_was_not_needed_then_is_not_there_now() -> None:
    outcome = judged("capsule: x\nexpect: {status: diagnosed, missing: [calls]}", Recorded())
    assert outcome.passed


def test_a_test_has_the_last_word_over_its_capsule() -> None:
    assert judged("capsule: x\nset: {limit_ms: 3000}\nexpect: {status: healthy}", Recorded()).passed
    body = "capsule: x\nevidence: {answer: denied}\nexpect: {status: inconclusive}"
    assert judged(body, Recorded()).passed
    body = 'capsule: x\nanswers: {worth-it: "yes"}\nexpect: {status: healthy, diagnosis: kept}'
    assert judged(body, Recorded()).passed


def test_a_capsule_of_another_runbook_is_refused() -> None:
    other = Recorded(replace(CAPSULE, runbook="first-token"))
    with pytest.raises(InputError, match="this capsule is of first-token"):
        judged("capsule: x\nexpect: {status: healthy}", other)


def test_a_scenario_is_asked_for_the_bound_runbook() -> None:
    sources = Recorded()
    outcome = judged(
        'scenario: slow\nanswers: {worth-it: "no"}\nexpect: {status: diagnosed}', sources
    )
    assert outcome.passed
    assert sources.asked == ["slow slow-answers it"]


@pytest.mark.parametrize("source", ["capsule: a.capsule", "scenario: cold"])
def test_an_age_counts_from_the_end_of_the_window_that_is_walked(source: str) -> None:
    """Beside a capsule that of its recording, whatever the clock of the file says."""
    rows = "{rows: [{at: -10m, intent: faq}, {at: 2026-11-21T10:00:00Z, intent: faq}]}"
    text = (
        f"{HEAD}now: 2026-01-07T12:00:00Z\ntests:\n  - name: it\n    {source}\n"
        f"    evidence: {{calls: {rows}}}\n    expect: {{status: diagnosed}}\n"
    )
    with_times = GOOD.replace("intent: text", "intent: text, at: time", 1)
    assert with_times != GOOD
    file, runbook = load_text(text, TESTS_FILE, lambda _: load_runbook_text(with_times, FILE))
    prepared = Preparing(file, runbook, Recorded()).prepare(file.cases[0])
    calls = prepared.evidence.items["calls"].value
    assert isinstance(calls, Table)
    assert [row["at"] for row in calls.rows] == [
        (END - timedelta(minutes=10)).timestamp(),
        (END - timedelta(hours=1)).timestamp(),
    ]


def test_the_place_of_a_capsule_is_kept_for_what_is_wrong_with_it() -> None:
    lines = "tests:\n  - name: it\n    capsule: gone.capsule\n    expect: {status: healthy}\n"
    file, _ = loaded(HEAD + lines)
    assert file.cases[0].source is not None
    place, line = file.cases[0].source
    assert (place.line - HEAD.count("\n"), place.column) == (3, 14)
    assert line == "    capsule: gone.capsule"
