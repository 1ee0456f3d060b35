"""Why a model stopped, in five kinds, from any of the words that models have for it."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from mangaops.fm.answers.repair.spans import comes_to_its_end


class StopKind(StrEnum):
    COMPLETE = "complete"
    TRUNCATED = "truncated"
    """The room for the answer, or for the conversation, was full."""
    BLOCKED = "blocked"
    """A guardrail, a filter or the model itself refused."""
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    """Never taken for complete."""


_KINDS = MappingProxyType(
    {
        StopKind.COMPLETE: ("end_turn", "stop_sequence", "tool_use", "stop", "finish"),
        StopKind.TRUNCATED: (
            "max_tokens",
            "model_context_window_exceeded",
            "pause_turn",  # the turn goes on in another call
            "length",
        ),
        StopKind.BLOCKED: (
            "guardrail_intervened",
            "content_filtered",
            "content_filter",
            "refusal",
        ),
        StopKind.MALFORMED: ("malformed_model_output", "malformed_tool_use"),
    }
)
_BY_WORD = MappingProxyType({word: kind for kind, words in _KINDS.items() for word in words})


def kind_of(stop_reason: str | None, *, text: str | None = None) -> StopKind:
    """`text`, where the answer should be JSON: what says it is complete and is cut, as JSON
    repair sees it, is malformed (a closer that is missing at the very end is mended instead).
    What was truncated stays truncated, closed or not. What is no text is no word either.
    """
    word = stop_reason if isinstance(stop_reason, str) else ""
    kind = _BY_WORD.get(word.strip().lower(), StopKind.UNKNOWN)
    if kind is StopKind.COMPLETE and text is not None and not comes_to_its_end(text):
        return StopKind.MALFORMED
    return kind
