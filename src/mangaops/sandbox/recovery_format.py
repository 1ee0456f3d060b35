"""When an incident subsides: `recovery` of a scenario file.

    recovery:
      takes: 15m
      when:                                  any one of them
        - {deployed: true}                   all that a condition names
        - {tasks: 8}
        - {environment: {CHUNK_BATCH_SIZE: "1", HEARTBEAT_INTERVAL_S: {at_most: 30}}}

While a condition holds, the last `takes` of the scenario's telemetry, and all that comes,
is as in the normal world, but for `metrics`. A remedy that brings about none of them
changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mangaops.sandbox.scenario_parts import MetricPart, Part
from mangaops.sandbox.telemetry.minutes import Minutes


class Bound(Part):
    """A number within limits, whichever of them is given."""

    at_least: float | None = None
    at_most: float | None = None


Wanted = str | Bound
"""A text, or the limits of a number."""


class Condition(Part):
    """A state of the world; each member that is given must hold.

    `deployed`: an ECS deployment has completed since the sandbox started. `environment`:
    variables of the newest task definition that was deployed completely. `tasks`: so many
    are wanted and run. `parameters`: values of SSM parameters. `group_minimum`: of the
    search group, and the capacity is there. `ef_search`: of the index. `searches`: k-NN
    queries since the start. `prompt`: intent and its active version. `cache: fresh`: no
    answer lists what is sold out. `mapping: enabled`: the invalidator listens to the
    inventory's present stream.
    """

    deployed: Literal[True] | None = None
    environment: Mapping[str, Wanted] = {}
    tasks: int | None = None
    parameters: Mapping[str, Wanted] = {}
    group_minimum: float | None = None
    ef_search: str | None = None
    searches: int | None = None
    prompt: Mapping[str, str] = {}
    cache: Literal["fresh"] | None = None
    mapping: Literal["enabled"] | None = None

    @model_validator(mode="after")
    def _something(self) -> Condition:
        if not self.model_fields_set:
            raise ValueError("a condition names at least one thing")
        return self


class Recovery(Part):
    """`metrics` differ from the normal world after the remedy (more OCU in use)."""

    takes: Minutes
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    metrics: tuple[MetricPart, ...] = ()
