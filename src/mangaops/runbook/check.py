"""The file's plain data against the format: every pydantic error becomes a finding with a place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from mangaops.errors import nearest
from mangaops.model.source import SOURCE_KINDS
from mangaops.runbook.finding import Finding
from mangaops.runbook.format import (
    BranchPart,
    ConfirmPart,
    EvidencePart,
    NodePart,
    OptionPart,
    OutcomePart,
    ParameterPart,
    RemedyPart,
    RunbookPart,
    SeverityRulePart,
    TriggerPart,
    query_part,
)
from mangaops.runbook.strict_yaml import Document, Path

_PARTS: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): RunbookPart,
    ("parameters", "*"): ParameterPart,
    ("evidence", "*"): EvidencePart,
    ("trigger",): TriggerPart,
    ("nodes", "*"): NodePart,
    ("nodes", "*", "branches", "*"): BranchPart,
    ("nodes", "*", "options", "*"): OptionPart,
    ("outcomes", "*"): OutcomePart,
    ("outcomes", "*", "confirm", "*"): ConfirmPart,
    ("outcomes", "*", "severity", "*"): SeverityRulePart,
    ("outcomes", "*", "remedies", "*"): RemedyPart,
}
_SAID = {
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping (`key: value` lines)",
    "model_type": "must be a mapping (`key: value` lines)",
    "list_type": "must be a list (`- item` lines)",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}


def checked(document: Document) -> tuple[RunbookPart | None, tuple[Finding, ...]]:
    """The file's parts, or None; and every finding about their form."""
    try:
        part = RunbookPart.model_validate(document.data)
    except ValidationError as error:
        return None, tuple(findings_of(document, error, _keys))
    return part, ()


def checked_query(
    document: Document, evidence_id: str, part: EvidencePart
) -> tuple[BaseModel | None, tuple[Finding, ...]]:
    """A declaration's query by the class of its kind."""
    base: Path = ("evidence", evidence_id)
    if part.kind not in SOURCE_KINDS:
        hint = nearest(part.kind, SOURCE_KINDS) or "kinds: " + ", ".join(SOURCE_KINDS)
        place = document.place((*base, "kind"))
        return None, (document.finding("M010", f'no kind "{part.kind}"', place, hint=hint),)
    model = query_part(part.kind)
    try:
        return model.model_validate(part.query), ()
    except ValidationError as error:
        return None, tuple(findings_of(document, error, lambda _: keys_of(model), (*base, "query")))


def keys_of(part: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a part as they are written in a file."""
    return tuple(item.alias or name for name, item in part.model_fields.items())


def findings_of(
    document: Document,
    error: ValidationError,
    keys: Callable[[Path], tuple[str, ...]],
    base: Path = (),
) -> Iterator[Finding]:
    """What pydantic found in the value at `base`; `keys` tells those known at a path."""
    seen: set[tuple[Path, str]] = set()
    errors = error.errors(include_url=False)
    unknown = {one["loc"] for one in errors if one["type"] == "extra_forbidden"}
    for one in errors:
        path = _real(document, (*base, *one["loc"]))
        missing = str(one["loc"][-1]) if one["type"] == "missing" else ""
        if (path, missing) in seen:
            continue  # the members of a union complain about the same value
        seen.add((path, missing))
        if not (missing and _misspelled(one["loc"], unknown)):
            yield _finding(document, path, one, keys)


def _misspelled(missing: Path, unknown: set[Path]) -> bool:
    """Is an unknown key beside it what was meant? Then one finding says it all."""
    beside = [str(loc[-1]) for loc in unknown if loc[:-1] == missing[:-1]]
    return bool(nearest(str(missing[-1]), beside))


def _finding(
    document: Document, path: Path, error: Any, keys: Callable[[Path], tuple[str, ...]]
) -> Finding:
    name = str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "extra_forbidden":
            place = document.key_place(path)
            known = keys(path[:-1])
            hint = nearest(name, known) or ("keys: " + ", ".join(known) if known else "")
            return document.finding("M002", f'unknown key "{name}"', place, hint=hint)
        case "missing":
            place = document.key_place(path)
            within = f" in {_called(path)}" if path else ""
            return document.finding("M003", f'"{name}" is missing{within}', place)
        case kind:
            place = document.place(path)
            what = _SAID.get(kind) or _reworded(error)
            label = ".".join(str(part) for part in path) or "the file"
            return document.finding("M004", f"{label} {what}", place)


def _called(path: Path) -> str:
    """A key as it is written, or `item 2 of branches`."""
    last = path[-1]
    return f'"{last}"' if isinstance(last, str) else f"item {last + 1} of {path[-2]}"


def _reworded(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "string_pattern_mismatch":
        return "must be made of lower-case letters, digits and - or _"
    message = message.replace("Input should be", "must be")
    return message[:1].lower() + message[1:]


def _real(document: Document, loc: Path) -> Path:
    """The part of pydantic's location that is in the file; union tags and `[key]` are not."""
    path: Path = ()
    for step in loc:
        longer = (*path, step)
        if longer in document.values or longer in document.keys:
            path = longer
    return path


def _keys(path: Path) -> tuple[str, ...]:
    """The keys that the mapping at `path` of a runbook may have."""
    pattern = tuple("*" if n % 2 else str(step) for n, step in enumerate(path))
    part = _PARTS.get(pattern)
    return keys_of(part) if part else ()
