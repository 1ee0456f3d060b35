"""Mutants of parameters: thresholds, lengths of time, and what remedies are given.

A parameter that stands in no condition, no command and no metric's query is left alone:
no test could notice it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from mangaops.diagnose.scope import DURATION
from mangaops.model.condition import Place
from mangaops.model.query import MetricQuery
from mangaops.model.runbook import Parameter, ParameterValue, Runbook
from mangaops.runbook.bind import PLACEHOLDER
from mangaops.testing.mutants.figures import half_and_double, nearby, spelled, written
from mangaops.testing.mutants.mutant import Mutant, MutantKind
from mangaops.testing.mutants.uses import Uses


@dataclass(frozen=True, slots=True, kw_only=True)
class _Other:
    """Another value of a parameter, and how an id and a hint tell it."""

    value: ParameterValue
    label: str
    kind: MutantKind
    hint: str


def parameter_mutants(runbook: Runbook, uses: Uses) -> Iterator[Mutant]:
    asked = _asked(runbook, uses)
    for parameter in runbook.parameters.values():
        name = parameter.name
        if name not in uses.conclusive and name not in asked:
            continue
        for other in _others(parameter):
            yield Mutant(
                id=f"parameters/{name}: {other.label}",
                kind=other.kind,
                place=parameter_place(runbook, name),
                seen_at=uses.parts_of(name) | asked.get(name, frozenset()),
                hint=other.hint,
                change=_change(name, other.value),
                parameter=name,
                reads=name in asked,
            )


def parameter_place(runbook: Runbook, name: str) -> Place:
    """The line of its key below `parameters:`; the first line where it cannot be found."""
    within = False
    for number, line in enumerate(runbook.text.splitlines(), start=1):
        if re.match(r"[A-Za-z]", line):
            within = line.startswith("parameters:")
        found = re.match(rf"\s+(?={re.escape(name)}\s*:)", line) if within else None
        if found:
            return Place(file=runbook.file, line=number, column=found.end() + 1)
    return Place(file=runbook.file, line=1, column=1)


def _asked(runbook: Runbook, uses: Uses) -> dict[str, frozenset[str]]:
    """Parameters that stand as `${name}` in metrics' queries, and where those are seen."""
    found: dict[str, frozenset[str]] = {}
    for evidence_id, declared in runbook.evidence.items():
        if isinstance(declared.query, MetricQuery) and evidence_id in uses.conclusive:
            for name in PLACEHOLDER.findall(repr(declared.query)):
                if name in runbook.parameters:
                    found[name] = found.get(name, frozenset()) | uses.parts_of(evidence_id)
    return found


def _others(parameter: Parameter) -> Iterator[_Other]:
    match parameter.value:
        case bool():
            yield _other(not parameter.value, parameter)
        case int() | float() if parameter.unit == DURATION:
            yield from _lengths(parameter.value)
        case int() | float():
            yield from _numbers(parameter.value)
        case str() if parameter.value:
            yield _other(f"{parameter.value}-other", parameter)
        case tuple():
            for entry in parameter.value:
                rest = tuple(one for one in parameter.value if one != entry)
                hint = f"add a test in which {entry} makes the difference"
                label = f"loses {entry}"
                yield _Other(value=rest, label=label, kind=MutantKind.THRESHOLD, hint=hint)
        case _:
            return


def _other(value: ParameterValue, parameter: Parameter) -> _Other:
    hint = "expect what a remedy is given, or add a test that depends on it"
    label = f"{_said(parameter.value)} becomes {_said(value)}"
    return _Other(value=value, label=label, kind=MutantKind.THRESHOLD, hint=hint)


def _said(value: ParameterValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _numbers(value: float) -> Iterator[_Other]:
    for other in nearby(value):
        was, become = written(value), written(other)
        yield _Other(
            value=other,
            label=f"{was} becomes {become}",
            kind=MutantKind.THRESHOLD,
            hint=f"add a test with a value between {was} and {become}",
        )


def _lengths(seconds: float) -> Iterator[_Other]:
    length = timedelta(seconds=seconds)
    for other in half_and_double(length):
        was, become = spelled(length), spelled(other)
        yield _Other(
            value=other.total_seconds(),
            label=f"{was} becomes {become}",
            kind=MutantKind.LENGTH,
            hint=f"add a test that changes between {was} and {become} ago",
        )


def _change(name: str, value: ParameterValue) -> Callable[[Runbook], Runbook]:
    def change(runbook: Runbook) -> Runbook:
        other = replace(runbook.parameters[name], value=value)
        return replace(runbook, parameters={**runbook.parameters, name: other})

    return change
