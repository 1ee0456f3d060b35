"""`set-env`: what it refuses, what it plans, and how its two calls go together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.errors import AwsUnreachable, ConfigError, Drifted, InputError, Refused
from mangaops.model.plan import Draft, NothingToDo, Risk, Standing, Step, UndoKind, compare
from mangaops.model.request import SetEnv
from mangaops.model.settings import DEFAULT_RESOURCES, Environment
from mangaops.remedy.action import Progress, Settled, Touches
from mangaops.remedy.actions.ecs.set_env import SetEnvRemedy
from mangaops.remedy.actions.ecs.task_definition import digest
from support.ecs_service import BODY, FAMILY, OneService, deployment, running
from support.fake_world import Fault
from support.plain_pen import PlainPen

CHANGED = {
    **BODY,
    "containerDefinitions": [
        BODY["containerDefinitions"][0],
        {
            **BODY["containerDefinitions"][1],
            "environment": [
                {"name": "BEDROCK_POOL_SIZE", "value": "20"},
                {"name": "UPSTREAM", "value": "https://ops:hunter22@example.com"},
                {"name": "HEARTBEAT_INTERVAL_S", "value": "25"},
            ],
        },
    ],
}
POOL = ("BEDROCK_POOL_SIZE", "20")
BEAT = ("HEARTBEAT_INTERVAL_S", "25")


def remedy(world: OneService) -> SetEnvRemedy:
    return SetEnvRemedy(ecs=world, environment=Environment(region="ap-northeast-1"))


def drafted(world: OneService, *variables: tuple[str, str]) -> Draft:
    draft = remedy(world).draft(SetEnv(variables=variables or (POOL, BEAT)))
    assert isinstance(draft, Draft), draft
    return draft


def only_step(world: OneService, *variables: tuple[str, str]) -> Step:
    (step,) = drafted(world, *variables).steps
    return step


def test_variables_are_one_step_to_a_new_definition() -> None:
    draft = drafted(OneService())
    assert draft == Draft(
        title="set BEDROCK_POOL_SIZE=20, HEARTBEAT_INTERVAL_S=25 on orchestrator",
        confirm="orchestrator",
        risk=Risk.SEVERE,
        steps=(
            Step(
                number=1,
                action="ecs.environment",
                target="mangaassist-prod/orchestrator",
                before={
                    "revision": f"{FAMILY}:1",
                    "definition": digest(BODY),
                    "BEDROCK_POOL_SIZE": "5",
                    "HEARTBEAT_INTERVAL_S": None,
                },
                after={
                    "definition": digest(CHANGED),
                    "BEDROCK_POOL_SIZE": "20",
                    "HEARTBEAT_INTERVAL_S": "25",
                },
                undo=UndoKind.EXACT,
                summary=f"a new revision of {FAMILY}, then a rolling deployment",
                arguments={"container": "app"},
            ),
        ),
        reach=("4 tasks are replaced, a few at a time; each ends the answers that it streams",),
        permissions=(
            "ecs:RegisterTaskDefinition",
            "ecs:UpdateService",
            "iam:PassRole",
            "ecs:TagResource",
        ),
        aws_cli=draft.aws_cli,
        notes=(
            (
                "iam:PassRole is needed on orchestrator-task, orchestrator-execution "
                "(to ecs-tasks.amazonaws.com)"
            ),
        ),
        settle=draft.settle,
    )


def test_nothing_of_other_variables_is_in_a_plan() -> None:
    assert "hunter22" not in repr(drafted(OneService()))


def test_variables_that_are_so_already_are_left_out() -> None:
    step = only_step(OneService(), ("BEDROCK_POOL_SIZE", "5"), BEAT)
    assert step.after.keys() == {"definition", "HEARTBEAT_INTERVAL_S"}


def test_all_of_them_already_so_is_nothing_to_do() -> None:
    request = SetEnv(variables=(("BEDROCK_POOL_SIZE", "5"),))
    assert remedy(OneService()).draft(request) == NothingToDo(
        reason=f"{FAMILY}:1 has BEDROCK_POOL_SIZE=5 already",
        hint="tasks take it over when they start: mangaops restart-service",
    )


def test_what_is_so_already_while_it_is_rolled_out_is_waited_for() -> None:
    world = OneService()
    current = deployment(2, f"{FAMILY}:1", rollout="IN_PROGRESS", running=1)
    world.now = running(deployments=(current,))
    request = SetEnv(variables=(("BEDROCK_POOL_SIZE", "5"),))
    assert remedy(world).draft(request) == NothingToDo(
        reason=f"{FAMILY}:1 has BEDROCK_POOL_SIZE=5 already, and deployment ecs-svc/2 is bringing "
        "it to the tasks (1 of 4 run)",
        hint="wait for its end: a restart or another change would begin a new deployment",
    )


@pytest.mark.parametrize(
    "variables",
    [
        (),
        (("1ST", "x"),),
        (("A-B", "x"),),
        (("", "x"),),
        (("A", "\0"),),
        (("A", "\udcff"),),
        (("A", "a\nb"),),
        (POOL, POOL),
    ],
)
def test_what_is_no_variable_is_wrong_input(variables: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(InputError):
        remedy(OneService()).draft(SetEnv(variables=variables))


@pytest.mark.parametrize("name", ["revision", "definition"])
def test_the_names_of_a_steps_own_fields_are_taken(name: str) -> None:
    with pytest.raises(InputError, match=name):
        remedy(OneService()).draft(SetEnv(variables=((name, "x"),)))


@pytest.mark.parametrize(
    ("variable", "why"),
    [
        (("DB_PASSWORD", "x"), "looks like a secret"),
        (("UPSTREAM_URL", "https://a:hunter22@b"), "looks like a secret"),
        (("FOO", "password: hunter22"), "looks like a secret"),
        (("API_KEYS", "hunter22"), "looks like a secret"),
        (("X", "sk-ant-api03-hunter22hunter22"), "looks like a secret"),
        (("CACHE_AUTH", "x"), "comes from a secret store"),
        (("UPSTREAM", "https://example.com"), "the present value of UPSTREAM"),
    ],
)
def test_secrets_are_refused_and_not_told(variable: tuple[str, str], why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        remedy(OneService()).draft(SetEnv(variables=(variable,)))
    assert "hunter22" not in f"{refused.value}{refused.value.hint}"
    assert refused.value.where  # the boundary would tell the line that was typed


def test_another_controller_deploys_by_itself() -> None:
    with pytest.raises(Refused, match="is deployed by CODE_DEPLOY"):
        remedy(OneService(now=running(controller="CODE_DEPLOY"))).draft(SetEnv(variables=(POOL,)))


def test_an_unknown_container_names_those_there_are() -> None:
    resources = {**DEFAULT_RESOURCES, "container": "web"}
    strange = SetEnvRemedy(ecs=OneService(), environment=Environment(resources=resources))
    with pytest.raises(ConfigError, match="has no container web; it has: app, log"):
        strange.draft(SetEnv(variables=(POOL,)))


def test_what_may_work_against_it_is_told() -> None:
    moving = deployment(2, f"{FAMILY}:1", rollout="IN_PROGRESS", running=1)
    world = OneService(now=running(deployments=(moving,), breaker=False))
    world.definitions[0] = replace(world.definitions[0], tags={"managed-by": "terraform"})
    world.tags = {"pulumi:project": "shop"}
    world.define(BODY, {})
    assert drafted(world).conflicts == (
        (
            f"deployment ecs-svc/2 of {FAMILY}:1 is in progress (1 of 4 tasks run): this one "
            "supersedes it, and if this one fails ECS goes back to before both"
        ),
        (
            "the deployment circuit breaker does not roll back here: a deployment whose tasks do "
            "not start goes on trying until it is taken back by hand"
        ),
        (
            f"{FAMILY}:2 is newer than {FAMILY}:1, which runs: the change is made to {FAMILY}:1, "
            f"and a deploy of {FAMILY}:2 would drop it"
        ),
        "will be reverted by the next deploy with pulumi (tag pulumi:project=shop)",
        "will be reverted by the next deploy with terraform (tag managed-by=terraform)",
    )


def test_tags_of_awss_own_are_not_registered() -> None:
    world = OneService()
    tags = {"aws:cloudformation:stack-name": "shop", "team": "chat"}
    world.definitions[0] = replace(world.definitions[0], tags=tags)
    draft = drafted(world)
    assert draft.notes[1:] == (
        "tags that only AWS can set are not carried over: aws:cloudformation:stack-name",
    )
    carried_out(world, draft.steps[0])
    assert world.definitions[1].tags == {"team": "chat"}


def carried_out(world: OneService, step: Step) -> None:
    action = remedy(world).actions[step.action]
    assert compare(step, action.read(step)).standing is Standing.BEFORE
    action.write(step, PlainPen())
    assert action.settled(step).progress is Progress.REACHED
    assert compare(step, action.read(step)).standing is Standing.AFTER


def test_undo_goes_back_to_the_old_revision() -> None:
    world = OneService()
    step = only_step(world)
    carried_out(world, step)
    assert world.definitions[1].body == CHANGED
    carried_out(world, step.inverse(1))
    assert world.sent == ["register", f"deploy {FAMILY}:2", f"deploy {FAMILY}:1"]


def test_the_same_change_again_uses_its_revision_again() -> None:
    world = OneService()
    carried_out(world, only_step(world))
    carried_out(world, only_step(world, ("BEDROCK_POOL_SIZE", "5"), ("LOG_LEVEL", "INFO")))
    world.deploy("c", "s", f"{FAMILY}:2")
    world.sent.clear()
    carried_out(world, only_step(world, ("BEDROCK_POOL_SIZE", "5"), ("LOG_LEVEL", "INFO")))
    assert world.sent == [f"deploy {FAMILY}:3"]


@pytest.mark.parametrize("number", [1, 2], ids=["register", "deploy"])
def test_a_lost_answer_is_settled_by_looking(number: int) -> None:
    world = OneService(faults={number: Fault.LOST_ANSWER})
    carried_out(world, only_step(world))
    assert world.sent == ["register", f"deploy {FAMILY}:2"]


def test_a_failed_registration_deploys_nothing() -> None:
    world = OneService(faults={1: Fault.LOST_REQUEST})
    step = only_step(world)
    with pytest.raises(AwsUnreachable):
        remedy(world).actions[step.action].write(step, PlainPen())
    assert world.sent == []


def test_a_deployment_between_the_two_calls_is_not_overwritten() -> None:
    world = OneService()
    step = only_step(world)

    class Pen(PlainPen):
        def call(self, operation: str, *args: object, **kwargs: object) -> object:
            answer = super().call(operation, *args, **kwargs)
            world.deploy("c", "s", world.define({**BODY, "cpu": "2048"}, {}))
            return answer

    with pytest.raises(Drifted, match=f"revision is '{FAMILY}:3', planned '{FAMILY}:1'"):
        remedy(world).actions[step.action].write(step, Pen())
    assert world.sent == ["register", f"deploy {FAMILY}:3"]


def test_without_its_own_deployment_known_the_definition_tells() -> None:
    world = OneService()
    step = only_step(world)
    remedy(world).actions[step.action].write(step, PlainPen())
    later = remedy(world).actions[step.action]
    assert later.settled(step).progress is Progress.REACHED
    world.deploy("c", "s", f"{FAMILY}:1")
    assert later.settled(step) == Settled(
        progress=Progress.FAILED,
        detail=f"another deployment (ecs-svc/3 of {FAMILY}:1) took its place",
    )


def test_a_guardrail_is_asked_about_the_variables() -> None:
    world = OneService()
    step = only_step(world)
    assert remedy(world).actions[step.action].touches(step) == Touches(
        variables=("BEDROCK_POOL_SIZE", "HEARTBEAT_INTERVAL_S")
    )


def test_a_digest_does_not_depend_on_what_ecs_orders_as_it_likes() -> None:
    pairs = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    one = {"containerDefinitions": [{"name": "app", "environment": pairs}]}
    other = {
        "volumes": [],
        "containerDefinitions": [
            {"mountPoints": [], "environment": pairs[::-1], "name": "app", "links": None}
        ],
    }
    assert digest(one) == digest(other)
    assert digest(one) != digest({**one, "cpu": "1"})
