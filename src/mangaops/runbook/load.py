"""A runbook file -> `model.Runbook`, or every finding about it at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from mangaops.diagnose.parse import parse_condition, parse_definition, parse_template
from mangaops.diagnose.problem import ConditionError
from mangaops.diagnose.scope import WINDOW_NAMES, Scope
from mangaops.model.condition import Condition, Place, Template
from mangaops.model.query import Baseline, Query
from mangaops.model.runbook import (
    INCONCLUSIVE,
    NEXT,
    EvidenceDeclaration,
    Parameter,
    ParameterValue,
    Runbook,
)
from mangaops.model.source import SOURCE_KINDS
from mangaops.model.time import parse_duration
from mangaops.runbook.check import checked, checked_query
from mangaops.runbook.finding import Finding, runbook_error
from mangaops.runbook.format import ParameterPart, RunbookPart
from mangaops.runbook.offsets import exact_place
from mangaops.runbook.queries import is_word, problems
from mangaops.runbook.strict_yaml import Document, Path, StrictYamlError, parse, read_file
from mangaops.runbook.tree import TreeBuilder

DURATION = "duration"
RESERVED = frozenset({INCONCLUSIVE, NEXT, "trigger", "healthy"})
"""What targets, paths and diagnoses call something else than a node or an outcome."""
_WORDS = re.compile(r"[A-Za-z_]\w*")


def load_runbook(path: File) -> Runbook:
    """Load a file; raises RunbookError with all findings."""
    try:
        return load_text(read_file(path), str(path))
    except StrictYamlError as error:
        raise runbook_error([error.finding]) from None


def load_text(text: str, file: str) -> Runbook:
    """Load a text as if it stood in `file`; raises RunbookError with all findings."""
    try:
        document = parse(text, file)
    except StrictYamlError as error:
        raise runbook_error([error.finding]) from None
    part, findings = checked(document)
    if part is None:
        raise runbook_error(findings)
    loading = _Loading(document=document)
    runbook = loading.runbook(part, text)
    if loading.findings:
        raise runbook_error(loading.findings)
    return runbook


@dataclass(slots=True, kw_only=True)
class _Loading:
    """One load; `findings` grow while the parts are turned into the model.

    `broken` names what is declared, but wrongly: what mentions it is not told again.
    """

    document: Document
    findings: list[Finding] = field(default_factory=list)
    scope: Scope = field(default_factory=lambda: Scope(evidence={}, parameters={}))
    broken: set[str] = field(default_factory=set)

    def runbook(self, part: RunbookPart, text: str) -> Runbook:
        parameters = {name: self._parameter(name, p) for name, p in part.parameters.items()}
        evidence = self._evidence(part)
        self._refuse_taken(part)
        self._refuse_reserved(part)
        self.scope = Scope(evidence=evidence, parameters=parameters)
        definitions = self._definitions(part)
        tree = TreeBuilder(self)
        return Runbook(
            name=part.name,
            title=part.title,
            severity=part.severity,
            description=" ".join(part.description.split()),
            window=part.window,
            parameters=parameters,
            evidence=evidence,
            definitions=definitions,
            trigger=tree.trigger(part.trigger),
            start=tree.target(part, part.start, ("start",)),
            nodes=tree.nodes(part),
            outcomes=tree.outcomes(part),
            report=self.templates(part.report, ("report",)),
            file=self.document.file,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            text=text,
        )

    def condition(self, source: str, path: Path, *, flag: bool = True) -> Condition:
        """A parsed condition; a faulty one is a finding and stands for `True` meanwhile."""
        try:
            return parse_condition(source, self.document.place(path), self.scope, flag=flag)
        except ConditionError as error:
            self._found(error, source, path)
            return _STAND_IN

    def template(self, source: str, path: Path) -> Template:
        try:
            return parse_template(source, self.document.place(path), self.scope)
        except ConditionError as error:
            self._found(error, source, path)
            return Template(source=source, parts=(source,))

    def templates(self, sources: Sequence[str], path: Path) -> tuple[Template, ...]:
        return tuple(self.template(one, (*path, n)) for n, one in enumerate(sources))

    def add(self, rule: str, message: str, path: Path, hint: str = "") -> None:
        place = self.document.place(path)
        self.findings.append(self.document.finding(rule, message, place, hint=hint))

    def _found(self, error: ConditionError, source: str, path: Path) -> None:
        if self.broken.intersection(_WORDS.findall(source)):
            return
        place = exact_place(self.document, path, source, error.place)
        finding = self.document.finding("M006", error.message, place, hint=error.hint)
        if finding not in self.findings:
            self.findings.append(finding)

    def _parameter(self, name: str, part: ParameterPart) -> Parameter:
        value: ParameterValue
        match part.default:
            case list():
                value = tuple(part.default)
            case _:
                value = part.default
        if part.unit == DURATION:
            length = parse_duration(value) if isinstance(value, str) else None
            if length is None:
                self.add("M004", f"{name} is no duration", ("parameters", name), "write 10m or 2h")
            value = length.total_seconds() if length else 0.0
        return Parameter(name=name, value=value, unit=part.unit, description=part.description)

    def _evidence(self, part: RunbookPart) -> Mapping[str, EvidenceDeclaration]:
        declared: dict[str, EvidenceDeclaration] = {}
        for name, item in part.evidence.items():
            query, findings = checked_query(self.document, name, item)
            self.findings.extend(findings)
            if query is None:
                self.broken.add(name)
                continue
            asked = _query(item.kind, query.model_dump())
            for wrong in problems(asked):
                path = ("evidence", name, "query", *wrong.path)
                self.add("M004", wrong.message, path, wrong.hint)
            declared[name] = EvidenceDeclaration(
                id=name,
                kind=item.kind,
                query=asked,
                title=item.title,
                unit=item.unit,
                place=self.document.key_place(("evidence", name)),
            )
        self._refuse_sources(declared)
        return declared

    def _refuse_sources(self, declared: Mapping[str, EvidenceDeclaration]) -> None:
        for name, item in declared.items():
            source = getattr(item.query, "products_from", None)
            if source is not None and (source not in declared or source == name):
                path = ("evidence", name, "query", "products_from")
                self.add("M007", f'no evidence is named "{source}"', path)

    def _refuse_taken(self, part: RunbookPart) -> None:
        seen: dict[str, str] = dict.fromkeys(WINDOW_NAMES, "the language")
        for group in ("parameters", "evidence", "define"):
            for name in getattr(part, group):
                if name in seen:
                    self._taken((group, name), f"taken by {seen[name]}")
                elif not is_word(name):
                    self._taken((group, name), "a word of the condition language")
                seen[name] = group

    def _refuse_reserved(self, part: RunbookPart) -> None:
        paths = [("nodes", name) for name in part.nodes]
        paths += [("outcomes", name) for name in part.outcomes]
        for group, name in paths:
            if name in RESERVED:
                self._taken((group, name), "a word with a meaning of its own")
            elif group == "outcomes" and name in part.nodes:
                self._taken((group, name), "taken by nodes")

    def _taken(self, path: Path, why: str) -> None:
        place = self.document.key_place(path)
        message = f'the name "{path[-1]}" is {why}'
        self.findings.append(self.document.finding("M018", message, place, hint="choose another"))

    def _definitions(self, part: RunbookPart) -> Mapping[str, Condition]:
        parsed: dict[str, Condition] = {}
        for name, source in part.define.items():
            path = ("define", name)
            self.scope = Scope(
                evidence=self.scope.evidence,
                parameters=self.scope.parameters,
                definitions=dict(parsed),
            )
            try:
                parsed[name] = parse_definition(source, self.document.place(path), self.scope)
            except ConditionError as error:
                self._found(error, source, path)
                self.broken.add(name)
                parsed[name] = _STAND_IN
        self.scope = Scope(
            evidence=self.scope.evidence, parameters=self.scope.parameters, definitions=parsed
        )
        return parsed


_STAND_IN = parse_condition(
    "True", Place(file="", line=1, column=1), Scope(evidence={}, parameters={})
)
"""Takes the place of a condition that could not be parsed, until the findings are raised."""


def _query(kind: str, values: dict[str, Any]) -> Query:
    """The frozen query of plain values that were checked against its class."""
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(value)
    if values.get("baseline") is not None:
        values["baseline"] = Baseline(**values["baseline"])
    return SOURCE_KINDS[kind].query(**values)
