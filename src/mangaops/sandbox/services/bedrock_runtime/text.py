"""Texts as tokens, and the two forms in which a request carries them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mangaops.sandbox.overlay import Fault

PIECE = re.compile(r"\s*(?:[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]|[^\s\u3000-\u9fff]{1,4})")
"""About a token: a Japanese character, or up to four others with the space before them."""
MODEL_MAXIMUM = 64_000
VERSION = "bedrock-2023-05-31"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is asked: the last user text, the tokens of all texts, the limit of output.

    `metadata` is what a caller of Converse says of the request.
    """

    last: str
    tokens: int
    max_tokens: int
    system: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


def pieces(text: str) -> list[str]:
    """A text in token-sized pieces that join to it, but for white space at its end."""
    return PIECE.findall(text)


def whole_pieces(text: str) -> list[str]:
    """Pieces that join to the text, with the white space at its end."""
    found = pieces(text)
    rest = text[sum(map(len, found)) :]
    return [*found, rest] if rest else found


def from_body(body: bytes) -> Prompt:
    """The prompt of an InvokeModel body for Anthropic's models. Raises ValidationException."""
    try:
        asked = json.loads(body)
    except ValueError:
        raise malformed("the body is not valid JSON") from None
    if not isinstance(asked, Mapping):
        raise malformed("expected type: Object")
    for key in ("anthropic_version", "max_tokens", "messages"):
        if key not in asked:
            raise malformed(f"#: required key [{key}] not found")
    if asked["anthropic_version"] != VERSION:
        raise malformed(f"#/anthropic_version: {asked['anthropic_version']} is not a valid value")
    return _prompt(asked, asked["max_tokens"], asked)


def from_converse(params: Mapping[str, Any]) -> Prompt:
    """The prompt of a Converse request. Raises ValidationException."""
    settings = params.get("inferenceConfig", {})
    sampling = {"temperature": settings.get("temperature"), "top_p": settings.get("topP")}
    given = {name: value for name, value in sampling.items() if value is not None}
    asked = _prompt(params, settings.get("maxTokens", MODEL_MAXIMUM), given)
    return replace(asked, metadata=params.get("requestMetadata", {}))


def _prompt(asked: Mapping[str, Any], max_tokens: Any, sampling: Mapping[str, Any]) -> Prompt:
    messages = asked.get("messages") or []
    if not messages:
        raise invalid("messages: at least one message is required")
    if messages[0].get("role") != "user":
        raise invalid("A conversation must start with a user message. Try again.")
    if not isinstance(max_tokens, int) or not 1 <= max_tokens <= MODEL_MAXIMUM:
        raise invalid(f"max_tokens: must be between 1 and {MODEL_MAXIMUM}")
    if "temperature" in sampling and "top_p" in sampling:
        raise invalid(
            "`temperature` and `top_p` cannot both be specified for this model. "
            "Please use only one."
        )
    system = list(_texts(asked.get("system")))
    texts = system + [text for message in messages for text in _texts(message.get("content"))]
    users = [message for message in messages if message.get("role") == "user"]
    last = " ".join(_texts(users[-1].get("content")))
    return Prompt(
        last=last,
        tokens=sum(len(pieces(each)) for each in texts),
        max_tokens=max_tokens,
        system="\n".join(system).strip(),
    )


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for block in content:
            if isinstance(block, Mapping) and isinstance(block.get("text"), str):
                yield block["text"]


def invalid(message: str) -> Fault:
    return Fault("ValidationException", message, 400)


def malformed(detail: str) -> Fault:
    return invalid(f"Malformed input request: {detail}, please reformat your input and try again.")
