"""A case as it is told and recorded: without the secrets that were typed or configured.

What AWS answered is without secrets when it gets here; `--set`, the configuration and the
runbook's own defaults are not, since the walk computes with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from mangaops.model.redaction import REDACTED, TOKEN, redacted_value
from mangaops.model.redaction.hidden import Hidden, Noted
from mangaops.model.runbook import Parameter, ParameterValue, Runbook
from mangaops.model.settings import Environment
from mangaops.render.case import Case


def told_case(case: Case, runbook: Runbook, environment: Environment) -> Case:
    """The same case where nothing was typed or configured that looks like a secret."""
    noted = Noted(REDACTED)
    sets = {name: _set(name, text, runbook, noted) for name, text in case.sets.items()}
    for name, text in _texts(runbook, environment):
        redacted_value(name, text, noted)
    case = replace(case, sets=sets) if sets != case.sets else case
    hidden = Hidden(noted.values)
    return _without(case, hidden) if hidden else case


def told_sets(sets: Mapping[str, str]) -> dict[str, str]:
    """What a capsule kept of `--set`, as the live run told it."""
    return {name: TOKEN.sub(REDACTED, text) for name, text in sets.items()}


def _set(name: str, text: str, runbook: Runbook, noted: Noted) -> str:
    """A number is no secret, whatever its parameter is called."""
    parameter = runbook.parameters.get(name)
    return redacted_value(name, text, noted) if _is_text(parameter) else text


def _is_text(parameter: Parameter | None) -> bool:
    return parameter is None or not isinstance(parameter.value, int | float)


def _texts(runbook: Runbook, environment: Environment) -> Iterator[tuple[str, str]]:
    yield from environment.resources.items()
    for name in ("*", runbook.name):
        for key, value in environment.parameters.get(name, {}).items():
            yield from ((key, one) for one in _parts(value))
    for parameter in runbook.parameters.values():
        yield from ((parameter.name, one) for one in _parts(parameter.value))


def _parts(value: ParameterValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()


def _without(value: Any, hidden: Hidden) -> Any:
    """Every text within `value`; words of an enum are the project's own."""
    if type(value) is str:
        return hidden.without(value, lambda _: REDACTED)
    if isinstance(value, tuple | list):
        return type(value)(_without(one, hidden) for one in value)
    if isinstance(value, Mapping):
        return {key: _without(one, hidden) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        named = {one.name: _without(getattr(value, one.name), hidden) for one in fields(value)}
        return replace(value, **named)
    return value
