"""A conversation that is too long, made to fit: the oldest exchanges are left out first.

Rule: the system prompt and the last exchange stay, an exchange goes as a whole (so turns
still alternate, and a tool's result never loses its use), and the model is told: in the first
user message that stays, either how much is missing or a summary of it.
Reason: the note is no instruction, so it stands among the user's words, not in the system
prompt; that also keeps the prefix that prompt caches hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mangaops.fm.requests.blocks import is_tool_result
from mangaops.fm.requests.conversation import USER, blocks_of, role_of
from mangaops.fm.requests.request import Request
from mangaops.fm.requests.tokens import estimate_message, estimate_request, estimate_tokens

Messages = tuple[Mapping[str, Any], ...]
_NOTE = "[The {n} oldest messages of this conversation were left out, because it is too long.]"
_SUMMARY = "[The {n} oldest messages of this conversation, in short: {summary}]"
_NOTE_TOKENS = 40
"""Room for the note, before it is written."""
_SUMMARY_TOKENS = 400
"""Room for a summary; a longer one is not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """`dropped` counts messages; `tokens` is the estimate of `request`.

    `fits` is False when even the last exchange alone is too long: then nothing was dropped.
    """

    request: Request
    dropped: int
    tokens: int
    fits: bool
    summarised: bool = False


def fit(
    request: Request,
    limit: int,
    *,
    factor: float = 1.0,
    summarise: Callable[[Messages], str | None] | None = None,
) -> Fitted:
    """The request with at most `limit` tokens of input.

    `factor` corrects the estimate for a model (TokenCounter.factor). `summarise` gets the
    messages that go and gives their summary, None for none; a summary that does not fit, or
    is no text that can be sent, gives way to the note.
    """
    total = estimate_request(request)
    if math.ceil(total * factor) <= limit:
        return Fitted(request=request, dropped=0, tokens=math.ceil(total * factor), fits=True)
    exchanges = exchanges_of(request.messages)
    least = _dropped(exchanges, total, factor, limit, room=_NOTE_TOKENS)
    if least is None:
        return Fitted(request=request, dropped=0, tokens=math.ceil(total * factor), fits=False)
    if summarise is not None:
        more = _dropped(exchanges, total, factor, limit, room=_SUMMARY_TOKENS) or least
        summary = _summary(summarise, request.messages[:more])
        if summary is not None:
            note = _SUMMARY.format(n=more, summary=summary)
            fitted = _without(request, more, factor, note)
            if fitted.tokens <= limit:
                return replace(fitted, summarised=True)
    return _without(request, least, factor, _NOTE.format(n=least))


def _dropped(
    exchanges: Sequence[Messages], total: int, factor: float, limit: int, *, room: int
) -> int | None:
    """So many messages must go to make room; None when all but the last exchange is not enough."""
    dropped = 0
    for exchange in exchanges[:-1]:
        total -= sum(map(estimate_message, exchange))
        dropped += len(exchange)
        if math.ceil((total + room) * factor) <= limit:
            return dropped
    return None


def exchanges_of(messages: Sequence[Mapping[str, Any]]) -> tuple[Messages, ...]:
    """Each begins with words of the user; results of tools belong to the exchange before."""
    found: list[list[Mapping[str, Any]]] = []
    for message in messages:
        begins = role_of(message) == USER and not any(map(is_tool_result, blocks_of(message)))
        if begins or not found:
            found.append([])
        found[-1].append(message)
    return tuple(map(tuple, found))


def _without(request: Request, dropped: int, factor: float, note: str) -> Fitted:
    kept = request.messages[dropped:]
    blocks = blocks_of(kept[0])
    own = any("type" in block for block in blocks)  # Anthropic's, as in InvokeModel
    told = {"type": "text", "text": note} if own else {"text": note}
    first = {**kept[0], "content": [told, *blocks]}
    shorter = replace(request, messages=(first, *kept[1:]))
    tokens = math.ceil(estimate_request(shorter) * factor)
    return Fitted(request=shorter, dropped=dropped, tokens=tokens, fits=True)


def _summary(summarise: Callable[[Messages], str | None], gone: Messages) -> str | None:
    try:
        text: Any = summarise(gone)
        if isinstance(text, str):
            text.encode()  # half a surrogate pair cannot be sent
    except Exception:  # noqa: BLE001 - the caller's own code: without it the note says enough
        return None
    if not isinstance(text, str) or not text.strip():
        return None
    return text.strip() if estimate_tokens(text) <= _SUMMARY_TOKENS - _NOTE_TOKENS else None
