"""One answer of a model: who is asked, what it says, how long it takes, how it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice

from mangaops.sandbox.listen import Drop
from mangaops.sandbox.overlay import Call, Fault
from mangaops.sandbox.services.bedrock import BedrockState, Model, base_id
from mangaops.sandbox.services.bedrock_runtime.pace import Drawn
from mangaops.sandbox.services.bedrock_runtime.state import (
    MESSAGES,
    STATUS,
    BedrockRuntimeState,
    ModelFault,
    Where,
)
from mangaops.sandbox.services.bedrock_runtime.text import Prompt, invalid, pieces
from mangaops.sandbox.services.bedrock_runtime.version import version_of
from mangaops.sandbox.world import World

NAMESPACE = "AWS/Bedrock"
EVENT_S = 0.005
"""Tokens that come within so much time are one event of a stream, as they are in AWS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model will say. Times are seconds; `fault` is one within the answer.

    `asked_at` is a reading of the monotonic clock, from which all of its times count.
    """

    model_id: str
    pieces: tuple[str, ...]
    input_tokens: int
    stop_reason: str
    asked_at: float
    first_token_s: float
    token_s: float
    pieces_an_event: int
    fault: ModelFault | None

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def seconds(self) -> float:
        return self.at(len(self.pieces) - 1)

    def at(self, piece: int) -> float:
        """When a piece comes; the first is number 0."""
        return self.first_token_s + self.token_s * max(piece, 0)

    @property
    def milliseconds(self) -> int:
        return round(self.seconds * 1000)


def resolve(world: World, model_id: str, *, bare: bool = False) -> Model:
    """The foundation model behind an id. `bare` allows a base id where a profile is needed.

    Raises ResourceNotFoundException for one that is unknown or past its end of life, and
    ValidationException for a base id that only a profile reaches.
    """
    model = world.state(BedrockState).models.get(base_id(model_id))
    name = model_id.rpartition("/")[2]
    scope = name.partition(".")[0] if name != base_id(model_id) else None
    if model is None or (scope is not None and scope not in model.scopes):
        message = "Could not resolve the foundation model from the provided model identifier."
        raise Fault("ResourceNotFoundException", message, 404)
    if model.is_gone(world.now()):
        message = (
            "This model version has reached the end of its life. Please refer to the AWS "
            "documentation for more details."
        )
        raise Fault("ResourceNotFoundException", message, 404)
    if scope is None and not model.on_demand and not bare:
        raise invalid(
            f"Invocation of model ID {name} with on-demand throughput isn't supported. Retry "
            "your request with the ID or ARN of an inference profile that contains this model."
        )
    return model


def ask(world: World, call: Call, prompt: Prompt, model: Model) -> Answer:
    """Ask a model: the answer, or the error of a fault that strikes the call itself."""
    state = world.state(BedrockRuntimeState)
    asked_at = state.monotonic()
    model_id = call.params["modelId"]
    if prompt.tokens > model.context_tokens:
        count(world, model_id, InvocationClientErrors=1)
        raise invalid("Input is too long for requested model.")
    fault = state.strike(model_id, call.operation)
    if fault is not None and fault.where is Where.CALL:
        raise refuse(world, model_id, fault)
    drawn = state.drawn(version_of(world, prompt), prompt.tokens)
    if drawn is not None and drawn.failure is not None:
        raise refuse(world, model_id, ModelFault(code=drawn.failure))
    said = _words(state, prompt, fault, drawn)
    first_token_s, token_s = _times(state, model, drawn)
    return Answer(
        model_id=model_id,
        pieces=tuple(said[: prompt.max_tokens]),
        input_tokens=prompt.tokens,
        stop_reason="end_turn" if len(said) <= prompt.max_tokens else "max_tokens",
        asked_at=asked_at,
        first_token_s=first_token_s,
        token_s=token_s,
        pieces_an_event=1 if drawn is None else _pieces_an_event(token_s, drawn.tokens),
        fault=fault,
    )


def _words(
    state: BedrockRuntimeState, prompt: Prompt, fault: ModelFault | None, drawn: Drawn | None
) -> list[str]:
    """What is said, in pieces: over and over until it has the length that was drawn."""
    if fault is not None and fault.where is Where.OUTPUT:
        return pieces(fault.text)
    said = pieces(state.reply(prompt.last))
    return said if drawn is None else list(islice(cycle(said), drawn.tokens))


def _times(state: BedrockRuntimeState, model: Model, drawn: Drawn | None) -> tuple[float, float]:
    """Seconds to the first token, and between two tokens."""
    if drawn is None:
        return state.first_token_s(model.id), state.token_s(model.id)
    return drawn.first_token_s * state.speed, drawn.token_s * state.speed


def _pieces_an_event(token_s: float, tokens: int) -> int:
    return max(1, round(EVENT_S / token_s)) if token_s else tokens


def refuse(world: World, model_id: str, fault: ModelFault) -> Fault:
    """The AWS error of a fault, counted in the metric that AWS counts it in."""
    status = STATUS.get(fault.code, 400)
    if fault.code == "ThrottlingException":
        count(world, model_id, InvocationThrottles=1)
    elif status >= 500 or fault.code in {"ModelErrorException", "ModelTimeoutException"}:
        count(world, model_id, InvocationServerErrors=1)
    else:
        count(world, model_id, InvocationClientErrors=1)
    error = error_of(fault)
    error.delay_s = fault.delay_s
    return error


def error_of(fault: ModelFault) -> Fault:
    message = fault.message or MESSAGES.get(fault.code, fault.code)
    fields = {}
    if fault.code == "ModelStreamErrorException":
        fields = {"originalStatusCode": 500, "originalMessage": message}
    return Fault(fault.code, message, STATUS.get(fault.code, 400), fields)


def spoken(world: World, answer: Answer) -> Iterator[str]:
    """The pieces of a streamed answer at the model's pace, up to a fault in the stream.

    Raises the error that goes into the stream, or Drop for a connection that is cut;
    a truncated answer just ends, and `is_whole` says so.
    """
    state = world.state(BedrockRuntimeState)
    fault = answer.fault
    strikes = fault is not None and fault.where in {Where.STREAM, Where.CUT, Where.TRUNCATED}
    limit = fault.after if fault is not None and strikes else len(answer.pieces)
    for start, end in _events(answer, min(limit, len(answer.pieces))):
        _pause(state, answer, end - 1)
        yield "".join(answer.pieces[start:end])
    if fault is not None and fault.where is Where.STREAM:
        raise error_of(fault)
    if fault is not None and fault.where is Where.CUT:
        raise Drop(answer.model_id)


def _events(answer: Answer, limit: int) -> Iterator[tuple[int, int]]:
    """Which pieces come together: the first one alone, as soon as it is there."""
    start = 0
    while start < limit:
        end = min(limit, start + (answer.pieces_an_event if start else 1))
        yield start, end
        start = end


def is_whole(answer: Answer) -> bool:
    """Whether the stream comes to its proper end."""
    return answer.fault is None or answer.fault.where is not Where.TRUNCATED


def succeed(world: World, answer: Answer, *, streamed: bool) -> None:
    """Publish what AWS publishes of a call that succeeded."""
    count(
        world,
        answer.model_id,
        Invocations=1,
        OutputTokenCount=len(answer.pieces),
        InputTokenCount=answer.input_tokens,
    )
    measure(world, answer.model_id, "InvocationLatency", answer.milliseconds)
    if streamed:
        measure(world, answer.model_id, "TimeToFirstToken", round(answer.first_token_s * 1000))


def count(world: World, model_id: str, **metrics: float) -> None:
    for name, value in metrics.items():
        _put(world, model_id, name, value, "Count")


def measure(world: World, model_id: str, name: str, milliseconds: float) -> None:
    _put(world, model_id, name, milliseconds, "Milliseconds")


def _put(world: World, model_id: str, name: str, value: float, unit: str) -> None:
    at = world.now().timestamp()
    dimensions = {"ModelId": model_id.rpartition("/")[2]}
    world.metrics.put(NAMESPACE, name, dimensions, at, [value], unit=unit)


def _pause(state: BedrockRuntimeState, answer: Answer, piece: int) -> None:
    """Until a piece is due: an absolute moment, so that late wake-ups do not add up."""
    seconds = answer.asked_at + answer.at(piece) - state.monotonic()
    if seconds > 0:
        state.sleep(seconds)
