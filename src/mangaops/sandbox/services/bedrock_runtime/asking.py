"""Asking a model: who is asked, what it will say, and the errors that come instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice

from mangaops.sandbox.listen import Drop, exchange
from mangaops.sandbox.model_faults import COUNT_TOKENS, Block, ModelFault, Where
from mangaops.sandbox.overlay import Call, Fault
from mangaops.sandbox.services.bedrock import BedrockState, Model, base_id
from mangaops.sandbox.services.bedrock_runtime.answer import Answer, Spoken
from mangaops.sandbox.services.bedrock_runtime.asked import ModelCall
from mangaops.sandbox.services.bedrock_runtime.pace import Drawn
from mangaops.sandbox.services.bedrock_runtime.refusal import count, refuse
from mangaops.sandbox.services.bedrock_runtime.state import BedrockRuntimeState
from mangaops.sandbox.services.bedrock_runtime.text import Prompt, invalid, pieces, whole_pieces
from mangaops.sandbox.services.bedrock_runtime.version import version_of
from mangaops.sandbox.world import World

EVENT_S = 0.005
"""Tokens that come within so much time are one event of a stream, as they are in AWS."""


@contextmanager
def written_down(world: World, call: Call) -> Iterator[ModelCall]:
    """The line of a call in the log of calls, and what becomes of it."""
    line = world.state(BedrockRuntimeState).calls.arrived(
        world.now(), model=call.params["modelId"], region=call.region, operation=call.operation
    )
    here = exchange()
    if here is None:
        line.ended = True
    else:
        here.when_over(line.over)
    try:
        yield line
    except Fault as refused:
        line.error, line.status = refused.code, refused.status
        raise
    except Drop:
        line.status = None
        raise


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


def ask(world: World, call: Call, prompt: Prompt, model: Model, line: ModelCall) -> Answer:
    """Ask a model: the answer, or the error of a fault that strikes the call itself."""
    state = world.state(BedrockRuntimeState)
    asked_at = state.monotonic()
    model_id = call.params["modelId"]
    if prompt.tokens > model.context_tokens:
        count(world, model_id, InvocationClientErrors=1)
        raise invalid("Input is too long for requested model.")
    fault = struck(world, call, line)
    drawn = state.drawn(version_of(world, prompt), prompt.tokens)
    if drawn is not None and drawn.failure is not None:
        raise refuse(world, model_id, ModelFault(code=drawn.failure))
    planned, said, stop_reason = _words(state, prompt, fault, drawn)
    first_token_s, token_s = _times(state, model, drawn)
    late_s = fault.delay_s if fault is not None and fault.where is Where.SLOW else 0.0
    answer = Answer(
        model_id=model_id,
        planned=planned,
        pieces=tuple(said[: prompt.max_tokens]),
        input_tokens=prompt.tokens,
        stop_reason=stop_reason if len(said) <= prompt.max_tokens else "max_tokens",
        asked_at=asked_at,
        first_token_s=first_token_s + late_s,
        token_s=token_s,
        pieces_an_event=1 if drawn is None else _pieces_an_event(token_s, drawn.tokens),
        fault=fault,
        call=line,
    )
    return _begun(answer, streamed=call.operation.endswith("Stream"))


def struck(world: World, call: Call, line: ModelCall) -> ModelFault | None:
    """The fault within the answer. Raises that of the call itself: an error, or Drop."""
    model_id = call.params["modelId"]
    state = world.state(BedrockRuntimeState)
    fault = state.strike(model_id, call.region, call.operation)
    if fault is None or fault.where is Where.NOTHING:
        return None
    line.fault = fault.label
    if fault.where is Where.CALL:
        raise refuse(world, model_id, fault)
    if fault.where is Where.RESET:
        raise Drop(model_id)
    if fault.where is Where.SILENCE and call.operation == COUNT_TOKENS:
        raise _silent(fault)
    return fault


def _silent(fault: ModelFault) -> Drop:
    silent = Drop("no answer")
    silent.delay_s = fault.delay_s
    return silent


def _begun(answer: Answer, *, streamed: bool) -> Answer:
    """The answer, which costs from here on. Raises Drop where nothing of it will arrive."""
    silent = answer.fault if answer.is_struck(Where.SILENCE) else None
    answer.call.input_tokens = answer.input_tokens
    if silent is not None or not streamed:
        answer.call.output_tokens = len(answer.pieces)
    if silent is not None:
        raise _silent(silent)
    if answer.is_struck(Where.CUT) and not streamed:
        raise Drop(answer.model_id)
    return answer


def _words(
    state: BedrockRuntimeState, prompt: Prompt, fault: ModelFault | None, drawn: Drawn | None
) -> tuple[tuple[Block, ...], Sequence[Spoken], str]:
    """Blocks, their pieces, and why it ends: what a fault says, else what the model would,
    over and over until it has the length that was drawn.
    """
    if fault is not None and fault.where is Where.OUTPUT:
        blocks = fault.blocks or ((Block(text=fault.text),) if fault.text else ())
        spoken = [(n, each) for n, block in enumerate(blocks) for each in whole_pieces(block.text)]
        return blocks, spoken, fault.stop_reason or "end_turn"
    text = state.reply(prompt.last)
    said = pieces(text)
    if drawn is not None:
        said = list(islice(cycle(said), drawn.tokens))
    return (Block(text=text),), [(0, each) for each in said], "end_turn"


def _times(state: BedrockRuntimeState, model: Model, drawn: Drawn | None) -> tuple[float, float]:
    """Seconds to the first token, and between two tokens."""
    if drawn is None:
        return state.first_token_s(model.id), state.token_s(model.id)
    return drawn.first_token_s * state.speed, drawn.token_s * state.speed


def _pieces_an_event(token_s: float, tokens: int) -> int:
    return max(1, round(EVENT_S / token_s)) if token_s else tokens
