"""A test file -> `TestFile` and its runbook, or every finding about it at once.

Everything is checked against the runbook here, so that a mistyped id is told with its
line and never shows as a test that fails, or worse, passes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from mangaops.errors import InputError, RunbookError, nearest
from mangaops.model.condition import Place
from mangaops.model.runbook import Ask, Parameter, Runbook
from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.model.time import parse_instant
from mangaops.runbook.bind import coerced, typed
from mangaops.runbook.check import findings_of
from mangaops.runbook.finding import Finding
from mangaops.runbook.strict_yaml import Document, Path, StrictYamlError, parse, read_file
from mangaops.testing.case import Case, Equivalent, Given, TestFile
from mangaops.testing.evidence_file import EvidenceFile
from mangaops.testing.expectations import Expectations
from mangaops.testing.format import EquivalentPart, FilePart, TestPart, keys

SUFFIX = ".test.yaml"
_FIRST, _LAST = 2000, 2999
"""Years of clocks: windows and ages must not lead out of what a calendar can say."""


def load(path: File, find: Callable[[str], Runbook]) -> tuple[TestFile, Runbook]:
    """Load a file with the runbook that `find` gives for its name (InputError for none).

    Raises RunbookError with all findings, about the test file or about the runbook.
    """
    try:
        text = read_file(path)
    except StrictYamlError as error:
        raise tests_error([error.finding]) from None
    return load_text(text, str(path), find)


def load_text(text: str, file: str, find: Callable[[str], Runbook]) -> tuple[TestFile, Runbook]:
    """Load a text as if it stood in `file`; raises RunbookError with all findings."""
    try:
        document = parse(text, file)
    except StrictYamlError as error:
        raise tests_error([error.finding]) from None
    try:
        part = FilePart.model_validate(document.data)
    except ValidationError as error:
        raise tests_error(findings_of(document, error, keys)) from None
    runbook = _runbook(document, part, find)
    loading = _Loading(document=document, runbook=runbook)
    made = loading.file(part)
    if loading.findings:
        raise tests_error(loading.findings)
    return made, runbook


def name_of(file: str) -> str:
    """`runbooks/first-token.test.yaml` -> `first-token`."""
    return File(file).name.removesuffix(SUFFIX)


def tests_error(findings: Sequence[Finding] | Any) -> RunbookError:
    """One error that carries all findings in the file's order and reads like the first."""
    found = tuple(sorted(findings, key=lambda one: (one.place.line, one.place.column)))
    rest = len(found) - 1
    what = found[0].message + (f" (and {rest} more)" if rest else "")
    hint = found[0].hint or "mangaops runbook schema --tests"
    return RunbookError(what, where=str(found[0].place), hint=hint, findings=found)


def _runbook(document: Document, part: FilePart, find: Callable[[str], Runbook]) -> Runbook:
    name = part.runbook or name_of(document.file)
    try:
        return find(name)
    except RunbookError:
        raise
    except InputError as error:
        place = document.place(("runbook",) if part.runbook else ())
        hint = error.hint or "name it with `runbook:`, or put the file beside its runbook"
        finding = document.finding("T001", f'no runbook is named "{name}"', place, hint=hint)
        raise tests_error([finding]) from None


@dataclass(slots=True, kw_only=True)
class _Loading:
    """One load; `findings` grow. Evidence of the file is read once."""

    document: Document
    runbook: Runbook
    findings: list[Finding] = field(default_factory=list)
    base: Mapping[str, Given] = field(default_factory=dict)

    def file(self, part: FilePart) -> TestFile:
        now = self._instant(part.now, ("now",))
        self._resources(part.resources)
        sets = self._sets(part.set, ("set",))
        self.base = self._evidence(part.evidence, ("evidence",))
        if not part.tests:
            self.add("T002", "no test stands below `tests`", ("tests",), "- name: ...")
        self._refuse_twice(part.tests)
        cases = [
            case
            for number, one in enumerate(part.tests)
            if (case := self._case(one, ("tests", number), now, sets)) is not None
        ]
        return TestFile(
            file=self.document.file,
            runbook=self.runbook.name,
            cases=tuple(cases),
            resources=dict(part.resources),
            equivalents=tuple(self._equivalent(n, one) for n, one in enumerate(part.equivalent)),
        )

    def add(self, rule: str, message: str, path: Path, hint: str = "") -> None:
        place = self.document.place(path)
        self.findings.append(self.document.finding(rule, message, place, hint=hint))

    def add_key(self, rule: str, message: str, path: Path, hint: str = "") -> None:
        place = self.document.key_place(path)
        self.findings.append(self.document.finding(rule, message, place, hint=hint))

    def _case(
        self,
        one: TestPart,
        path: Path,
        now: datetime | None,
        sets: Mapping[str, str],
    ) -> Case | None:
        now = self._instant(one.now, (*path, "now")) if one.now else now
        self._refuse_conflicts(one, path)
        own = self._evidence(one.evidence, (*path, "evidence"))
        expected = Expectations(runbook=self.runbook, document=self.document, add=self.add)
        answers = self._answers(one.answers, (*path, "answers"))
        own_sets = self._sets(one.set, (*path, "set"))
        wanted = expected.expected(one.expect, (*path, "expect"))
        if now is None:
            return None
        taken = "scenario" if one.scenario else "capsule" if one.capsule else ""
        return Case(
            name=one.name,
            place=self.document.place(path),
            now=now,
            expected=wanted,
            given={**({} if taken else self.base), **own},
            scenario=one.scenario or "",
            capsule=one.capsule or "",
            source=self._line((*path, taken)) if taken else None,
            sets={**sets, **own_sets},
            answers=answers,
            force=one.force,
        )

    def _refuse_conflicts(self, one: TestPart, path: Path) -> None:
        if one.scenario and one.capsule:
            self.add("T009", "a test has a scenario or a capsule, not both", (*path, "capsule"))
        if one.now and (one.scenario or one.capsule):
            what = "`now` goes with evidence of this file: a scenario and a capsule have their own"
            self.add_key("T009", what, (*path, "now"), "leave it out; ages count from their end")
        if len(one.name.splitlines()) > 1 or any(unicodedata.category(c) == "Cc" for c in one.name):
            self.add("T006", "a name is one line of text", (*path, "name"))

    def _line(self, path: Path) -> tuple[Place, str]:
        place = self.document.place(path)
        return place, self.document.line(place)

    def _evidence(self, pieces: Mapping[str, Any], path: Path) -> Mapping[str, Given]:
        reading = EvidenceFile(document=self.document, findings=self.findings)
        found: dict[str, Given] = {}
        for name, value in pieces.items():
            declaration = self.runbook.evidence.get(name)
            if declaration is None:
                known = self.runbook.evidence
                hint = nearest(name, known) or f"{self.runbook.name} reads: {', '.join(known)}"
                what = f'{self.runbook.name} has no evidence "{name}"'
                self.add_key("T003", what, (*path, name), hint)
                continue
            given = reading.given(declaration, value, (*path, name))
            if given is not None:
                found[name] = given
        return found

    def _instant(self, text: str, path: Path) -> datetime | None:
        instant = parse_instant(text)
        if instant is None or not _FIRST <= instant.year <= _LAST:
            self.add("T006", f'"{text[:40]}" is no time', path, "write 2026-01-07T12:00:00Z")
            return None
        return instant

    def _resources(self, resources: Mapping[str, str]) -> None:
        for name in resources:
            if name not in DEFAULT_RESOURCES:
                hint = nearest(name, DEFAULT_RESOURCES)
                hint = hint or "resources: " + ", ".join(DEFAULT_RESOURCES)
                self.add_key("T010", f'no resource "{name}"', ("resources", name), hint)

    def _sets(self, values: Mapping[str, Any], path: Path) -> dict[str, str]:
        """Parameters as they would be typed behind --set."""
        made: dict[str, str] = {}
        known = self.runbook.parameters
        for name, value in values.items():
            if name not in known:
                hint = nearest(name, known) or "parameters: " + (", ".join(known) or "none")
                what = f'{self.runbook.name} has no parameter "{name}"'
                self.add_key("T010", what, (*path, name), hint)
                continue
            try:
                made[name] = _as_typed(known[name], value)
            except ValueError as error:
                self.add("T010", f"{name} {error}", (*path, name))
        return made

    def _answers(self, answers: Mapping[str, str], path: Path) -> dict[str, str]:
        asks = {node.id: node for node in self.runbook.nodes.values() if isinstance(node, Ask)}
        for name, answer in answers.items():
            if name not in asks:
                hint = nearest(name, asks) or f"questions: {', '.join(asks) or 'none'}"
                what = f'{self.runbook.name} has no question "{name}"'
                self.add_key("T010", what, (*path, name), hint)
                continue
            options = [option.answer for option in asks[name].options]
            if answer and answer not in options:
                what = f'"{answer}" is no answer to {name}'
                hint = nearest(answer, options) or "answers: " + ", ".join(options)
                self.add("T010", what, (*path, name), hint)
        return dict(answers)

    def _refuse_twice(self, tests: Sequence[TestPart]) -> None:
        seen: dict[str, int] = {}
        for number, one in enumerate(tests):
            path: Path = ("tests", number, "name")
            if one.name in seen:
                first = self.document.place(("tests", seen[one.name], "name")).line
                what = f'"{one.name}" again; it stands in line {first}'
                self.add("T011", what, path, "a name is a fact of its own")
            seen.setdefault(one.name, number)

    def _equivalent(self, number: int, one: EquivalentPart) -> Equivalent:
        place = self.document.place(("equivalent", number))
        return Equivalent(mutant=one.mutant, because=one.because, place=place)


def _as_typed(parameter: Parameter, value: Any) -> str:
    """What would be typed behind --set; ValueError for what cannot be."""
    match value:
        case bool():
            text = "true" if value else "false"
        case int() | float() | str():
            text = str(value)
        case list() if all(isinstance(one, str) for one in value):
            text = ",".join(value)
        case _:
            coerced(parameter, None)
            raise ValueError("must be text")
    typed(parameter, text)
    return text
