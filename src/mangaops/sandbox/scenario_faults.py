"""The faults of models as a scenario or `PUT /_sandbox/models` says them.

models:
  faults:
    - {chaos: throttled-with-hint, model: "*sonnet*"}
    - {where: nothing, times: 3}
    - {code: ServiceUnavailableException, region: ap-northeast-1, from_s: 10, for_s: 60}
"""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatchcase

from pydantic import Field, field_validator, model_validator

from mangaops.errors import nearest
from mangaops.sandbox.model_chaos import CHAOS, Reach
from mangaops.sandbox.model_faults import (
    COUNT_TOKENS,
    STATUS,
    Block,
    BlockKind,
    Hint,
    ModelFault,
    Where,
)
from mangaops.sandbox.scenario_parts import Part

OPERATIONS = (
    "Converse",
    "ConverseStream",
    "InvokeModel",
    "InvokeModelWithResponseStream",
    COUNT_TOKENS,
)
_LASTING = frozenset({Where.SILENCE, Where.SLOW, Where.STALL, Where.PINGS})
_PLACES = frozenset({"model", "region", "operation", "from_s", "for_s", "share", "times"})
"""What can be said of a named fault: whom and when it strikes."""


class BlockPart(Part):
    kind: BlockKind = BlockKind.TEXT
    text: str = ""
    name: str = "search_catalogue"

    @model_validator(mode="after")
    def _sound(self) -> BlockPart:
        if self.kind is BlockKind.TOOL_USE:
            try:
                json.loads(self.text or "{}")
            except ValueError:
                raise ValueError("the text of a tool_use is its input as JSON") from None
        return self


class FaultPart(Part):
    """One fault, with the fields of `ModelFault`; or `chaos`, the name of one, with whom and
    when it strikes.
    """

    chaos: str | None = None
    model: str = "*"
    region: str = "*"
    operation: str = "*"
    where: Where = Where.CALL
    code: str = "ThrottlingException"
    message: str | None = None
    status: int | None = Field(default=None, ge=400, le=599)
    retry_after_s: float | None = Field(default=None, allow_inf_nan=False)
    hint: Hint = Hint.SECONDS
    share: float = Field(default=1.0, ge=0, le=1)
    times: int | None = Field(default=None, ge=1)
    from_s: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    for_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    after: int = Field(default=3, ge=0)
    byte: int = Field(default=150, ge=1)
    delay_s: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    every_s: float = Field(default=0.05, gt=0, allow_inf_nan=False)
    text: str = "{not json"
    stop_reason: str | None = None
    blocks: tuple[BlockPart, ...] = ()

    @field_validator("chaos")
    @classmethod
    def _named(cls, name: str | None) -> str | None:
        if name is None:
            return None
        if name not in CHAOS:
            raise ValueError(f"no fault is named {name}; {nearest(name, tuple(CHAOS))}")
        if CHAOS[name].reach is not Reach.SERVED:
            raise ValueError(f"{name} is no fault of a model: connect to another port")
        return name

    @field_validator("operation")
    @classmethod
    def _operation(cls, pattern: str) -> str:
        if not any(fnmatchcase(operation, pattern) for operation in OPERATIONS):
            raise ValueError(f"{pattern} is none of {', '.join(OPERATIONS)}")
        return pattern

    @model_validator(mode="after")
    def _sound(self) -> FaultPart:
        given = self.model_fields_set - {"chaos"}
        if self.chaos is not None and not given <= _PLACES:
            surplus = ", ".join(sorted(given - _PLACES))
            raise ValueError(f"{self.chaos} says itself what is wrong: leave out {surplus}")
        if self.status is None and self.code not in STATUS:
            told = nearest(self.code, tuple(STATUS))
            raise ValueError(f"{self.code} is no error of Bedrock Runtime (or give status); {told}")
        if self.chaos is None and self.where in _LASTING and self.delay_s == 0:
            raise ValueError(f"{self.where} needs delay_s: how long it lasts")
        return self

    def faults(self) -> tuple[ModelFault, ...]:
        if self.chaos is not None:
            own = {name: getattr(self, name) for name in self.model_fields_set & _PLACES}
            return tuple(replace(fault, **own) for fault in CHAOS[self.chaos].faults)
        said = self.model_dump(exclude={"chaos", "blocks"})
        blocks = tuple(Block(**block.model_dump()) for block in self.blocks)
        return (ModelFault(**said, blocks=blocks),)
