"""A scenario into a running sandbox, and its telemetry from then on."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from mangaops.errors import InputError, nearest
from mangaops.sandbox.administration import read_rules
from mangaops.sandbox.conditions import holds
from mangaops.sandbox.recovery_format import Recovery
from mangaops.sandbox.scenario_file import ScenarioFile
from mangaops.sandbox.scenario_resources import apply_resources
from mangaops.sandbox.services.log_queries import LogQueries
from mangaops.sandbox.services.opensearchserverless import COLLECTION_ID, GROUP_ID, SearchState
from mangaops.sandbox.services.opensearchserverless.state import USUAL_LATENCY_MS
from mangaops.sandbox.telemetry.normal import signals
from mangaops.sandbox.telemetry.writer import Plan, Writer
from mangaops.sandbox.world import World


def apply(world: World, scenario: ScenarioFile, client_factory: Callable[[str], Any]) -> None:
    """Telemetry, resources, and then the faults."""
    writer = Writer(world, plan_of(scenario, world))
    writer.catch_up()
    world.state(_Tickers).writers.append(writer)
    apply_resources(world, scenario, client_factory)
    if scenario.recovery is not None:
        with world.lock:
            _follow(world, writer, scenario, scenario.recovery)
    if scenario.query_seconds is not None:
        world.state(LogQueries).seconds = scenario.query_seconds
    world.faults.add(read_rules(scenario.faults))


def _follow(world: World, writer: Writer, scenario: ScenarioFile, recovery: Recovery) -> None:
    """Telemetry and the data plane follow the conditions of the recovery from now on."""
    since, search = world.now(), world.state(SearchState)
    cold = 0.0 if scenario.search.cold_ms is None else scenario.search.cold_ms
    slow = scenario.search.latency_ms

    def is_calm() -> bool:
        calm = any(holds(world, condition, since) for condition in recovery.when)
        if slow is not None:
            search.search_latency_ms = USUAL_LATENCY_MS if calm else slow
            search.cold_ms = 0.0 if calm else cold
        return calm

    writer.watch(is_calm, takes=round(recovery.takes))
    world.before_telemetry.append(writer.follow)


def ticker(world: World, stopped: Event) -> None:
    """Writes each new minute of telemetry until `stopped` is set."""
    for writer in world.state(_Tickers).writers:
        writer.run(stopped)


def plan_of(scenario: ScenarioFile, world: World) -> Plan:
    """The telemetry that a scenario asks for; raises InputError for an unknown metric."""
    known = signals(account=world.account, collection_id=COLLECTION_ID, group_id=GROUP_ID)
    ids = [signal.id for signal in known]
    after = () if scenario.recovery is None else scenario.recovery.metrics
    for part in (*scenario.metrics, *after):
        if part.metric not in ids:
            raise InputError(
                f"no metric is called {part.metric}",
                where=f"scenario {scenario.name}",
                hint=nearest(part.metric, ids),
            )
    reach = scenario.onset + scenario.history
    changes = [part.change(scenario.onset, reach) for part in scenario.metrics]
    silent = [change for change in changes if change.shape is None and change.factor is None]
    return Plan(
        name=scenario.name,
        signals=known,
        changes=changes,
        calm=[*silent, *(part.change(reach, reach) for part in after)],
        mix=scenario.logs,
        onset=round(scenario.onset),
        history=round(scenario.history),
    )


class _Tickers:
    """The writers of a world; one, unless scenarios are applied on top of each other."""

    def __init__(self, _world: World) -> None:
        self.writers: list[Writer] = []
