"""One question to a model, in the form of Converse, before anybody looked whether it is sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Operation(StrEnum):
    """Which of Bedrock's two interfaces carries the question."""

    CONVERSE = "converse"
    INVOKE_MODEL = "invoke_model"
    """Anthropic's own body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`messages` are `{"role": "user" | "assistant", "content": "..." or [{"text": "..."}]}`.

    `max_tokens`, where it is None, is the intent's. `tools` are Converse's tool
    specifications. With `schema` (a JSON Schema) the answer is to be one JSON object;
    `free_text` are the JSON pointers of its texts that may be shown although they are cut.
    `session` never leaves this process: logs hold a hash of it. `metadata` is what the
    model's own log is filtered by. A parameter that a model does not take is not sent to it.
    """

    intent: str
    messages: tuple[Mapping[str, Any], ...]
    system: str = ""
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: tuple[str, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()
    cached: bool = False
    schema: Mapping[str, Any] | None = None
    free_text: tuple[str, ...] = ()
    prompt_version: str | None = None
    session: str | None = None
    correlation_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    operation: Operation = Operation.CONVERSE


def user(text: str) -> Mapping[str, Any]:
    """One message of the user."""
    return {"role": "user", "content": text}
