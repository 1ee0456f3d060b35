"""`scale-out`: which of two ways is taken, what it tells, and the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.errors import AwsDenied, AwsUnreachable, InputError, Refused
from mangaops.model.plan import Draft, NothingToDo, Risk, Standing, Step, UndoKind, compare
from mangaops.model.request import ScaleOut
from mangaops.model.resources import ScalableTarget, ScheduledLimits
from mangaops.model.settings import Environment
from mangaops.remedy.action import Progress, Settled, Touches
from mangaops.remedy.actions.ecs.scale_out import ScaleOutRemedy
from support.ecs_service import FAMILY, OneService, deployment, running
from support.fake_world import Fault
from support.plain_pen import PlainPen

LIMITS = ScalableTarget(minimum=4, maximum=16, scale_in_suspended=False)


def remedy(world: OneService) -> ScaleOutRemedy:
    return ScaleOutRemedy(
        ecs=world, scaling=world, environment=Environment(region="ap-northeast-1")
    )


def drafted(world: OneService, to: int | None = None) -> Draft:
    draft = remedy(world).draft(ScaleOut(to=to))
    assert isinstance(draft, Draft), draft
    return draft


def only_step(world: OneService, to: int | None = None) -> Step:
    (step,) = drafted(world, to).steps
    return step


def test_with_a_scalable_target_its_minimum_is_raised() -> None:
    draft = drafted(OneService(limits=LIMITS))
    assert draft == Draft(
        title="scale orchestrator out from 4 to 8 tasks",
        confirm="orchestrator",
        risk=Risk.MODERATE,
        steps=(
            Step(
                number=1,
                action="scaling.minimum",
                target="service/mangaassist-prod/orchestrator",
                before={"min": 4, "max": 16, "desired": 4},
                after={"min": 8, "max": 16, "desired": 8},
                undo=UndoKind.EXACT,
                summary="at least 8 tasks, instead of 4",
            ),
        ),
        reach=(
            "4 of 4 tasks run now; 4 more are started",
            "Application Auto Scaling then moves between 8 and 16 tasks",
        ),
        permissions=("application-autoscaling:RegisterScalableTarget", "ecs:UpdateService"),
        aws_cli=(
            (
                "aws application-autoscaling register-scalable-target "
                "--service-namespace ecs --resource-id service/mangaassist-prod/orchestrator "
                "--scalable-dimension ecs:service:DesiredCount --min-capacity 8 --max-capacity 16 "
                "--region ap-northeast-1"
            ),
        ),
        notes=(
            (
                "the minimum is raised and not the desired count, which Application Auto Scaling "
                "would take back; raising it moves the desired count at once"
            ),
        ),
        settle=draft.settle,
    )


def test_a_maximum_in_the_way_is_raised_too_and_said() -> None:
    world = OneService(limits=replace(LIMITS, maximum=6, scale_in_suspended=True))
    draft = drafted(world, 10)
    assert draft.steps[0].after == {"min": 10, "max": 10, "desired": 10}
    assert draft.reach[1:] == (
        "the maximum of 6 is below 10: it is raised too",
        "Application Auto Scaling then keeps 10 tasks, no more and no fewer",
        "its scale-in is suspended: what it adds stays until that is lifted",
    )


def test_without_a_scalable_target_the_desired_count_is_set() -> None:
    draft = drafted(OneService(), 6)
    assert (draft.steps[0].action, draft.steps[0].target) == (
        "ecs.desired_count",
        "mangaassist-prod/orchestrator",
    )
    assert (draft.steps[0].before, draft.steps[0].after) == ({"desired": 4}, {"desired": 6})
    assert draft.permissions == ("ecs:UpdateService",)
    assert draft.aws_cli == (
        (
            "aws ecs update-service --cluster mangaassist-prod "
            "--service orchestrator --desired-count 6 --region ap-northeast-1"
        ),
    )


def test_a_count_below_a_high_minimum_is_raised_by_hand() -> None:
    world = OneService(now=running(desired=2), limits=LIMITS)
    assert only_step(world, 4).action == "ecs.desired_count"


def test_tasks_that_run_already_are_kept_by_a_minimum() -> None:
    draft = drafted(OneService(now=running(desired=8), limits=LIMITS), 8)
    assert draft.title == "keep orchestrator at 8 tasks or more"
    assert draft.steps[0].before == {"min": 4, "max": 16, "desired": 8}
    assert draft.reach[0] == "4 of 8 tasks run now; none is started"


@pytest.mark.parametrize(
    ("limits", "told"), [(None, ""), (LIMITS, ", and its minimum is 4")], ids=["none", "target"]
)
def test_as_many_as_there_are_is_nothing_to_do(limits: ScalableTarget | None, told: str) -> None:
    assert remedy(OneService(limits=limits)).draft(ScaleOut(to=4)) == NothingToDo(
        reason=f"mangaassist-prod/orchestrator is to run 4 tasks already (4 run){told}",
        hint="for more: mangaops scale-out --to 8",
    )


@pytest.mark.parametrize(
    ("to", "desired", "why"), [(3, 4, "would be fewer"), (None, 0, "none"), (-1, 4, "none")]
)
def test_what_is_no_scaling_out_is_refused(to: int | None, desired: int, why: str) -> None:
    with pytest.raises(InputError, match=why):
        remedy(OneService(now=running(desired=desired))).draft(ScaleOut(to=to))


def test_a_daemon_has_no_desired_count() -> None:
    with pytest.raises(Refused, match="DAEMON"):
        remedy(OneService(now=running(scheduling="DAEMON"))).draft(ScaleOut(to=8))


def test_what_may_work_against_it_is_told() -> None:
    moving = deployment(2, f"{FAMILY}:1", rollout="IN_PROGRESS", running=1)
    world = OneService(
        now=running(deployments=(moving,)),
        tags={"aws:cloudformation:stack-name": "shop", "ManagedBy": "Terraform"},
    )
    assert drafted(world).conflicts == (
        "deployment ecs-svc/2 is in progress (1 of 4 tasks run): the new tasks are of its revision",
        "will be reverted by the next deploy of stack shop (CloudFormation)",
    )


def test_a_schedule_that_sets_lower_limits_again_is_told() -> None:
    night = ScheduledLimits(
        name="night", schedule="cron(0 15 * * ? *)", timezone="UTC", minimum=4, maximum=6
    )
    peak = replace(night, name="peak", minimum=12, maximum=None)
    world = OneService(limits=LIMITS, scheduled=(night, peak))
    assert drafted(world).conflicts == (
        (
            "scheduled action night sets the minimum to 4 and the maximum to 6 again: "
            "cron(0 15 * * ? *) UTC"
        ),
    )


def test_tags_that_may_not_be_read_do_not_keep_from_planning() -> None:
    class Denied(OneService):
        def service_tags(self, cluster: str, service: str) -> dict[str, str]:
            raise AwsDenied(f"no tags of {cluster}/{service}")

    assert drafted(Denied()).conflicts == (
        (
            "tags of the service could not be read (no tags of mangaassist-prod/orchestrator): "
            "who owns it is not known"
        ),
    )


def carried_out(world: OneService, step: Step) -> None:
    action = remedy(world).actions[step.action]
    assert compare(step, action.read(step)).standing is Standing.BEFORE
    action.write(step, PlainPen())
    assert action.settled(step).progress is Progress.REACHED
    assert compare(step, action.read(step)).standing is Standing.AFTER


@pytest.mark.parametrize("to", [5, 8, 40])
@pytest.mark.parametrize("desired", [2, 4, 5, 20])
@pytest.mark.parametrize("limits", [None, LIMITS], ids=["none", "target"])
def test_undo_restores_limits_and_count(to: int, desired: int, limits: ScalableTarget) -> None:
    world = OneService(now=running(desired=desired, running=desired), limits=limits)
    if to <= desired:
        return
    step = only_step(world, to)
    carried_out(world, step)
    assert world.now.desired == to
    carried_out(world, step.inverse(1))
    assert (world.now.desired, world.limits) == (desired, limits)


def test_half_an_undo_is_gone_on_with() -> None:
    world = OneService(limits=LIMITS)
    step = only_step(world)
    carried_out(world, step)
    world.set_limits("c", "s", 4, 16)
    world.sent.clear()
    carried_out(world, step.inverse(1))
    assert world.sent == ["desired 4"]


@pytest.mark.parametrize("limits", [None, LIMITS], ids=["none", "target"])
def test_a_lost_answer_is_settled_by_looking(limits: ScalableTarget | None) -> None:
    world = OneService(limits=limits, faults={1: Fault.LOST_ANSWER})
    carried_out(world, only_step(world))
    assert len(world.sent) == 1


def test_a_call_that_did_nothing_has_not_landed() -> None:
    world = OneService(limits=LIMITS, faults={1: Fault.LOST_REQUEST})
    step = only_step(world)
    with pytest.raises(AwsUnreachable):
        remedy(world).actions[step.action].write(step, PlainPen())


def test_tasks_on_their_way_are_waited_for() -> None:
    world = OneService(limits=LIMITS)
    step = only_step(world)
    action = remedy(world).actions[step.action]
    action.write(step, PlainPen())
    world.now = replace(world.now, running=5)
    assert action.settled(step) == Settled(progress=Progress.WAITING, detail="5 of 8 tasks run")
    world.now = replace(world.now, desired=4, running=4)
    assert action.settled(step) == Settled(
        progress=Progress.WAITING,
        detail="4 of 4 tasks run, Application Auto Scaling has not asked for 8 yet",
    )


def test_what_the_autoscaler_adds_to_it_is_no_failure() -> None:
    world = OneService(limits=LIMITS)
    step = only_step(world)
    action = remedy(world).actions[step.action]
    action.write(step, PlainPen())
    world.now = replace(world.now, desired=10, running=9)
    assert action.settled(step) == Settled(
        progress=Progress.REACHED,
        detail="9 of 10 tasks run: Application Auto Scaling asks for more than 8",
    )


def test_what_someone_else_sets_meanwhile_is_a_failure() -> None:
    world = OneService(limits=LIMITS)
    step = only_step(world)
    action = remedy(world).actions[step.action]
    action.write(step, PlainPen())
    world.set_limits("c", "s", 6, 16)
    assert action.settled(step) == Settled(
        progress=Progress.FAILED, detail="the limits are 6 to 16: someone else changed them"
    )


def test_a_guardrail_is_asked_about_the_tasks() -> None:
    for limits in (None, LIMITS):
        world = OneService(limits=limits)
        step = only_step(world, 9)
        assert remedy(world).actions[step.action].touches(step) == Touches(tasks=9)
