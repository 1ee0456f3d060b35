"""Which remedies `mangaops ci` rehearses, with the words that a diagnosis would give them.

The words come from the tests: what leads to an outcome there fills in its commands. An
outcome that no test reaches takes them from a sandbox scenario that leads to it, and where
there is none from the parameters alone; what needs evidence cannot be filled in then.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType

from mangaops.cli import embedded
from mangaops.diagnose.facts import Facts
from mangaops.diagnose.template import command
from mangaops.model.condition import Place
from mangaops.model.diagnosis import Diagnosis
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import Outcome, Remedy, Runbook, Status
from mangaops.model.settings import DEFAULT_RESOURCES, Environment
from mangaops.model.time import Window
from mangaops.runbook.bind import bind
from mangaops.sandbox.scenario import load_scenario
from mangaops.testing.case import Case, Expected, TestFile
from mangaops.testing.given import Preparing, Sources
from mangaops.testing.report import Report
from mangaops.testing.run import concluded

LONG_AGO = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One remedy of one outcome, and the words to try: the first that can be planned count.
    None of them: it needs evidence that nothing here gives.
    """

    outcome: str
    remedy: str
    words: tuple[str, ...]


def lines(runbook: Runbook, report: Report | None, sources: Sources) -> Sequence[Line]:
    """Every remedy with a command, of every outcome, in the order of the file."""
    known: dict[tuple[str, str], list[str]] = {}
    for tested in report.tested if report else ():
        for outcome in tested.outcomes:
            if outcome.diagnosis is not None:
                _learn(known, outcome.diagnosis, _as_here(tested.file.resources))
    wanted = [(o, r) for o in runbook.outcomes.values() for r in o.remedies if r.command]
    for name in dict.fromkeys(o.id for o, r in wanted if (o.id, r.id) not in known):
        for diagnosis in _of_scenarios(runbook, name, sources):
            _learn(known, diagnosis)
    plain = _plain_facts(runbook)
    return [
        Line(
            outcome=outcome.id,
            remedy=remedy.id,
            words=tuple(known.get((outcome.id, remedy.id), ()))
            or _by_default(outcome, remedy, plain),
        )
        for outcome, remedy in wanted
    ]


def _learn(
    known: dict[tuple[str, str], list[str]],
    diagnosis: Diagnosis,
    names: Mapping[str, str] = MappingProxyType({}),
) -> None:
    for remedy in diagnosis.remedies:
        found = known.setdefault((diagnosis.id, remedy.id), [])
        words = shlex.split(remedy.arguments or "")
        line = shlex.join(names.get(word, word) for word in words)
        if line and line not in found:
            found.append(line)


def _as_here(resources: Mapping[str, str]) -> Mapping[str, str]:
    """From the names that a test file made up to those of the sandbox."""
    return {own: DEFAULT_RESOURCES.get(name, own) for name, own in resources.items() if own}


def _of_scenarios(runbook: Runbook, outcome: str, sources: Sources) -> Iterator[Diagnosis]:
    """What the first scenario that leads there concludes."""
    name = _leading().get((runbook.name, outcome))
    if name is not None:
        arguments = load_scenario(name).arguments
        case = _case(name, runbook, arguments.set, arguments.answers)
        file = TestFile(file=runbook.file, runbook=runbook.name, cases=(case,))
        yield concluded(Preparing(file, runbook, sources).prepare(case))[0]


@cache
def _leading() -> Mapping[tuple[str, str], str]:
    """The first scenario of each runbook and diagnosis."""
    found: dict[tuple[str, str], str] = {}
    for name in embedded.scenario_names():
        scenario = load_scenario(name)
        found.setdefault((scenario.runbook, scenario.expect.diagnosis), name)
    return found


def _case(
    scenario: str, runbook: Runbook, sets: Mapping[str, str], answers: Mapping[str, str]
) -> Case:
    return Case(
        name=scenario,
        place=Place(file=runbook.file, line=1, column=1),
        now=LONG_AGO,
        expected=Expected(status=Status.DIAGNOSED),
        scenario=scenario,
        sets=sets,
        answers=answers,
    )


def _plain_facts(runbook: Runbook) -> Facts:
    """Parameters at their defaults, and nothing read."""
    window = Window(start=LONG_AGO - runbook.window, end=LONG_AGO)
    return Facts(runbook=bind(runbook, Environment(), {}), evidence=EvidenceSet(), window=window)


def _by_default(outcome: Outcome, remedy: Remedy, facts: Facts) -> tuple[str, ...]:
    template = facts.runbook.outcomes[outcome.id].remedies[outcome.remedies.index(remedy)].command
    if template is None or template.evidence:
        return ()
    return (command(template, facts),)
