"""`restart-service`, and how a rolling deployment is followed to its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.errors import Drifted, Refused
from mangaops.model.plan import OTHER_THAN, Draft, NothingToDo, Risk, Step, UndoKind
from mangaops.model.request import RestartService
from mangaops.model.resources import Service, ServiceEvent
from mangaops.model.settings import Environment
from mangaops.remedy.action import Progress, Settled, Touches
from mangaops.remedy.actions.ecs.restart_service import RestartServiceRemedy
from mangaops.remedy.actions.ecs.rollout import Started, settled_rollout
from support.asking import at
from support.ecs_service import FAMILY, OneService, deployment, running
from support.fake_world import Fault
from support.plain_pen import PlainPen

STARTED = Started(id="ecs-svc/2", earlier="ecs-svc/1")


def remedy(world: OneService) -> RestartServiceRemedy:
    return RestartServiceRemedy(ecs=world, environment=Environment(region="ap-northeast-1"))


def only_step(world: OneService) -> Step:
    draft = remedy(world).draft(RestartService())
    assert isinstance(draft, Draft), draft
    return draft.steps[0]


def test_a_restart_is_severe_and_has_no_way_back() -> None:
    draft = remedy(OneService()).draft(RestartService())
    assert isinstance(draft, Draft)
    assert draft == Draft(
        title="restart orchestrator",
        confirm="orchestrator",
        risk=Risk.SEVERE,
        steps=(
            Step(
                number=1,
                action="ecs.restart",
                target="mangaassist-prod/orchestrator",
                before={"deployment": "ecs-svc/1", "revision": "mangaassist-orchestrator:1"},
                after={
                    "deployment": {OTHER_THAN: "ecs-svc/1"},
                    "revision": "mangaassist-orchestrator:1",
                },
                undo=UndoKind.NONE,
                summary=f"every task is replaced by a new one of {FAMILY}:1",
            ),
        ),
        reach=("4 tasks are replaced, a few at a time; each ends the answers that it streams",),
        permissions=("ecs:UpdateService",),
        aws_cli=(
            (
                "aws ecs update-service --cluster mangaassist-prod "
                "--service orchestrator --force-new-deployment --region ap-northeast-1"
            ),
        ),
        notes=("there is no undo: the tasks that run now are gone afterwards",),
        settle=draft.settle,
    )


def test_another_controller_restarts_by_itself() -> None:
    with pytest.raises(Refused, match="EXTERNAL"):
        remedy(OneService(now=running(controller="EXTERNAL"))).draft(RestartService())


def test_a_service_of_no_tasks_has_nothing_to_restart() -> None:
    found = remedy(OneService(now=running(desired=0, running=0))).draft(RestartService())
    assert isinstance(found, NothingToDo)


def test_it_is_done_when_the_new_tasks_run() -> None:
    world = OneService()
    step = only_step(world)
    action = remedy(world).actions[step.action]
    assert action.settled(step).progress is Progress.WAITING
    action.write(step, PlainPen())
    action.write(step, PlainPen())
    assert world.sent == ["redeploy"]
    assert action.settled(step) == Settled(progress=Progress.REACHED, detail="4 of 4 new tasks run")


def test_a_lost_answer_is_settled_by_looking() -> None:
    world = OneService(faults={1: Fault.LOST_ANSWER})
    step = only_step(world)
    action = remedy(world).actions[step.action]
    pen = PlainPen()
    action.write(step, pen)
    assert (world.sent, pen.results) == (["redeploy"], [{"deployment": "ecs-svc/2"}])


def test_a_service_that_ecs_no_longer_deploys_is_not_written() -> None:
    world = OneService()
    step = only_step(world)
    world.now = replace(world.now, deployments=())
    with pytest.raises(Drifted, match="deployment is None, planned 'ecs-svc/1'"):
        remedy(world).actions[step.action].write(step, PlainPen())


def test_no_guardrail_is_about_a_restart() -> None:
    world = OneService()
    step = only_step(world)
    assert remedy(world).actions[step.action].touches(step) == Touches()


def rolling(**told: object) -> Service:
    return running(deployments=(deployment(2, f"{FAMILY}:2", **told),))


FAILED = ServiceEvent(
    at=at(1),
    message="(service orchestrator) (deployment ecs-svc/2) deployment failed: tasks failed.",
)
UNPLACED = ServiceEvent(at=at(1), message="(service orchestrator) was unable to place a task.")
BACK = deployment(3, f"{FAMILY}:1")
ROLLING_BACK = replace(
    BACK,
    rollout="IN_PROGRESS",
    reason="ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/3.",
)


@pytest.mark.parametrize(
    ("service", "progress", "detail"),
    [
        (
            rolling(rollout="IN_PROGRESS", running=1, failed=2),
            Progress.WAITING,
            "1 of 4 new tasks run, 2 failed to start",
        ),
        (
            replace(rolling(rollout="IN_PROGRESS", running=0), events=(UNPLACED,)),
            Progress.WAITING,
            "0 of 4 new tasks run; (service orchestrator) was unable to place a task.",
        ),
        (
            replace(rolling(), running=5),
            Progress.WAITING,
            "4 of 4 new tasks run",
        ),
        (
            rolling(rollout="FAILED", reason="tasks failed to start."),
            Progress.FAILED,
            "the deployment failed: tasks failed to start.",
        ),
        (
            running(deployments=(ROLLING_BACK,)),
            Progress.FAILED,
            f"ECS rolled back to {FAMILY}:1: {ROLLING_BACK.reason}",
        ),
        (
            running(deployments=(BACK,), events=(FAILED,)),
            Progress.FAILED,
            f"ECS rolled back to {FAMILY}:1: {FAILED.message}",
        ),
        (
            running(deployments=(BACK,)),
            Progress.FAILED,
            f"another deployment (ecs-svc/3 of {FAMILY}:1) took its place",
        ),
        (running(), Progress.WAITING, "ECS has not begun the deployment yet"),
        (
            running(deployments=()),
            Progress.FAILED,
            "the service has no deployment of ECS",
        ),
        (rolling(), Progress.REACHED, "4 of 4 new tasks run"),
    ],
)
def test_a_deployment_is_followed_to_its_end(
    service: Service, progress: Progress, detail: str
) -> None:
    assert settled_rollout(service, STARTED) == Settled(progress=progress, detail=detail)
