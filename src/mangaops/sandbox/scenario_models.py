"""How models answer and how they fail, as a scenario or the path `/_sandbox/models` says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from mangaops.errors import InputError
from mangaops.sandbox.scenario_faults import FaultPart
from mangaops.sandbox.scenario_parts import Part
from mangaops.sandbox.world import World


class PacePart(Part):
    """How a model answers under one version of a prompt (`*`: those without a pace of their
    own), in real time; what is not said is as `Pace` has it.
    """

    intent: str
    version: str
    first_token_ms: float = Field(gt=0)
    tokens_per_s: float = Field(gt=0)
    output_tokens: float = Field(ge=1)
    first_token_spread: float = Field(default=0.25, ge=0)
    speed_spread: float = Field(default=0.0, ge=0)
    output_spread: float = Field(default=0.0, ge=0)
    per_1000_input_ms: float = Field(default=0.0, ge=0)
    slow_share: float = Field(default=0.0, ge=0, le=1)
    slow_factor: float = Field(default=3.0, ge=1)
    failure_share: float = Field(default=0.0, ge=0, le=1)
    failure: str = "ThrottlingException"


class Models(Part):
    """Bedrock Runtime. All of its times are `speed` times the real ones (0: none at all), and
    so is what a benchmark measures; ratios are as they are in real time. What is not given
    stays as it is: at first `speed` is 1, recommendations have their usual paces, and nothing
    fails. `faults` replace those before; their time begins, and their chances are drawn anew
    from `seed`.
    """

    speed: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    paces: tuple[PacePart, ...] = ()
    faults: tuple[FaultPart, ...] | None = None
    seed: int = 1


def read_models(body: Mapping[str, Any]) -> Models:
    """What a request to `/_sandbox/models` asks for; raises InputError at its first mistake."""
    try:
        return Models.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(key) for key in first["loc"])
        raise InputError(f"{place}: {first['msg']}", where="/_sandbox/models") from None


def set_models(world: World, models: Models) -> None:
    from mangaops.sandbox.services.bedrock_runtime import (  # noqa: PLC0415 - a scenario is read without the extra
        BedrockRuntimeState,
        Pace,
    )

    state = world.state(BedrockRuntimeState)
    if models.speed is not None:
        state.speed = models.speed
    for part in models.paces:
        pace = part.model_dump(exclude={"intent", "version"})
        state.paces[part.intent, part.version] = Pace(**pace)
    if models.faults is not None:
        state.set_faults([fault for part in models.faults for fault in part.faults()], models.seed)
