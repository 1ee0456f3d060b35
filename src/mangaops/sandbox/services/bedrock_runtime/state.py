"""How the models answer: their speed, their words, and the faults that they are given."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random

from mangaops.sandbox.services.bedrock import HAIKU, SONNET
from mangaops.sandbox.services.bedrock_runtime.pace import ANY, USUAL, Drawn, Pace, Version, draw
from mangaops.sandbox.world import World

RECOMMENDATION = (
    "If you liked Fullmetal Alchemist, try Hunter x Hunter: the same found family and rules "
    "of magic that hold. Vinland Saga is darker, and Witch Hat Atelier is the gentlest."
)
AS_JSON = (
    '{"response_text": "Try Hunter x Hunter.", "recommendations": '
    '[{"product_id": "manga-0001", "title": "Hunter x Hunter"}]}'
)


class Where(StrEnum):
    """At which point of a call a fault strikes."""

    CALL = "call"
    """Instead of an answer: an error with an HTTP status."""
    STREAM = "stream"
    """An error inside the stream, after HTTP 200 and some text."""
    CUT = "cut"
    """The connection is dropped in the middle of the stream, or instead of an answer."""
    TRUNCATED = "truncated"
    """The stream ends without its last events, as if it were complete."""
    OUTPUT = "output"
    """The model answers, but with `text`."""


STATUS: Mapping[str, int] = {
    "ThrottlingException": 429,
    "ModelNotReadyException": 429,
    "ServiceUnavailableException": 503,
    "InternalServerException": 500,
    "ModelTimeoutException": 408,
    "ModelErrorException": 424,
    "ModelStreamErrorException": 424,
    "ValidationException": 400,
    "ServiceQuotaExceededException": 400,
    "AccessDeniedException": 403,
    "ResourceNotFoundException": 404,
}
MESSAGES: Mapping[str, str] = {
    "ThrottlingException": "Too many tokens, please wait before trying again.",
    "ModelNotReadyException": "The model is not ready for inference. Try again.",
    "ServiceUnavailableException": "Bedrock is unable to process your request.",
    "InternalServerException": "The system encountered an unexpected error during processing.",
    "ModelTimeoutException": "Model has timed out in processing the request. Try again.",
    "ModelErrorException": "The request failed due to an error while processing the model.",
    "ModelStreamErrorException": "The model stopped in the middle of its answer.",
    "ValidationException": "Input is too long for requested model.",
    "AccessDeniedException": "You don't have access to the model with the specified model ID.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFault:
    """A fault of matching models (`*sonnet*`), of a share of the calls, or of the first `times`.

    `after` is how many pieces of text come before a fault in the stream, `delay_s` how
    long a fault of the call takes to come (a time-out).
    """

    model: str = "*"
    operation: str = "*"
    code: str = "ThrottlingException"
    message: str | None = None
    where: Where = Where.CALL
    share: float = 1.0
    times: int | None = None
    after: int = 3
    delay_s: float = 0.0
    text: str = "{not json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A model's speed: median time to the first token, its spread, tokens a second."""

    first_token_ms: float
    tokens_per_s: float
    spread: float = 0.25


class BedrockRuntimeState:
    """`faults` are tried in order; `timing` is by base id. `speed` 0 answers without delay.

    `paces` are by intent and version of the prompt, and come before `timing`. `reply` makes
    an answer of the last user text; `sleep` is called without the world's lock.
    """

    def __init__(self, world: World) -> None:
        del world
        self.random = Random("bedrock-runtime")  # noqa: S311 - latencies, not secrets
        self.faults: list[ModelFault] = []
        self.struck: dict[ModelFault, int] = {}
        self.timing: dict[str, Timing] = {
            SONNET: Timing(first_token_ms=420, tokens_per_s=120),
            HAIKU: Timing(first_token_ms=160, tokens_per_s=200),
        }
        self.paces: dict[Version, Pace] = dict(USUAL)
        self.asked: dict[Version, int] = {}
        self.speed = 1.0
        self.reply: Callable[[str], str] = default_reply
        self.sleep: Callable[[float], None] = time.sleep
        self.monotonic: Callable[[], float] = time.monotonic

    def strike(self, model_id: str, operation: str) -> ModelFault | None:
        """The fault that this call meets, if any; counts it."""
        for fault in self.faults:
            if not fnmatchcase(model_id, fault.model):
                continue
            if not fnmatchcase(operation, fault.operation):
                continue
            count = self.struck.get(fault, 0)
            if fault.times is not None and count >= fault.times:
                continue
            if fault.share < 1.0 and self.random.random() >= fault.share:
                continue
            self.struck[fault] = count + 1
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
