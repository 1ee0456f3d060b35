"""A loaded runbook + an environment + `--set` -> a runbook that can be walked.

Parameters take, in this order: `--set`, the environment's own for this runbook, its
`*`, the file's default. `${name}` in queries and in text parameters becomes the
resource of that name, else the parameter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from math import isfinite
from typing import Any, TypeVar, cast

from mangaops.errors import InputError, RunbookError, nearest
from mangaops.model.runbook import EvidenceDeclaration, Parameter, ParameterValue, Runbook
from mangaops.model.settings import Environment
from mangaops.model.time import format_duration, parse_duration
from mangaops.runbook.finding import Misconfigured, misconfigured

PLACEHOLDER = re.compile(r"\$\{([^{}\s]*)\}")
DURATION = "duration"
EVERY_RUNBOOK = "*"

T = TypeVar("T")


def bind(runbook: Runbook, environment: Environment, sets: Mapping[str, str]) -> Runbook:
    """The runbook with parameter values decided and no `${name}` left in its queries.

    Raises InputError for a `--set` that names no parameter or has a wrong value,
    ConfigError when the environment's parameters do, and RunbookError for a `${name}`
    that is neither a resource nor a parameter.
    """
    _refuse_unknown(runbook, environment)
    wrong = wrong_parameters(runbook, environment)
    if wrong:
        raise misconfigured(environment, wrong)
    values = _decided(runbook, environment, sets)
    texts = {name: _text(parameter, values[name]) for name, parameter in runbook.parameters.items()}
    words = {**texts, **environment.resources}
    parameters = {
        name: replace(parameter, value=_filled(values[name], words))
        for name, parameter in runbook.parameters.items()
    }
    words = {
        **{name: _text(parameter, parameter.value) for name, parameter in parameters.items()},
        **environment.resources,
    }
    evidence = {name: _bound(item, words) for name, item in runbook.evidence.items()}
    return replace(runbook, parameters=parameters, evidence=evidence)


def bind_all(runbooks: Iterable[Runbook], environment: Environment) -> list[Runbook]:
    """Each as `bind` does it; what is configured wrongly for any of them is told together."""
    found = list(runbooks)
    wrong = [one for runbook in found for one in wrong_parameters(runbook, environment)]
    if wrong:
        raise misconfigured(environment, wrong)
    return [bind(runbook, environment, {}) for runbook in found]


def wrong_parameters(runbook: Runbook, environment: Environment) -> list[Misconfigured]:
    """What the environment sets that this runbook does not have, or that is of another type."""
    found = []
    for group in (EVERY_RUNBOOK, runbook.name):
        where = f"environment {environment.name}, parameters of {group}"
        for name, value in environment.parameters.get(group, {}).items():
            if name in runbook.parameters:
                what, hint = _mistyped(runbook.parameters[name], name, value), "correct it"
            elif group == EVERY_RUNBOOK:
                continue
            else:
                what, hint = _unknown(runbook, name)
            if what:
                found.append(Misconfigured(key=(group, name), what=what, where=where, hint=hint))
    return found


def placeholders(runbook: Runbook) -> frozenset[str]:
    """The names that stand in `${...}` anywhere in queries and parameters."""
    found: set[str] = set()

    def note(match: re.Match[str]) -> str:
        found.add(match[1])
        return match[0]

    for item in runbook.evidence.values():
        _replaced(item.query, note)
    for parameter in runbook.parameters.values():
        _replaced(parameter.value, note)
    return frozenset(found)


def _refuse_unknown(runbook: Runbook, environment: Environment) -> None:
    known = (*environment.resources, *runbook.parameters)
    for name in sorted(placeholders(runbook).difference(known)):
        hint = nearest(name, known) or f"mangaops runbook lint {runbook.name}"
        what = f"`${{{name}}}` is neither a resource nor a parameter"
        raise RunbookError(what, where=runbook.file, hint=hint)


def typed(parameter: Parameter, text: str) -> ParameterValue:
    """What a person typed for a parameter, of the type of its default; ValueError if it is not."""
    if parameter.unit == DURATION:
        return _seconds(text)
    match parameter.value:
        case bool():
            return _flag(text)
        case int() | float():
            return _number(text)
        case tuple():
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case _:
            return text


def coerced(parameter: Parameter, value: ParameterValue) -> ParameterValue:
    """A value as YAML gave it, if it has the type of the default; else ValueError."""
    if parameter.unit == DURATION:
        return _seconds(value)
    match parameter.value:
        case bool():
            expected = isinstance(value, bool)
        case int() | float():
            expected = isinstance(value, int | float) and not isinstance(value, bool)
        case tuple():
            expected = isinstance(value, tuple)
        case str():
            expected = isinstance(value, str)
        case _:
            expected = True
    if not expected:
        raise ValueError(f"must be {_kind(parameter.value)}")
    return value


def _decided(
    runbook: Runbook, environment: Environment, sets: Mapping[str, str]
) -> dict[str, ParameterValue]:
    values = {name: parameter.value for name, parameter in runbook.parameters.items()}
    for name, value in environment.parameters.get(EVERY_RUNBOOK, {}).items():
        if name in values:
            values[name] = coerced(runbook.parameters[name], value)
    for name, value in environment.parameters.get(runbook.name, {}).items():
        values[name] = coerced(runbook.parameters[name], value)
    for name, text in sets.items():
        values[name] = _typed_set(runbook, name, text)
    return values


def _mistyped(parameter: Parameter, name: str, value: ParameterValue) -> str:
    try:
        coerced(parameter, value)
    except ValueError as error:
        return f"{name} {error}"
    return ""


def _typed_set(runbook: Runbook, name: str, text: str) -> ParameterValue:
    where = f"--set {name}={text}"
    if name not in runbook.parameters:
        what, hint = _unknown(runbook, name)
        raise InputError(what, where=where, hint=hint)
    try:
        return typed(runbook.parameters[name], text)
    except ValueError as error:
        default = _text(runbook.parameters[name], runbook.parameters[name].value)
        hint = f"for example --set {name}={default}"
        raise InputError(f"{name} {error}", where=where, hint=hint) from None


def _unknown(runbook: Runbook, name: str) -> tuple[str, str]:
    known = ", ".join(runbook.parameters) or "none"
    hint = nearest(name, runbook.parameters) or f"parameters of {runbook.name}: {known}"
    return f"{runbook.name} has no parameter `{name}`", hint


def _seconds(value: ParameterValue) -> float:
    length = parse_duration(value) if isinstance(value, str) else None
    if length is None or length <= timedelta(0):
        raise ValueError("must be a duration such as 90s, 10m or 2h")
    return length.total_seconds()


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("must be true or false")
    return text.lower() == "true"


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        raise ValueError("must be a number") from None
    if not isfinite(number):
        raise ValueError("must be a finite number")
    return number


def _kind(value: ParameterValue) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case tuple():
            return "a list of texts"
        case _:
            return "text"


def _text(parameter: Parameter, value: ParameterValue) -> str:
    """A value as it is written into a query: a list as `"a", "b"`, a duration as `10m`."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float() if parameter.unit == DURATION:
            return format_duration(timedelta(seconds=value))
        case tuple():
            return ", ".join(json.dumps(item, ensure_ascii=False) for item in value)
        case _:
            return str(value)


def _bound(declaration: EvidenceDeclaration, words: Mapping[str, str]) -> EvidenceDeclaration:
    return replace(declaration, query=_filled(declaration.query, words))


def _filled(value: T, words: Mapping[str, str]) -> T:
    """`value` with the placeholders replaced in every text within it."""
    return cast("T", _replaced(value, lambda match: words.get(match[1], match[0])))


def _replaced(value: Any, by: Callable[[re.Match[str]], str]) -> Any:
    if isinstance(value, str):
        return PLACEHOLDER.sub(by, value)
    if isinstance(value, tuple):
        return tuple(_replaced(item, by) for item in value)
    if isinstance(value, Mapping):
        return {key: _replaced(item, by) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {item.name: _replaced(getattr(value, item.name), by) for item in fields(value)}
        return replace(value, **changed)
    return value
