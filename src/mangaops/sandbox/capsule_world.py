"""A capsule into a running sandbox: the incident of another day, as if it were now.

Metrics and log queries answer what was recorded (`capsule_metrics`, `capsule_logs`);
resources are put into the seeded world under the sandbox's own names; what could not be
read then fails again. Times are moved so that the recorded window ends now. Nothing
recovers: a remedy changes the resources, and the telemetry stays as it was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.file import read
from mangaops.evidence.capsule.walking import recorded_runbook
from mangaops.model.evidence import Evidence, EvidenceState
from mangaops.model.query import LogQuery, MetricQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.settings import Environment
from mangaops.model.time import floor_minute
from mangaops.runbook.bind import bind
from mangaops.sandbox import capsule_data as data
from mangaops.sandbox import capsule_platform as platform
from mangaops.sandbox.capsule_benchmarks import put_benchmarks
from mangaops.sandbox.capsule_changes import put_changes
from mangaops.sandbox.capsule_faults import put_fault
from mangaops.sandbox.capsule_logs import keep_logs
from mangaops.sandbox.capsule_metrics import keep_metric
from mangaops.sandbox.capsule_putting import Putting
from mangaops.sandbox.stored_runs import own_store
from mangaops.sandbox.world import World

Put = Callable[[Putting, EvidenceDeclaration, Evidence], None]
SUFFIX = ".capsule"

_PUTS: Mapping[str, Put] = {
    "ecs_service": platform.put_service,
    "ecs_stopped_tasks": platform.put_stopped,
    "ecs_environment": platform.put_environment,
    "scaling_target": platform.put_scaling,
    "model_lifecycle": platform.put_models,
    "parameter": platform.put_parameter,
    "health_events": platform.put_health,
    "index_settings": platform.put_index,
    "search_capacity": platform.put_capacity,
    "prompt_versions": data.put_prompts,
    "inventory": data.put_inventory,
    "cached_answers": data.put_answers,
    "recent_changes": put_changes,
    "bench_comparison": put_benchmarks,
}
"""In this order: stopped tasks follow the deployments that they belong to."""

_TOGETHER = ("table_stream", "event_source")
_ABSENT = ("prompt_versions", "cached_answers", "parameter", "inventory")
"""Kinds of which nothing is what no data means."""


def is_capsule(scenario: str) -> bool:
    """Whether a scenario is named by a capsule's file; no scenario's name has a dot."""
    return scenario.endswith(SUFFIX) or "/" in scenario or "." in scenario


def apply_capsule(world: World, capsule: Capsule, client: Callable[[str], Any]) -> tuple[str, ...]:
    """Puts the recorded evidence into a seeded world; says what of it cannot be served."""
    runbook = bind(
        recorded_runbook(capsule), Environment(parameters=capsule.parameters), capsule.sets
    )
    end = floor_minute(world.now())
    putting = Putting(
        world=world,
        client=client,
        runbook=runbook,
        evidence=capsule.evidence,
        later=(end - capsule.window.end).total_seconds(),
    )
    for name, declaration in runbook.evidence.items():
        item = capsule.evidence.get(name)
        if item is not None and item.state is not EvidenceState.NOT_NEEDED:
            _telemetry(putting, declaration, item, capsule)
    own_store(world, client)
    data.put_stream(putting)
    for kind in _PUTS:
        for declaration, item in putting.of_kind(kind):
            _resource(putting, declaration, item)
    _rest(putting)
    return tuple(putting.notes)


def _telemetry(
    putting: Putting, declaration: EvidenceDeclaration, item: Evidence, capsule: Capsule
) -> None:
    match declaration.query:
        case MetricQuery() as query:
            keep_metric(putting.world, query, item, capsule.window)
        case LogQuery() as query:
            keep_logs(putting.world, query, item, capsule.window)
        case _:
            return
    if item.state is EvidenceState.TIMEOUT:
        putting.not_served(declaration, "it came too late then, and fails now")


def _resource(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    absent = item.state is EvidenceState.NO_DATA and declaration.kind in _ABSENT
    if item.value is not None or absent:
        _PUTS[declaration.kind](putting, declaration, item)


def _rest(putting: Putting) -> None:
    """Faults for what could not be read, and the names of what cannot be served at all."""
    for name, declaration in putting.runbook.evidence.items():
        item = putting.evidence.get(name)
        if item is None or isinstance(declaration.query, MetricQuery | LogQuery):
            continue
        match item.state:
            case EvidenceState.DENIED | EvidenceState.FAILED | EvidenceState.TIMEOUT:
                put_fault(putting, declaration, item)
            case EvidenceState.OK if declaration.kind not in {*_PUTS, *_TOGETHER}:
                putting.not_served(declaration, "what was recorded of it")
            case EvidenceState.NO_DATA if declaration.kind not in {*_ABSENT, "bench_comparison"}:
                putting.not_served(declaration, "that there was none: the normal one is there")
            case _:
                continue


def load_capsule(file: str) -> Capsule:
    """Raises InputError for a file that is no whole capsule."""
    return read(Path(file))
