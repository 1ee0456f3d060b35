"""The events of a stream, in the order in which they may make a whole answer.

Converse is whole with `messageStop` and `metadata` (AWS: without it an answer is not
complete), Anthropic's own stream with a stop reason and `message_stop`. Anything less is not.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

from mangaops.fm.answer import Usage
from mangaops.fm.transport.pieces import Gathered

GUARDRAIL = "guardrail_intervened"
"""Converse's stop reason; InvokeModel tells the same in a member of its own."""
_GUARDRAIL_ACTION = "amazon-bedrock-guardrailAction"
_ERRORS = {
    "overloaded_error": "serviceUnavailableException",
    "api_error": "internalServerException",
    "rate_limit_error": "throttlingException",
    "invalid_request_error": "validationException",
    "timeout_error": "modelTimeoutException",
}
"""Anthropic's errors within a stream, in Bedrock's words."""


class Piece(NamedTuple):
    """`text` is to be shown; what is content restarts the idle clock, a ping does not."""

    is_content: bool
    text: str = ""


NOTHING = Piece(is_content=False)


class Reading(ABC):
    """What has come of one streamed answer."""

    def __init__(self) -> None:
        self.gathered = Gathered()
        self.stop_reason: str | None = None
        self.usage: Usage | None = None

    @property
    @abstractmethod
    def is_whole(self) -> bool: ...

    @abstractmethod
    def take(self, event: Mapping[str, Any]) -> Piece:
        """Raises botocore's ParserError for a damaged event, EventStreamError for an error."""

    def _text(self, index: int, text: str) -> Piece:
        return Piece(is_content=self.gathered.text(index, text), text=text)


class ConverseReading(Reading):
    def __init__(self) -> None:
        super().__init__()
        self._has_metadata = False

    @property
    def is_whole(self) -> bool:
        return self.stop_reason is not None and self._has_metadata

    def take(self, event: Mapping[str, Any]) -> Piece:
        match event:
            case {"contentBlockDelta": {"delta": {"text": str(text)}} as part}:
                return self._text(_index(part, "contentBlockIndex"), text)
            case {"contentBlockDelta": {"delta": {} as delta} as part}:
                return Piece(is_content=self._other(_index(part, "contentBlockIndex"), delta))
            case {"contentBlockStart": {"start": {"toolUse": {} as tool}} as part}:
                begun = (tool.get("toolUseId", ""), tool.get("name", ""))
                index = _index(part, "contentBlockIndex")
                return Piece(is_content=self.gathered.begin_tool(index, *begun))
            case {"messageStop": {"stopReason": str(reason)}}:
                self.stop_reason = reason
            case {"metadata": {} as metadata}:
                self._has_metadata = True
                self.usage = usage_of_converse(metadata)
            case _:
                pass
        return NOTHING

    def _other(self, index: int, delta: Mapping[str, Any]) -> bool:
        match delta:
            case {"toolUse": {"input": str(text)}}:
                return self.gathered.tool_input(index, text)
            case {"reasoningContent": {"text": str(text)}}:
                return self.gathered.reasoning(index, text)
            case {"reasoningContent": {"signature": str(text)}}:
                return self.gathered.signature(index, text)
            case {"reasoningContent": {"redactedContent": bytes(data)}}:
                return self.gathered.redacted(index, data)
            case _:
                return False


class InvokeReading(Reading):
    """Each chunk holds one whole JSON event, so that no character is split between two."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, Any] = {}
        self._has_stopped = False

    @property
    def is_whole(self) -> bool:
        return self.stop_reason is not None and self._has_stopped

    def take(self, event: Mapping[str, Any]) -> Piece:
        match event:
            case {"chunk": {"bytes": bytes(data)}}:
                return self._event(_parsed(data))
            case _:
                return NOTHING

    def _event(self, event: Mapping[str, Any]) -> Piece:
        match event:
            case {"type": "content_block_delta", "delta": {} as delta}:
                return self._delta(_index(event, "index"), delta)
            case {"type": "content_block_start", "content_block": {} as block}:
                return Piece(is_content=self._begin(_index(event, "index"), block))
            case {"type": "message_start", "message": {"usage": {} as told}}:
                self._told.update(told)
            case {"type": "message_delta", "delta": {} as delta}:
                self._stop(delta.get("stop_reason"), event.get("usage"))
            case {"type": "message_stop"}:
                self._has_stopped = True
                self._end(event)
            case {"type": "error", "error": {} as error}:
                raise _error(error)
            case _:
                pass
        return NOTHING

    def _stop(self, reason: Any, usage: Any) -> None:
        """Before this event the count of what was written is not one."""
        if isinstance(reason, str):
            self.stop_reason = reason
        if isinstance(usage, dict):
            self._told.update({name: count for name, count in usage.items() if count is not None})
            self.usage = usage_of_anthropic(self._told)

    def _delta(self, index: int, delta: Mapping[str, Any]) -> Piece:
        match delta:
            case {"type": "text_delta", "text": str(text)}:
                return self._text(index, text)
            case {"type": "input_json_delta", "partial_json": str(text)}:
                return Piece(is_content=self.gathered.tool_input(index, text))
            case {"type": "thinking_delta", "thinking": str(text)}:
                return Piece(is_content=self.gathered.reasoning(index, text))
            case {"type": "signature_delta", "signature": str(text)}:
                return Piece(is_content=self.gathered.signature(index, text))
            case _:
                return NOTHING

    def _begin(self, index: int, block: Mapping[str, Any]) -> bool:
        match block:
            case {"type": "tool_use", "id": str(identity), "name": str(name)}:
                return self.gathered.begin_tool(index, identity, name)
            case {"type": "redacted_thinking", "data": str(data)}:
                return self.gathered.redacted(index, data.encode())
            case _:
                return False

    def _end(self, event: Mapping[str, Any]) -> None:
        if event.get(_GUARDRAIL_ACTION) == "INTERVENED":
            self.stop_reason = GUARDRAIL
        match event:
            case {"amazon-bedrock-invocationMetrics": {} as told} if self.usage is None:
                counts = (told.get("inputTokenCount"), told.get("outputTokenCount"))
                self.usage = usage_of_anthropic(
                    {"input_tokens": counts[0], "output_tokens": counts[1]}
                )
            case _:
                pass


def usage_of_converse(answer: Mapping[str, Any]) -> Usage | None:
    """None where the model did not tell."""
    told = answer.get("usage")
    if not told:
        return None
    return Usage(
        input=told.get("inputTokens", 0),
        output=told.get("outputTokens", 0),
        cache_read=told.get("cacheReadInputTokens", 0),
        cache_write=told.get("cacheWriteInputTokens", 0),
    )


def usage_of_anthropic(told: Mapping[str, Any]) -> Usage | None:
    """None unless both, what was read and what was written, are known."""
    match told:
        case {"input_tokens": int(read), "output_tokens": int(written)}:
            return Usage(
                input=read,
                output=written,
                cache_read=told.get("cache_read_input_tokens") or 0,
                cache_write=told.get("cache_creation_input_tokens") or 0,
            )
        case _:
            return None


def stop_reason_of_anthropic(answer: Mapping[str, Any]) -> str | None:
    """Of a whole answer of InvokeModel."""
    if answer.get(_GUARDRAIL_ACTION) == "INTERVENED":
        return GUARDRAIL
    reason = answer.get("stop_reason")
    return reason if isinstance(reason, str) else None


def _parsed(data: bytes) -> Mapping[str, Any]:
    from botocore.eventstream import ParserError  # noqa: PLC0415 - 0.1 s

    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise ParserError("a chunk of the stream is not JSON") from None
    if not isinstance(event, dict):
        raise ParserError("a chunk of the stream is not a JSON object")
    return event


def _error(error: Mapping[str, Any]) -> Exception:
    from botocore.exceptions import EventStreamError  # noqa: PLC0415 - 0.1 s

    code = _ERRORS.get(str(error.get("type")), "modelStreamErrorException")
    told: Any = {"Error": {"Code": code, "Message": str(error.get("type"))}}
    return EventStreamError(told, "InvokeModelWithResponseStream")


def _index(event: Mapping[str, Any], name: str) -> int:
    found = event.get(name)
    return found if isinstance(found, int) else 0
