"""The models that may be asked: their limits, and which parameters each of them takes.

Rule: keyed by base model. A profile's geographic prefix is stripped, also one that is newer
than this module, an ARN is read for the id at its end; an application profile or provisioned
throughput, whose id says nothing, is looked up in `profiles` or by `resolve`. What a model is
not known to take is not sent to it.
Known cost: a new model must be registered (by configuration) before it is asked.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mangaops.model.model_ids import base_id_of, is_opaque, name_of


class Capability(StrEnum):
    """What a model takes, or an interface knows of it."""

    TEMPERATURE = "temperature"
    TOP_P = "top_p"
    TEMPERATURE_WITH_TOP_P = "temperature_with_top_p"
    TOP_K = "top_k"
    PREFILL = "prefill"
    """The last message may be the assistant's: the answer goes on from it."""
    STOP_SEQUENCES = "stop_sequences"
    TOOLS = "tools"
    PROMPT_CACHE = "prompt_cache"
    COUNT_TOKENS = "count_tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """`name` is what logs and metrics call the model (`sonnet`).

    `context_tokens` is for input and output together.
    """

    base_id: str
    name: str
    context_tokens: int
    max_output_tokens: int
    capabilities: frozenset[Capability] = frozenset()

    def takes(self, capability: Capability) -> bool:
        return capability in self.capabilities


_PREFIX = re.compile(r"[a-z]{2,8}(?:-[a-z]{2,8})?\.")
"""A geography; what it stands before must be registered."""
_MOST_LOOKUPS = 4
"""A profile may lead to another."""


class Registry:
    """Knows models by any id that a call may name them with. Used by several threads at once.

    `profiles` maps ids or ARNs of application profiles and provisioned throughput to what
    they stand for. `resolve` is asked for those that are in neither (GetInferenceProfile: the
    ARN of the profile's first model), and what it finds is kept. When it answers None, or
    raises, it is asked again after `pause` seconds of `clock`.
    """

    def __init__(
        self,
        specs: Iterable[ModelSpec] | None = None,
        *,
        profiles: Mapping[str, str] | None = None,
        resolve: Callable[[str], str | None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: float = 60.0,
    ) -> None:
        chosen = DEFAULT_MODELS if specs is None else tuple(specs)
        self._specs = {spec.base_id: spec for spec in chosen}
        self._profiles = dict(profiles or {})
        self._resolve = resolve
        self._found: dict[str, ModelSpec] = {}
        self._silent_until: dict[str, float] = {}
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[ModelSpec]:
        return iter(self._specs.values())

    def of(self, model_id: str) -> ModelSpec | None:
        """None for a model that nobody registered, or that could not be looked up now."""
        found = self._found.get(model_id)
        if found is not None:
            return found
        meant: str | None = model_id
        for _ in range(_MOST_LOOKUPS):
            if meant is None or (found := self._registered(meant)) is not None:
                break
            meant = self._profiles.get(meant) or self._asked(meant)
        if found is not None:
            self._found[model_id] = found
        return found

    def name_of(self, model_id: str) -> str:
        """The short name, `other` for a model that is not registered: it labels metrics."""
        found = self.of(model_id)
        return "other" if found is None else found.name

    def _registered(self, model_id: str) -> ModelSpec | None:
        base_id = base_id_of(model_id)
        known = self._specs.get(base_id)
        was_bare = name_of(model_id).startswith(base_id)
        if known is None and was_bare and _PREFIX.match(base_id):
            return self._specs.get(base_id.partition(".")[2])
        return known

    def _asked(self, model_id: str) -> str | None:
        if self._resolve is None or not is_opaque(model_id):
            return None
        with self._lock:
            if self._clock() < self._silent_until.get(model_id, -math.inf):
                return None
        try:
            meant = self._resolve(model_id)
        except Exception:  # noqa: BLE001 - a look-up that failed is repeated later
            meant = None
        if meant is None:
            with self._lock:
                self._silent_until[model_id] = self._clock() + self._pause
        return meant


_CLAUDE_3 = frozenset(Capability) - {Capability.PROMPT_CACHE, Capability.COUNT_TOKENS}
_CLAUDE_35_V2 = _CLAUDE_3 | {Capability.COUNT_TOKENS}
_CLAUDE_45 = frozenset(Capability) - {Capability.TEMPERATURE_WITH_TOP_P}
_CLAUDE_46 = _CLAUDE_45 - {Capability.PREFILL}


def _claude(base_id: str, name: str, most: int, takes: frozenset[Capability]) -> ModelSpec:
    return ModelSpec(
        base_id=base_id,
        name=name,
        context_tokens=200_000,  # without the beta for a million
        max_output_tokens=most,
        capabilities=takes,
    )


DEFAULT_MODELS: tuple[ModelSpec, ...] = (
    _claude("anthropic.claude-sonnet-4-6", "sonnet", 64_000, _CLAUDE_46),
    _claude("anthropic.claude-haiku-4-5-20251001-v1:0", "haiku", 64_000, _CLAUDE_45),
    _claude("anthropic.claude-sonnet-4-5-20250929-v1:0", "sonnet", 64_000, _CLAUDE_45),
    _claude("anthropic.claude-3-5-sonnet-20241022-v2:0", "sonnet", 8192, _CLAUDE_35_V2),
    _claude("anthropic.claude-3-5-sonnet-20240620-v1:0", "sonnet", 4096, _CLAUDE_3),
    _claude("anthropic.claude-3-sonnet-20240229-v1:0", "sonnet", 4096, _CLAUDE_3),
    _claude("anthropic.claude-3-haiku-20240307-v1:0", "haiku", 4096, _CLAUDE_3),
)
"""Anthropic's models that MangaAssist has used; limits as published."""
