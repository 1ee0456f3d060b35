"""The file format v1, part by part: the one place where its keys, types and defaults are listed.

Imported only when a file is really loaded, since pydantic takes its time. The
descriptions end up in the JSON Schema (`mangaops runbook schema`), which editors show.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    WithJsonSchema,
    create_model,
)

from mangaops.model.query import FieldType
from mangaops.model.runbook import RemedyKind, Severity, Status, Urgency
from mangaops.model.source import SOURCE_KINDS
from mangaops.model.time import parse_duration

SCHEMA = "mangaops.runbook/1"


def _duration(value: object) -> timedelta:
    length = parse_duration(value) if isinstance(value, str) else None
    if length is None or length <= timedelta():
        raise ValueError("must be a duration such as 10m, 2h or 1h30m")
    return length


Text: TypeAlias = Annotated[StrictStr, Field(min_length=1)]
Duration: TypeAlias = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?[smhd])+$"}),
]
Expression: TypeAlias = Annotated[
    Text, Field(description="an expression of the condition language")
]
Sentence: TypeAlias = Annotated[Text, Field(description="text with {expression:format} slots")]
Target: TypeAlias = Annotated[Text, Field(description="a node, an outcome, or `inconclusive`")]
Plain: TypeAlias = StrictBool | StrictInt | StrictFloat | StrictStr
Name: TypeAlias = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Slug: TypeAlias = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9-]*$")]


class Part(BaseModel):
    """A mapping of the file; a key that is not listed is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ParameterPart(Part):
    default: Plain | list[StrictStr] | None = Field(description="the value until it is set")
    unit: StrictStr = Field("", description="for display; `duration` is written 10m")
    description: StrictStr = ""


class EvidencePart(Part):
    kind: Text = Field(
        description="a kind of evidence", json_schema_extra={"enum": [*SOURCE_KINDS]}
    )
    query: dict[str, Any] = Field(description="what to ask; its keys depend on the kind")
    title: StrictStr = Field("", description="what people read instead of the id")
    unit: StrictStr = Field("", description="for display")


class TriggerPart(Part):
    question: Text
    when: Expression
    on_missing: Target
    healthy: Sentence | None = Field(None, description="what to say when it does not hold")
    recovered: Expression | None = Field(
        None, description="when it is over after a remedy; by default when it does not hold"
    )


class BranchPart(Part):
    answer: Text
    goto: Target
    when: Expression | None = None
    otherwise: Literal[True] | None = Field(None, description="instead of `when`: always taken")
    on_missing: Target | None = Field(
        None, description="where to go on unknown; `next` tries the next branch"
    )


class OptionPart(Part):
    answer: Text
    goto: Target


class NodePart(Part):
    question: Text | None = None
    branches: list[BranchPart] | None = Field(None, min_length=1)
    ask: Text | None = Field(None, description="a question that only a person can answer")
    options: list[OptionPart] | None = Field(None, min_length=1)
    on_missing: Target | None = Field(None, description="with `ask`: when nobody answers")


class SeverityRulePart(Part):
    when: Expression
    severity: Severity = Field(alias="is")


class ConfirmPart(Part):
    when: Expression
    otherwise: Sentence = Field(description="why it stays likely when this does not hold")


class RemedyPart(Part):
    id: Slug
    title: Text
    urgency: Urgency
    kind: RemedyKind
    command: Sentence | None = Field(None, description="what follows `mangaops plan --run RUN`")


class OutcomePart(Part):
    title: Text
    cause: Sentence
    status: Status = Status.DIAGNOSED
    severity: Severity | list[SeverityRulePart] | None = None
    confirm: list[ConfirmPart] = []
    at_most_likely: Sentence | None = Field(None, description="why it can never be confirmed")
    report: list[Sentence] = []
    remedies: list[RemedyPart] = []
    prevention: list[Text] = []
    continue_with: Slug | None = Field(None, description="the runbook to go on with")


class RunbookPart(Part):
    """A decision tree of mangaops."""

    schema_: Literal["mangaops.runbook/1"] = Field(alias="schema")
    name: Slug
    title: Text
    severity: Severity
    description: StrictStr = ""
    window: Duration = Field(timedelta(minutes=30), validate_default=False)
    parameters: dict[Name, ParameterPart] = {}
    evidence: dict[Name, EvidencePart] = Field(min_length=1)
    define: dict[Name, Expression] = Field(
        {}, description="named expressions, each may use earlier ones"
    )
    trigger: TriggerPart
    start: Target
    nodes: dict[Slug, NodePart] = Field(min_length=1)
    outcomes: dict[Slug, OutcomePart] = Field(min_length=1)
    report: list[Sentence] = Field([], description="told with every diagnosis")


@cache
def query_part(kind: str) -> type[BaseModel]:
    """The model of a kind's query, made from its dataclass in `model.source`."""
    query: type[Any] = SOURCE_KINDS[kind].query
    return _part_of(query)


def _part_of(query: type[Any]) -> type[BaseModel]:
    hints = get_type_hints(query)
    parts: dict[str, Any] = {}
    for item in fields(query):
        default: Any = ...
        if item.default is not MISSING:
            default = list(item.default) if isinstance(item.default, tuple) else item.default
        elif item.default_factory is not MISSING:
            default = item.default_factory()
        parts[item.name] = (_annotation(hints[item.name]), default)
    return create_model(query.__name__, __config__=ConfigDict(extra="forbid"), **parts)


_PLAIN: Mapping[Any, Any] = {
    str: StrictStr,
    int: StrictInt,
    bool: StrictBool,
    timedelta: Duration,
    FieldType: FieldType,
}


def _annotation(hint: Any) -> Any:
    """The strict form of a dataclass field's type."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if is_dataclass(hint) and isinstance(hint, type):
        return _part_of(hint)
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        members = tuple(_annotation(one) for one in inside)
        return Union[members]  # noqa: UP007 - built from values
    if origin is tuple:
        return list[_annotation(inside[0])]  # type: ignore[misc]
    if origin is not None and issubclass(origin, Mapping):
        return dict[StrictStr, _annotation(inside[1])]  # type: ignore[misc]
    return hint
