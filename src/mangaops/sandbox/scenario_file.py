"""The scenario format, `mangaops.scenario/1`: what a file may say.

A scenario is the normal world and what differs from it: metrics and logs from an onset
on, resources by ordinary AWS calls, Redis commands, the past of the ECS service, the
pace of the models, faults, and what makes the incident subside. `extends` takes
everything of another scenario first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from mangaops.sandbox.recovery_format import Recovery
from mangaops.sandbox.scenario_benchmarks import StoredRun
from mangaops.sandbox.scenario_models import Models
from mangaops.sandbox.scenario_parts import MetricPart, Part
from mangaops.sandbox.telemetry.log_mix import LogMix
from mangaops.sandbox.telemetry.minutes import Minutes

SCHEMA = "mangaops.scenario/1"

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
_CallName = Annotated[str, StringConstraints(pattern=r"^[a-z-]+\.[A-Z][A-Za-z]+$")]


class Expectation(Part):
    """What `mangaops diagnose` must conclude."""

    status: Literal["healthy", "diagnosed", "inconclusive"]
    diagnosis: str
    verdict: Literal["confirmed", "likely", "none"]


class Arguments(Part):
    """What must be typed: `set` is for `--set`, `answers` for `--answer`."""

    set: Mapping[str, str] = {}
    answers: Mapping[str, str] = {}


class AwsCall(Part):
    """One call through the sandbox's own endpoint. In texts `${ago:40m}` is a time in
    ISO 8601, `${account}` and `${region}` are the sandbox's, and `${name}` is what an
    earlier call of the scenario saved (`save: {name: Items.0.Id}`).
    """

    call: _CallName
    parameters: Mapping[str, Any] = Field(alias="with", default={})
    save: Mapping[str, str] = {}


class ParameterWrite(Part):
    """A new version of an SSM parameter, written `ago`."""

    name: str
    value: str
    ago: Minutes


class Deployment(Part):
    ago: Minutes
    took: Minutes = 3.0


class StoppedTask(Part):
    ago: Minutes
    reason: str = "Essential container in task exited"
    exit_code: int | None = 137


class Past(Part):
    """What happened to the ECS service, which no call can write. `stack` is the name of
    the CloudFormation stack that the service was made by.
    """

    deployments: tuple[Deployment, ...] = ()
    stopped_tasks: tuple[StoppedTask, ...] = ()
    stack: str = ""


class Scaling(Part):
    """The autoscaler: whether there is a scalable target at all, and after how long it
    takes back a desired count above its minimum (never, if not given).
    """

    target: bool = True
    takes_back: Minutes | None = None


class Search(Part):
    """The search collection: OCU in use, the index's ef_search, the latency of its data
    plane with what a cold index adds to it, and whether it is in a collection group.
    """

    ocu: float | None = None
    ef_search: int | None = None
    latency_ms: float | None = None
    cold_ms: float | None = None
    grouped: bool = True


class Issue(Part):
    """An AWS Health event that began `ago` and is open, unless it `ended`."""

    service: str
    ago: Minutes
    ended: Minutes | None = None
    description: str


class Health(Part):
    """AWS Health; without a support plan (`subscribed: false`) it cannot be asked."""

    subscribed: bool = True
    issues: tuple[Issue, ...] = ()


class Retired(Part):
    """A foundation model by its base id that reached its end of life `ago`."""

    model: str
    ago: Minutes


class ScenarioFile(Part):
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
    scaling: Scaling = Scaling()
    search: Search = Search()
    health: Health = Health()
    retired: tuple[Retired, ...] = ()
    models: Models = Models()
    benchmarks: tuple[StoredRun, ...] = ()
    faults: tuple[str | Mapping[str, Any], ...] = ()
    recovery: Recovery | None = None
