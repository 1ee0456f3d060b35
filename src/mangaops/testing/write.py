"""Recorded evidence -> a test that is ready to run, and the proof that it passes.

`test_of` writes it with its evidence in the notation of test files; where that cannot say
what was recorded, or the test would not pass, it names the capsule instead, and says why.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from mangaops.errors import MangaopsError
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.walking import Rewalked, bound_runbook, recorded_runbook, rewalked
from mangaops.model.diagnosis import Diagnosis, Recommendation
from mangaops.model.evidence import EvidenceState, Table
from mangaops.model.runbook import ParameterValue, Runbook
from mangaops.model.settings import DEFAULT_RESOURCES, Environment
from mangaops.model.time import format_duration, iso
from mangaops.runbook.bind import DURATION, bind, placeholders
from mangaops.testing.format import SCHEMA
from mangaops.testing.given import Sources, prepare
from mangaops.testing.load import load_text
from mangaops.testing.run import judge
from mangaops.testing.write_evidence import evidence_lines
from mangaops.testing.write_words import flow

MOST_ROWS = 1000
"""Rows of all tables together that are still read by a person."""
_WIDTH = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The whole text of a test file. `why` is empty where the evidence stands in it, else
    says why the capsule is named instead.
    """

    text: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a test is made of. `path` leads from the test file to the capsule, `file` is
    where the test file will be, `runbook` what it is to be run on, not bound yet.
    """

    capsule: Capsule
    runbook: Runbook
    path: str
    file: str
    name: str = ""


def test_of(recorded: Recorded, sources: Sources) -> Written:
    """A test that passes; raises InputError where no form of it does."""
    again = rewalked(recorded.capsule)
    try:
        text = _with_evidence(recorded, again)
        why = why_not(text, recorded, sources)
    except MangaopsError as error:
        text, why = "", str(error)
    if text and not why:
        return Written(text=text)
    named = _with_capsule(recorded, again)
    other = why_not(named, recorded, sources)
    if other:
        raise MangaopsError(
            f"no test of {recorded.capsule.run} passes: {other}",
            where=recorded.runbook.file,
            hint="the runbook may have changed: mangaops diagnose --replay FILE",
        )
    return Written(text=named, why=why)


def why_not(text: str, recorded: Recorded, sources: Sources) -> str:
    """Load and run it: what came out otherwise, empty when it passed."""
    file, runbook = load_text(text, recorded.file, _always(recorded.runbook))
    for case in file.cases:
        outcome = judge(prepare(file, case, runbook, sources))
        if outcome.error:
            return outcome.error
        if outcome.differences:
            return str(outcome.differences[0])
    return ""


def _always(runbook: Runbook) -> Callable[[str], Runbook]:
    return lambda _name: runbook


def _with_evidence(recorded: Recorded, again: Rewalked) -> str:
    capsule = recorded.capsule
    rows = sum(len(item.value.rows) for item in again.evidence if isinstance(item.value, Table))
    if rows > MOST_ROWS:
        raise MangaopsError(f"{rows:,} rows were recorded")
    wanted = {
        name: item
        for name, item in again.evidence.items.items()
        if item.state is not EvidenceState.NOT_NEEDED and name in again.runbook.evidence
    }
    lines = [
        line
        for name, item in wanted.items()
        for line in evidence_lines(again.runbook.evidence[name], item, capsule.window.end)
    ]
    left_out = [name for name in again.runbook.evidence if name not in wanted]
    body = [
        f"now: {capsule.window.end.isoformat().replace('+00:00', 'Z')}",
        *_typed(capsule),
        "evidence:",
        *(f"  {line}" for line in lines),
        *_comment(f"not needed: {', '.join(left_out)}" if left_out else ""),
    ]
    return _file(recorded, again, body)


def _with_capsule(recorded: Recorded, again: Rewalked) -> str:
    return _file(recorded, again, [f"capsule: {flow(recorded.path)}"])


def _file(recorded: Recorded, again: Rewalked, body: list[str]) -> str:
    capsule, diagnosis = recorded.capsule, again.diagnosis
    name = recorded.name or f"{diagnosis.id} of {iso(capsule.window.end)} ({capsule.run})"
    test = [f"- name: {flow(name)}", *(f"  {line}" for line in (*body, *_expect(diagnosis)))]
    head = [f"schema: {SCHEMA}", f"runbook: {capsule.runbook}"]
    named = _resources(recorded)
    head += [f"resources: {flow(named)}"] if named else []
    return "".join(f"{line}\n" for line in (*head, "tests:", *(f"  {line}" for line in test)))


def _resources(recorded: Recorded) -> dict[str, str]:
    """Names of the environment that the runbook uses and that are not the default ones."""
    used = placeholders(recorded.runbook)
    return {
        name: value
        for name, value in recorded.capsule.resources.items()
        if name in used and name in DEFAULT_RESOURCES and DEFAULT_RESOURCES[name] != value
    }


def _typed(capsule: Capsule) -> Iterator[str]:
    """What was typed or configured: parameters, answers, and a forced walk."""
    sets = _sets(capsule)
    if sets:
        yield f"set: {flow(sets)}"
    answers = {name: answer for name, answer in capsule.answers.items() if answer}
    if answers:
        yield f"answers: {flow(answers)}"
    if capsule.force:
        yield "force: true"


def _sets(capsule: Capsule) -> dict[str, object]:
    """Parameters that are not as the runbook has them, whoever said so."""
    loaded = recorded_runbook(capsule)
    plain = bind(loaded, Environment(resources={**DEFAULT_RESOURCES, **capsule.resources}), {})
    bound = bound_runbook(capsule, loaded)
    return {
        name: _as_typed(parameter.unit, parameter.value)
        for name, parameter in bound.parameters.items()
        if parameter.value != plain.parameters[name].value
    }


def _as_typed(unit: str, value: ParameterValue) -> object:
    if unit == DURATION and isinstance(value, int | float):
        return format_duration(timedelta(seconds=value))
    return list(value) if isinstance(value, tuple) else value


def _expect(diagnosis: Diagnosis) -> Iterator[str]:
    expected: Mapping[str, object] = {
        "status": diagnosis.status.value,
        "diagnosis": diagnosis.id,
        "verdict": diagnosis.verdict.value,
        **({"severity": diagnosis.severity.value} if diagnosis.severity else {}),
        "path": [{step.node: step.answer} for step in diagnosis.path[1:]],
        "remedies": [_remedy(remedy) for remedy in diagnosis.remedies],
        "missing": list(diagnosis.coverage.missing),
    }
    yield "expect:"
    for key, value in expected.items():
        line = f"  {key}: {flow(value)}"
        if len(line) <= _WIDTH or not isinstance(value, list):
            yield line
        else:
            yield f"  {key}:"
            yield from (f"    - {flow(one)}" for one in value)


def _remedy(remedy: Recommendation) -> object:
    told = remedy.arguments not in {"", remedy.id}
    return {remedy.id: remedy.arguments} if told else remedy.id


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]
