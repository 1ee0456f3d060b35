"""How the models answer: their speed, their words, and the faults that they are given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from mangaops.sandbox.listen import pause
from mangaops.sandbox.model_faults import ModelFault
from mangaops.sandbox.services.bedrock import HAIKU, SONNET
from mangaops.sandbox.services.bedrock_runtime.asked import ModelCalls
from mangaops.sandbox.services.bedrock_runtime.pace import ANY, USUAL, Drawn, Pace, Version, draw
from mangaops.sandbox.world import World

RECOMMENDATION = (
    "If you liked Fullmetal Alchemist, try Hunter x Hunter: the same found family and rules "
    "of magic that hold. Vinland Saga is darker, and Witch Hat Atelier is the gentlest."
)
AS_JSON = (
    '{"response_text": "Try Hunter x Hunter.", "recommendations": '
    '[{"product_id": "B00ZI7AGUW", "title": "Hunter x Hunter"}]}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A model's speed: median time to the first token, its spread, tokens a second."""

    first_token_ms: float
    tokens_per_s: float
    spread: float = 0.25


class BedrockRuntimeState:
    """`faults` are tried in order; `timing` is by base id. `speed` 0 answers without delay.

    `paces` are by intent and version of the prompt, and come before `timing`. `reply` makes
    an answer of the last user text; `sleep` is called without the world's lock, and its
    default ends with `listen.HungUp` when the client does not wait any longer. `calls` is the
    provider's view.
    """

    def __init__(self, world: World) -> None:
        del world
        self.random = Random("bedrock-runtime")  # noqa: S311 - latencies, not secrets
        self.faults: list[ModelFault] = []
        self.calls = ModelCalls()
        self.timing: dict[str, Timing] = {
            SONNET: Timing(first_token_ms=420, tokens_per_s=120),
            HAIKU: Timing(first_token_ms=160, tokens_per_s=200),
        }
        self.paces: dict[Version, Pace] = dict(USUAL)
        self.asked: dict[Version, int] = {}
        self.speed = 1.0
        self.reply: Callable[[str], str] = default_reply
        self.sleep: Callable[[float], None] = pause
        self.monotonic: Callable[[], float] = time.monotonic
        self.set_faults(())

    def set_faults(self, faults: Iterable[ModelFault], seed: int = 1) -> None:
        """Replace the faults; their time, their counts and their chances start anew."""
        self.faults[:] = faults
        self._struck: dict[int, int] = {}
        self._chance = Random(f"model-faults/{seed}")  # noqa: S311 - faults, not secrets
        self._since = self.monotonic()

    def strike(self, model_id: str, region: str, operation: str) -> ModelFault | None:
        """The fault that this call meets, if any; counts it."""
        age_s = max(0.0, self.monotonic() - self._since)  # another clock may be put in
        for place, fault in enumerate(self.faults):
            if not fault.meets(model_id, region, operation, age_s):
                continue
            count = self._struck.get(place, 0)
            if fault.times is not None and count >= fault.times:
                continue
            if fault.share < 1.0 and self._chance.random() >= fault.share:
                continue
            self._struck[place] = count + 1
            return fault
        return None

    def drawn(self, version: Version | None, input_tokens: int) -> Drawn | None:
        """The next answer under a version; None when it has no pace. Counts the call."""
        if version is None:
            return None
        pace = self.paces.get(version) or self.paces.get((version[0], ANY))
        if pace is None:
            return None
        number = self.asked[version] = self.asked.get(version, 0) + 1
        return draw(pace, version, number, input_tokens)

    def first_token_s(self, base: str) -> float:
        """A time to first token, lognormal around the model's median, in seconds."""
        timing = self.timing.get(base, self.timing[SONNET])
        factor = self.random.lognormvariate(0.0, timing.spread)
        return timing.first_token_ms / 1000 * factor * self.speed

    def token_s(self, base: str) -> float:
        """The time between two tokens, in seconds."""
        return self.speed / self.timing.get(base, self.timing[SONNET]).tokens_per_s


def default_reply(prompt: str) -> str:
    """A recommendation; as JSON when the prompt asks for JSON."""
    return AS_JSON if "json" in prompt.lower() else RECOMMENDATION
