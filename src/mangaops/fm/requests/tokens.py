"""How many tokens a request has: counted where it was counted, else estimated and corrected.

The estimate of a whole request is that of its texts (model/tokens.py), 4 for each message,
the system prompt and the tools. What models then report corrects it, model by model.
CountTokens is exact and free, but a call of its own: it is asked only by `counted`, for base
ids, once for each request; after a failure it is left alone for a while.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mangaops.fm.answer import Usage
from mangaops.fm.requests.registry import Capability, Registry
from mangaops.fm.requests.request import Request
from mangaops.fm.target import Target
from mangaops.model.tokens import PER_OTHER, estimated_tokens

PER_MESSAGE = 4
PER_IMAGE = 1600
"""The most that an image costs, whatever its size (Anthropic scales it down)."""
LEAST_FACTOR, MOST_FACTOR = 0.7, 1.6
_WEIGHT = 0.1
"""Of the newest observation; the average then holds about the last ten."""


def estimate_tokens(text: str) -> int:
    """An upper estimate for every script: 0 only for no text at all."""
    return estimated_tokens(text)


def estimate_message(message: object) -> int:
    """One message in Converse's form; what is not text is taken by its JSON. Raises nothing:
    the validator says what is wrong with what is no message.
    """
    content = message.get("content") if isinstance(message, Mapping) else None
    if isinstance(content, str):
        return PER_MESSAGE + estimate_tokens(content)
    if not isinstance(content, list | tuple):
        return PER_MESSAGE
    return PER_MESSAGE + sum(_of_block(block) for block in content)


def estimate_request(request: Request) -> int:
    """All that is sent: messages, system prompt and tools. Raises nothing."""
    tools = _of_value(request.tools) if request.tools else 0
    system = estimate_tokens(request.system) if isinstance(request.system, str) else 0
    messages = request.messages if isinstance(request.messages, list | tuple) else ()
    return system + tools + sum(map(estimate_message, messages))


def _of_block(block: Any) -> int:
    match block:
        case {"toolResult": {"content": [*parts]}}:
            return PER_MESSAGE + sum(map(_of_part, parts))
        case _:
            return _of_part(block)


def _of_part(block: Any) -> int:
    match block:
        case {"text": str(text)} | str(text):
            return estimate_tokens(text)
        case {"image": _}:
            return PER_IMAGE
        case {"cachePoint": _}:
            return 0
        case {"document": {"source": {"bytes": bytes(held)}}}:
            return math.ceil(len(held) * PER_OTHER)
        case _:
            return _of_value(block)


def _of_value(value: Any) -> int:
    try:
        return estimate_tokens(json.dumps(value, ensure_ascii=False, default=str))
    except (TypeError, ValueError, RecursionError):  # the validator says what is wrong with it
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """`exact` when the model counted, else it is an upper estimate."""

    tokens: int
    exact: bool


class TokenCounter:
    """Counts for all calls of a client; used by several threads at once.

    `count` is CountTokens (Transport.count_tokens). `pause` is how long, in seconds, it is
    not asked again in a region after it failed; `kept` how many counts are remembered.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        clock: Callable[[], float],
        count: Callable[[Target, Request], int] | None = None,
        pause: float = 300.0,
        kept: int = 1024,
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._count = count
        self._pause = pause
        self._kept = kept
        self._factors: dict[str, float] = {}
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._silent_until: dict[Target, float] = {}
        self._lock = threading.Lock()

    def factor(self, model_id: str) -> float:
        """Actual tokens for each estimated one, as this model reported lately; 1 at first."""
        with self._lock:
            return self._factors.get(self._key(model_id), 1.0)

    def estimated(self, model_id: str, request: Request) -> int:
        return self.corrected(model_id, estimate_request(request))

    def corrected(self, model_id: str, estimate: int) -> int:
        """What `estimate_request` found, as this model counts."""
        return math.ceil(estimate * self.factor(model_id))

    def learn(self, model_id: str, request: Request, usage: Usage) -> None:
        """Of each answer that tells its usage."""
        self.learn_from(model_id, estimate_request(request), usage)

    def learn_from(self, model_id: str, expected: int, usage: Usage) -> None:
        """As `learn`, of a request that was estimated before."""
        actual = usage.whole_input
        if expected <= 0 or actual <= 0:
            return
        seen = min(max(actual / expected, LEAST_FACTOR), MOST_FACTOR)
        key = self._key(model_id)
        with self._lock:
            known = self._factors.get(key, 1.0)
            self._factors[key] = known + _WEIGHT * (seen - known)

    def counted(self, target: Target, request: Request, *, may_ask: bool = True) -> Counted:
        """By the model where it can be asked: that is a call, for which there may be no time.
        What was counted before is known in any case. Raises nothing.
        """
        spec = self._registry.of(target.model_id)
        if self._count is None or spec is None or not spec.takes(Capability.COUNT_TOKENS):
            return self._estimate(target, request)
        base = Target(model_id=spec.base_id, region=target.region)
        key = _digest(base, request)
        if (known := self._known(key)) is not None:
            return Counted(tokens=known, exact=True)
        if key is None or not may_ask or self._is_silent(base):
            return self._estimate(target, request)
        tokens = self._asked(base, request)
        if tokens is None:
            self._silence(base)
            return self._estimate(target, request)
        self._keep(key, tokens)
        return Counted(tokens=tokens, exact=True)

    def _asked(self, base: Target, request: Request) -> int | None:
        """None of a failure, and of an answer that is no count."""
        if self._count is None:
            return None
        try:
            tokens: Any = self._count(base, request)
        except Exception:  # noqa: BLE001 - whatever goes wrong, the estimate is there
            return None
        is_count = isinstance(tokens, int) and not isinstance(tokens, bool) and tokens > 0
        return tokens if is_count else None

    def _estimate(self, target: Target, request: Request) -> Counted:
        return Counted(tokens=self.estimated(target.model_id, request), exact=False)

    def _key(self, model_id: str) -> str:
        spec = self._registry.of(model_id)
        return model_id if spec is None else spec.base_id

    def _known(self, key: str | None) -> int | None:
        with self._lock:
            if key is None or key not in self._counts:
                return None
            self._counts.move_to_end(key)
            return self._counts[key]

    def _keep(self, key: str, tokens: int) -> None:
        with self._lock:
            self._counts[key] = tokens
            while len(self._counts) > self._kept:
                self._counts.popitem(last=False)

    def _is_silent(self, base: Target) -> bool:
        with self._lock:
            return self._clock() < self._silent_until.get(base, -math.inf)

    def _silence(self, base: Target) -> None:
        with self._lock:
            self._silent_until[base] = self._clock() + self._pause


def _digest(base: Target, request: Request) -> str | None:
    """Of what is counted: the same question to the same model has the same count.

    None for what is no JSON, which is not sent either.
    """
    parts = [base.model_id, request.system, request.messages, request.tools]
    try:
        text = json.dumps(parts, default=repr)
    except (TypeError, ValueError, RecursionError):
        return None
    return hashlib.sha256(text.encode()).hexdigest()
