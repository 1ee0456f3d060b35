"""websocket-drops where it asks ECS, which knows the last hour and no more."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from blackbox.cases import AT_ONCE, Case, check
from blackbox.seeding import Answer, Sandbox
from blackbox.streams import AGES, DOCOMO, KDDI, WIDER, cancelled, case, closed, spread

SERVER = "server-going-away confirmed"
MANY_AGES = [
    *spread(1006, KDDI, 21, connection_age_s=AGES),
    *spread(None, DOCOMO, 21, connection_age_s=AGES),
]
RECENT = [
    case("no one age, nothing stopped or deployed", "network-path likely", MANY_AGES),
    case(
        "ages spread by a little more than 20 %",
        "network-path likely",
        [
            log
            for network in (KDDI, DOCOMO)
            for log in spread(1006, network, 20, connection_age_s=WIDER)
        ],
    ),
    case("a second too early for two hours", SERVER, [closed(20, 1001, connection_age_s=6839)]),
    case("a second too late for two hours", SERVER, [closed(20, 1001, connection_age_s=7561)]),
    case("a second too early for ten minutes", SERVER, [closed(20, 1001, idle_s=569)]),
    case(
        "half at two hours is not most",
        SERVER,
        [closed(10, 1001), closed(10, 1001, connection_age_s=7200)],
    ),
]


@pytest.fixture(scope="module")
def recent(sandbox: Sandbox) -> Mapping[str, Answer]:
    """Each in four minutes of its own, all within the hour."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    ends = [now - timedelta(minutes=4 * turn) for turn in range(len(RECENT))]
    for one, end in zip(RECENT, ends, strict=True):
        sandbox.put(end, [cancelled(ago=1)], [replace(log, ago_s=100.0) for log in one.logs])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = pool.map(lambda end: _asked(sandbox, end), ends)
        return {one.name: answer for one, answer in zip(RECENT, asked, strict=True)}


def _asked(sandbox: Sandbox, end: datetime) -> Answer:
    start = end - timedelta(minutes=4)
    words = ("--from", start.isoformat(), "--to", end.isoformat())
    return sandbox.diagnose("websocket-drops", None, *words)


@pytest.mark.parametrize("case", RECENT, ids=lambda case: case.name)
def test_while_ecs_remembers_close_reports_lead_to(
    case: Case, recent: Mapping[str, Answer]
) -> None:
    check(case, recent[case.name])


ECS = {"cluster": "mangaassist-prod", "service": "orchestrator"}


@pytest.mark.parametrize(("code", "how"), [(1001, "deployed"), (1006, "a task stopped")])
def test_a_deployment_or_a_stopped_task_in_the_window_drains(
    code: int, how: str, fresh: Sandbox
) -> None:
    ecs = fresh.client("ecs")
    if how == "deployed":
        ecs.update_service(**ECS, forceNewDeployment=True)
    else:
        tasks = ecs.list_tasks(cluster=ECS["cluster"], serviceName=ECS["service"])["taskArns"]
        ecs.stop_task(cluster=ECS["cluster"], task=tasks[0], reason="drained by hand")
    end = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    logs = [replace(log, fields={**dict(log.fields), "close_code": code}) for log in MANY_AGES]
    fresh.put(end, [cancelled()], logs)
    answer = fresh.diagnose("websocket-drops", end)
    assert answer.verdict == ("diagnosed", "confirmed", "deployment-draining", 3), answer.nodes
