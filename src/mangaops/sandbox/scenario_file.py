"""The scenario format, `mangaops.scenario/1`: what a file may say.

A scenario is the normal world and what differs from it: metrics and logs from an onset
on, resources by ordinary AWS calls, Redis commands, the past of the ECS service, and
faults. `extends` takes everything of another scenario first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mangaops.sandbox.telemetry.changes import Change
from mangaops.sandbox.telemetry.log_mix import LogMix
from mangaops.sandbox.telemetry.minutes import Minutes
from mangaops.sandbox.telemetry.shapes import Fixed, Latency, Level, Rate, Shape

SCHEMA = "mangaops.scenario/1"

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
_Metric = Annotated[str, StringConstraints(pattern=r"^[A-Za-z/]+:[A-Za-z_]+$")]
_CallName = Annotated[str, StringConstraints(pattern=r"^[a-z-]+\.[A-Z][A-Za-z]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(_Part):
    """What `mangaops diagnose` must conclude."""

    status: Literal["healthy", "diagnosed", "inconclusive"]
    diagnosis: str
    verdict: Literal["confirmed", "likely", "none"]


class Arguments(_Part):
    """What must be typed: `set` is for `--set`, `answers` for `--answer`."""

    set: Mapping[str, str] = {}
    answers: Mapping[str, str] = {}


class MetricPart(_Part):
    """One metric from `since` (default: the onset) until `until` (default: for ever).

    Exactly one of: p50 with p95, level, rate, values, factor, `missing: true`, stops.
    """

    metric: _Metric
    where: Mapping[str, str | tuple[str, ...]] = {}
    since: Minutes | None = None
    until: Minutes | None = None
    p50: float | None = Field(default=None, gt=0)
    p95: float | None = Field(default=None, gt=0)
    cap: float | None = None
    level: float | None = None
    noise: float = 0.0
    to: float | None = None
    rate: float | None = Field(default=None, ge=0)
    values: tuple[float, ...] | None = None
    factor: float | None = None
    missing: Literal[True] | None = None
    stops: Minutes | None = None

    @model_validator(mode="after")
    def _one_way(self) -> MetricPart:
        ways = ("p50", "level", "rate", "values", "factor", "missing", "stops")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(ways)}")
        if (self.p50 is None) != (self.p95 is None):
            raise ValueError("p50 and p95 belong together")
        return self

    def change(self, onset: float, reach: float) -> Change:
        """`reach` is how far back there is any telemetry: `missing` begins there."""
        since = onset if self.since is None else self.since
        if self.missing and self.since is None:
            since = reach
        if self.stops is not None:
            since = self.stops
        return Change(
            metric=self.metric,
            where={
                label: (values,) if isinstance(values, str) else values
                for label, values in self.where.items()
            },
            since=since,
            until=self.until,
            shape=self._shape(),
            factor=self.factor,
        )

    def _shape(self) -> Shape | None:
        if self.p50 is not None and self.p95 is not None:
            return Latency(p50=self.p50, p95=self.p95, cap=self.cap)
        if self.level is not None:
            return Level(level=self.level, noise=self.noise, until=self.to)
        if self.rate is not None:
            return Rate(per_minute=self.rate)
        return None if self.values is None else Fixed(values=self.values)


class AwsCall(_Part):
    """One call through the sandbox's own endpoint. In texts `${ago:40m}` is a time in
    ISO 8601, `${account}` and `${region}` are the sandbox's, and `${name}` is what an
    earlier call of the scenario saved (`save: {name: Items.0.Id}`).
    """

    call: _CallName
    parameters: Mapping[str, Any] = Field(alias="with", default={})
    save: Mapping[str, str] = {}


class ParameterWrite(_Part):
    """A new version of an SSM parameter, written `ago`."""

    name: str
    value: str
    ago: Minutes


class Deployment(_Part):
    ago: Minutes
    took: Minutes = 3.0


class StoppedTask(_Part):
    ago: Minutes
    reason: str = "Essential container in task exited"
    exit_code: int | None = 137


class Past(_Part):
    """What happened to the ECS service, which no call can write."""

    deployments: tuple[Deployment, ...] = ()
    stopped_tasks: tuple[StoppedTask, ...] = ()


class Search(_Part):
    """The search collection: OCU in use, the index's ef_search, the latency of its data
    plane, and whether it is in a collection group.
    """

    ocu: float | None = None
    ef_search: int | None = None
    latency_ms: float | None = None
    grouped: bool = True


class Issue(_Part):
    """An AWS Health event that began `ago` and is open, unless it `ended`."""

    service: str
    ago: Minutes
    ended: Minutes | None = None
    description: str


class Health(_Part):
    """AWS Health; without a support plan (`subscribed: false`) it cannot be asked."""

    subscribed: bool = True
    issues: tuple[Issue, ...] = ()


class Retired(_Part):
    """A foundation model by its base id that reached its end of life `ago`."""

    model: str
    ago: Minutes


class ScenarioFile(_Part):
    """A whole file. `onset` is when the incident began, `history` how long the normal
    time before it is, both counted back from the start of the sandbox.
    """

    schema_name: Literal["mangaops.scenario/1"] = Field(alias="schema")
    name: _Name
    title: str
    runbook: str
    description: str = ""
    extends: _Name | None = None
    arguments: Arguments = Arguments()
    expect: Expectation
    onset: Minutes = 20.0
    history: Minutes = 60.0
    query_seconds: float | None = None
    metrics: tuple[MetricPart, ...] = ()
    logs: LogMix = LogMix()
    parameters: tuple[ParameterWrite, ...] = ()
    resources: tuple[AwsCall, ...] = ()
    redis: tuple[tuple[str | int | float, ...], ...] = ()
    past: Past = Past()
    search: Search = Search()
    health: Health = Health()
    retired: tuple[Retired, ...] = ()
    faults: tuple[str | Mapping[str, Any], ...] = ()
