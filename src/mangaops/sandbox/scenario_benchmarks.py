"""What a scenario file says of benchmark runs that were stored before: the key `benchmarks`."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, model_validator

from mangaops.sandbox.scenario_parts import Part
from mangaops.sandbox.telemetry.minutes import Minutes


class Pace(Part):
    """How one version of one intent answered: quantiles of the whole answer in ms, the mean
    time to the first token, and the mean tokens of prompt and answer. `template` is the text
    that was measured, where it is not that of the prompt table. `failures` is the share of
    calls that were throttled.
    """

    version: str
    p50: float = Field(gt=0)
    p95: float = Field(gt=0)
    first_token: float = Field(gt=0)
    prompt: int = Field(gt=0)
    output: int = Field(gt=1)
    template: str | None = None
    failures: float = Field(default=0, ge=0, le=1)

    @model_validator(mode="after")
    def _grows(self) -> Pace:
        if self.p95 <= self.p50:
            raise ValueError("p95 is above p50")
        return self


class StoredRun(Part):
    """A run that began `ago`: of what was active (one pace an intent), or two versions at once.

    `samples` is for each intent and version.
    """

    ago: Minutes
    samples: int = Field(default=200, ge=20, le=2000)
    intents: Mapping[str, tuple[Pace, ...]]

    @model_validator(mode="after")
    def _same_arms(self) -> StoredRun:
        if {len(paces) for paces in self.intents.values()} not in ({1}, {2}):
            raise ValueError("every intent has one pace, or every intent has two")
        return self

    @property
    def arms(self) -> tuple[str, ...]:
        """As `bench run` names them: the versions of what changes, or what is active."""
        changing = [paces for paces in self.intents.values() if len(paces) == 2]
        if not changing:
            return ("active",)
        both = [tuple(pace.version for pace in paces) for paces in changing]
        return next((pair for pair in both if pair[0] != pair[1]), both[0])
