"""A scenario into a running sandbox, and its telemetry from then on."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from mangaops.errors import InputError, nearest
from mangaops.sandbox.administration import read_rules
from mangaops.sandbox.scenario_file import ScenarioFile
from mangaops.sandbox.scenario_resources import apply_resources
from mangaops.sandbox.services.log_queries import LogQueries
from mangaops.sandbox.services.opensearchserverless import COLLECTION_ID, GROUP_ID
from mangaops.sandbox.telemetry.normal import signals
from mangaops.sandbox.telemetry.writer import Plan, Writer
from mangaops.sandbox.world import World


def apply(world: World, scenario: ScenarioFile, client_factory: Callable[[str], Any]) -> None:
    """Telemetry, resources, and then the faults."""
    writer = Writer(world, plan_of(scenario, world))
    writer.catch_up()
    world.state(_Tickers).writers.append(writer)
    apply_resources(world, scenario, client_factory)
    if scenario.query_seconds is not None:
        world.state(LogQueries).seconds = scenario.query_seconds
    world.faults.add(read_rules(scenario.faults))


def ticker(world: World, stopped: Event) -> None:
    """Writes each new minute of telemetry until `stopped` is set."""
    for writer in world.state(_Tickers).writers:
        writer.run(stopped)


def plan_of(scenario: ScenarioFile, world: World) -> Plan:
    """The telemetry that a scenario asks for; raises InputError for an unknown metric."""
    known = signals(account=world.account, collection_id=COLLECTION_ID, group_id=GROUP_ID)
    ids = [signal.id for signal in known]
    for part in scenario.metrics:
        if part.metric not in ids:
            raise InputError(
                f"no metric is called {part.metric}",
                where=f"scenario {scenario.name}",
                hint=nearest(part.metric, ids),
            )
    reach = scenario.onset + scenario.history
    return Plan(
        name=scenario.name,
        signals=known,
        changes=[part.change(scenario.onset, reach) for part in scenario.metrics],
        mix=scenario.logs,
        onset=round(scenario.onset),
        history=round(scenario.history),
    )


class _Tickers:
    """The writers of a world; one, unless scenarios are applied on top of each other."""

    def __init__(self, _world: World) -> None:
        self.writers: list[Writer] = []
