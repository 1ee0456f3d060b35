"""The ECS remedies through their gateways, against services of each test's own."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from mangaops.aws.autoscaling import AutoScalingGateway
from mangaops.aws.ecs import ADDED_BY_ECS, EcsGateway
from mangaops.aws.session import Aws
from mangaops.model.plan import Standing, compare
from mangaops.model.request import RestartService, ScaleOut, SetEnv
from mangaops.model.resources import ScalableTarget
from mangaops.model.settings import DEFAULT_RESOURCES, Environment
from mangaops.remedy.action import Progress
from mangaops.remedy.actions.ecs.restart_service import RestartServiceRemedy
from mangaops.remedy.actions.ecs.scale_out import ScaleOutRemedy
from mangaops.remedy.actions.ecs.set_env import SetEnvRemedy
from mangaops.sandbox.control import Running
from support.followed import carried_out, drafted, followed
from support.plain_pen import PlainPen

CLUSTER = "mangaassist-prod"
FAMILY = "mangaassist-orchestrator"
STACK = {"key": "aws:cloudformation:stack-name", "value": "mangaassist"}
QUICK = {"Delay": 0.1, "MaxAttempts": 300}


@pytest.fixture
def ecs(client: Callable[..., Any]) -> Any:
    return client("ecs")


@pytest.fixture
def service(ecs: Any, administer: Callable[..., Any]) -> str:
    """A steady service of two tasks with a circuit breaker, and a family, of this test's own."""
    administer("PUT", "pace", {"seconds": 0.3})
    name = f"remedy-{uuid.uuid4().hex[:8]}"
    found = ecs.describe_task_definition(taskDefinition=f"{FAMILY}:1", include=["TAGS"])
    body = {k: v for k, v in found["taskDefinition"].items() if k not in ADDED_BY_ECS}
    ecs.register_task_definition(**{**body, "family": name}, tags=found["tags"])
    ecs.create_service(
        cluster=CLUSTER,
        serviceName=name,
        taskDefinition=name,
        desiredCount=2,
        tags=[STACK],
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
    )
    waiter = ecs.get_waiter("services_stable")
    waiter.wait(cluster=CLUSTER, services=[name], WaiterConfig=QUICK)
    return name


@pytest.fixture
def environment(sandbox: Running, service: str) -> Environment:
    return Environment(
        region=sandbox.region,
        endpoint_url=sandbox.endpoint_url,
        resources={**DEFAULT_RESOURCES, "service": service},
    )


def operations(pen: PlainPen) -> list[str]:
    return [operation for operation, _ in pen.intents]


def definition(ecs: Any, service: str) -> tuple[str, Mapping[str, Any], list[dict[str, str]]]:
    (found,) = ecs.describe_services(cluster=CLUSTER, services=[service])["services"]
    told = ecs.describe_task_definition(taskDefinition=found["taskDefinition"], include=["TAGS"])
    arn = told["taskDefinition"]["taskDefinitionArn"]
    return arn.rsplit("/", 1)[-1], told["taskDefinition"], told.get("tags", [])


def variables(found: Mapping[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in found["containerDefinitions"][0]["environment"]}


def test_the_fields_that_are_left_out_are_those_that_cannot_be_registered(ecs: Any) -> None:
    model = ecs.meta.service_model
    answered = model.operation_model("DescribeTaskDefinition").output_shape.members
    taken = model.operation_model("RegisterTaskDefinition").input_shape.members
    assert set(answered["taskDefinition"].members) - set(taken) == set(ADDED_BY_ECS)


def test_a_variable_is_set_and_taken_back(
    aws: Aws, ecs: Any, environment: Environment, service: str
) -> None:
    remedy = SetEnvRemedy(ecs=EcsGateway(aws), environment=environment)
    wanted = (("BEDROCK_POOL_SIZE", "20"), ("HEARTBEAT_INTERVAL_S", "25"), ("LOG_LEVEL", "INFO"))
    draft = drafted(remedy, SetEnv(variables=wanted))
    (step,) = draft.steps
    action = remedy.actions[step.action]
    _, before, tags = definition(ecs, service)
    pen = carried_out(action, step)
    assert operations(pen) == ["ecs:RegisterTaskDefinition", "ecs:UpdateService"]
    name, after, kept = definition(ecs, service)
    assert (name, kept) == (f"{service}:2", tags)
    assert variables(after) == {
        **variables(before),
        "BEDROCK_POOL_SIZE": "20",
        "HEARTBEAT_INTERVAL_S": "25",
    }
    assert (
        after["containerDefinitions"][0]["secrets"] == before["containerDefinitions"][0]["secrets"]
    )
    assert draft.conflicts == (
        "will be reverted by the next deploy of stack mangaassist (CloudFormation)",
    )
    back = carried_out(action, step.inverse(1))
    assert operations(back) == ["ecs:UpdateService"]
    assert definition(ecs, service)[0] == f"{service}:1"


def test_a_deployment_that_ecs_rolls_back_has_failed(
    aws: Aws, ecs: Any, environment: Environment, service: str
) -> None:
    remedy = SetEnvRemedy(ecs=EcsGateway(aws), environment=environment)
    (step,) = drafted(remedy, SetEnv(variables=(("CHUNK_BATCH_SIZE", "0"),))).steps
    action = remedy.actions[step.action]
    action.write(step, PlainPen())
    newest = ecs.list_service_deployments(cluster=CLUSTER, service=service)["serviceDeployments"][0]
    ecs.stop_service_deployment(
        serviceDeploymentArn=newest["serviceDeploymentArn"], stopType="ROLLBACK"
    )
    settled = followed(action, step)
    assert settled.progress is Progress.FAILED
    assert settled.detail.startswith(f"ECS rolled back to {service}:1")
    waiter = ecs.get_waiter("services_stable")
    waiter.wait(cluster=CLUSTER, services=[service], WaiterConfig=QUICK)
    assert action.settled(step).progress is Progress.FAILED
    inverse = step.inverse(1)
    assert compare(inverse, action.read(inverse)).standing is Standing.AFTER


@pytest.mark.skipif(which("jq") is None, reason="needs jq")
def test_the_lines_of_the_aws_cli_do_the_same(
    sandbox: Running,
    aws: Aws,
    ecs: Any,
    environment: Environment,
    service: str,
    tmp_path: Path,
) -> None:
    remedy = SetEnvRemedy(ecs=EcsGateway(aws), environment=environment)
    draft = drafted(remedy, SetEnv(variables=(("LOG_LEVEL", 'it\'s "debug"'), ("NEW", "1 2"))))
    (step,) = draft.steps
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", "\n".join(draft.aws_cli)],
        cwd=tmp_path,
        env={**os.environ, **sandbox.exports(), "PATH": programs, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    action = remedy.actions[step.action]
    assert followed(action, step).progress is Progress.REACHED
    assert compare(step, action.read(step)).standing is Standing.AFTER
    assert definition(ecs, service)[2] == [{"key": "service", "value": "mangaassist"}]


def test_a_service_is_restarted_task_by_task(
    aws: Aws, ecs: Any, environment: Environment, service: str
) -> None:
    remedy = RestartServiceRemedy(ecs=EcsGateway(aws), environment=environment)
    words = {"cluster": CLUSTER, "serviceName": service}
    before = set(ecs.list_tasks(**words)["taskArns"])
    (step,) = drafted(remedy, RestartService()).steps
    pen = carried_out(remedy.actions[step.action], step)
    assert operations(pen) == ["ecs:UpdateService"]
    after = set(ecs.list_tasks(**words)["taskArns"])
    assert (len(after), after & before) == (2, set())


def test_a_minimum_is_raised_and_taken_back_with_the_count(
    aws: Aws, client: Callable[..., Any], environment: Environment, service: str
) -> None:
    ecs, scaling = EcsGateway(aws), AutoScalingGateway(aws)
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{CLUSTER}/{service}",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=2,
        MaxCapacity=3,
    )
    client("application-autoscaling").put_scheduled_action(
        ServiceNamespace="ecs",
        ResourceId=f"service/{CLUSTER}/{service}",
        ScalableDimension="ecs:service:DesiredCount",
        ScheduledActionName="night",
        Schedule="cron(0 0 * * ? *)",
        Timezone="Asia/Tokyo",
        ScalableTargetAction={"MinCapacity": 2},
    )
    remedy = ScaleOutRemedy(ecs=ecs, scaling=scaling, environment=environment)
    draft = drafted(remedy, ScaleOut(to=4))
    assert draft.conflicts[1:] == (
        "scheduled action night sets the minimum to 2 again: cron(0 0 * * ? *) Asia/Tokyo",
    )
    (step,) = draft.steps
    action = remedy.actions[step.action]
    pen = carried_out(action, step)
    assert operations(pen) == ["application-autoscaling:RegisterScalableTarget"]
    assert scaling.target(CLUSTER, service) == limits(4, 4)
    back = carried_out(action, step.inverse(1))
    assert operations(back) == [
        "ecs:UpdateService",
        "application-autoscaling:RegisterScalableTarget",
    ]
    assert scaling.target(CLUSTER, service) == limits(2, 3)
    assert ecs.service(CLUSTER, service).desired == 2


def limits(minimum: int, maximum: int) -> ScalableTarget:
    return ScalableTarget(minimum=minimum, maximum=maximum, scale_in_suspended=False)


def test_without_a_scalable_target_the_count_is_set(
    aws: Aws, environment: Environment, service: str
) -> None:
    ecs = EcsGateway(aws)
    remedy = ScaleOutRemedy(ecs=ecs, scaling=AutoScalingGateway(aws), environment=environment)
    (step,) = drafted(remedy, ScaleOut()).steps
    action = remedy.actions[step.action]
    assert operations(carried_out(action, step)) == ["ecs:UpdateService"]
    assert ecs.service(CLUSTER, service).running == 4
    carried_out(action, step.inverse(1))
    assert ecs.service(CLUSTER, service).running == 2
