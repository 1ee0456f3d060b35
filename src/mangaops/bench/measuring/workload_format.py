"""The keys, types and limits of a workload file: the one place where they are listed."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, StrictInt, StrictStr

from mangaops.runbook.check import keys_of
from mangaops.runbook.format import Part, Text
from mangaops.runbook.strict_yaml import Path

SCHEMA = "mangaops.workload/1"


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


Said: TypeAlias = Annotated[StrictStr, AfterValidator(_said)]
Tokens: TypeAlias = Annotated[StrictInt, Field(ge=1, le=1_000_000)]


class VersionPart(Part):
    file: Text = Field(description="the prompt's text, relative to the workload's folder")
    prompt_tokens: Tokens | None = None
    max_output_tokens: Tokens | None = None


class IntentPart(Part):
    model: Text = Field(description="`sonnet`, `haiku`, or the id of a model or profile")
    max_output_tokens: Tokens = Field(description="where a version has no limit of its own")
    messages: list[Said] = Field(min_length=1, description="what users say, sent in turn")
    versions: dict[Text, VersionPart] = Field(
        {}, description="prompts that are not in the prompt table yet"
    )


class WorkloadPart(Part):
    schema_: Literal["mangaops.workload/1"] = Field(alias="schema")
    intents: dict[Text, IntentPart] = Field(min_length=1)


def keys(path: Path) -> tuple[str, ...]:
    """The keys that are known at a path of the file."""
    match path:
        case ():
            return keys_of(WorkloadPart)
        case ("intents", _):
            return keys_of(IntentPart)
        case ("intents", _, "versions", _):
            return keys_of(VersionPart)
        case _:
            return ()
