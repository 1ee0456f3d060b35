"""Every scenario leads to what its file says, through the command and real sockets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from mangaops.evidence.reading_plan import reading_plan
from mangaops.model.runbook import Status
from mangaops.model.settings import DEFAULT_RESOURCES, Environment
from mangaops.model.time import Window
from mangaops.readiness.policies.needs import of_runbook
from mangaops.runbook.bind import bind
from mangaops.runbook.library import Library, shipped_folder
from mangaops.sandbox.scenario import load_scenario, scenario_names
from support.scenario_runs import Ended, diagnose_all

NAMES = scenario_names()
SCENARIOS = {name: load_scenario(name) for name in NAMES}
RUNBOOKS = Library([shipped_folder()]).names()
UNSEEN = {
    "logs:StopQuery": "a query is stopped only when the time or the scan limit is over",
}
"""Declared, and called by no scenario, with the reason."""
SANDBOX = Environment(resources={**DEFAULT_RESOURCES, "bench_store": "s3://mangaassist-bench/runs"})
"""As a scenario with stored benchmark runs has it."""
EXIT_CODES = {"healthy": 0, "diagnosed": 3, "inconclusive": 4}


@pytest.fixture(scope="session")
def ended() -> Mapping[str, Ended]:
    return diagnose_all(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_leads_to_its_diagnosis(name: str, ended: Mapping[str, Ended]) -> None:
    run, expected = ended[name], SCENARIOS[name].expect
    status = run.document.get("status")
    diagnosis = (run.document.get("diagnosis") or {"id": status})["id"]
    concluded = (status, diagnosis, run.document.get("verdict"))
    assert concluded == (expected.status, expected.diagnosis, expected.verdict), run.error
    assert run.code == EXIT_CODES[expected.status]


def outcomes() -> set[tuple[str, str]]:
    library = Library([shipped_folder()])
    return {
        (name, outcome.id)
        for name in library.names()
        for outcome in library.load(name).outcomes.values()
        if outcome.status is not Status.INCONCLUSIVE
    }


def test_every_answer_of_every_runbook_has_a_scenario() -> None:
    reached = {(one.runbook, one.expect.diagnosis) for one in SCENARIOS.values()}
    assert outcomes() - reached == set()


@pytest.mark.parametrize("status", ["healthy", "inconclusive"])
def test_every_runbook_has_a_healthy_scenario_and_one_that_lacks_data(status: str) -> None:
    covered = {one.runbook for one in SCENARIOS.values() if one.expect.status == status}
    assert set(Library([shipped_folder()]).names()) - covered == set()


def test_a_scenario_is_in_place_soon(ended: Mapping[str, Ended]) -> None:
    """1.5 s on a machine that does nothing else; the suite's machine does much else."""
    times = sorted(run.seconds for run in ended.values())
    assert times[len(times) // 2] < 5


def declared(runbook: str) -> set[str]:
    bound = bind(Library([shipped_folder()]).load(runbook), SANDBOX, {})
    return {need.action for need in of_runbook(bound)}


def called(runbook: str, ended: Mapping[str, Ended]) -> set[str]:
    runs = (ended[name] for name, one in SCENARIOS.items() if one.runbook == runbook)
    return {action for run in runs for action in run.called}


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_a_diagnosis_calls_nothing_that_its_runbook_does_not_declare(
    runbook: str, ended: Mapping[str, Ended]
) -> None:
    assert called(runbook, ended) - declared(runbook) == set()


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_every_call_of_a_diagnosis_is_announced_by_its_dry_run(
    runbook: str, ended: Mapping[str, Ended]
) -> None:
    bound = bind(Library([shipped_folder()]).load(runbook), SANDBOX, {})
    now = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)
    window = Window(start=now - bound.window, end=now)
    plan = reading_plan(bound, window, now, per_call=500, max_scan_gb=10, log_price_per_gb=0)
    announced = {call.action for call in (*plan.always, *plan.if_needed)}
    assert called(runbook, ended) - announced == set()


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_every_call_that_a_runbook_declares_is_made_in_a_scenario(
    runbook: str, ended: Mapping[str, Ended]
) -> None:
    assert declared(runbook) - called(runbook, ended) - UNSEEN.keys() == set()
