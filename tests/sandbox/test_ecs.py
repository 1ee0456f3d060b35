"""ECS through boto3 and the AWS CLI. Every test makes a service of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

CLUSTER = "mangaassist-prod"
QUICK = {"Delay": 0.1, "MaxAttempts": 300}
STRIPPED = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
)


@pytest.fixture
def ecs(client: Callable[..., Any]) -> Any:
    return client("ecs")


@pytest.fixture
def service(ecs: Any, administer: Callable[..., Any]) -> str:
    """A steady service of two tasks, and a family, of this test's own."""
    administer("PUT", "pace", {"seconds": 0.3})
    name = f"test-{uuid.uuid4().hex[:8]}"
    body = ecs.describe_task_definition(taskDefinition="mangaassist-orchestrator")
    kept = {k: v for k, v in body["taskDefinition"].items() if k not in STRIPPED}
    ecs.register_task_definition(**{**kept, "family": name})
    ecs.create_service(cluster=CLUSTER, serviceName=name, taskDefinition=name, desiredCount=2)
    ecs.get_waiter("services_stable").wait(cluster=CLUSTER, services=[name], WaiterConfig=QUICK)
    return name


def test_the_cli_and_boto3_see_the_same_orchestrator(ecs: Any, aws_cli: Callable[..., Any]) -> None:
    words = ("--cluster", CLUSTER, "--services", "orchestrator")
    (shown,) = aws_cli("ecs", "describe-services", *words)["services"]
    (read,) = ecs.describe_services(cluster=CLUSTER, services=["orchestrator"])["services"]
    for field in ("serviceArn", "desiredCount", "runningCount", "taskDefinition", "status"):
        assert shown[field] == read[field]
    assert shown["deployments"][0]["rolloutState"] == "COMPLETED"
    tasks = aws_cli("ecs", "list-tasks", "--cluster", CLUSTER, "--service-name", "orchestrator")
    assert len(tasks["taskArns"]) == read["runningCount"]


def test_a_variable_is_changed_by_a_new_revision(ecs: Any, service: str) -> None:
    answer = ecs.describe_task_definition(taskDefinition=service, include=["TAGS"])
    body = {k: v for k, v in answer["taskDefinition"].items() if k not in STRIPPED}
    body["containerDefinitions"][0]["environment"] = [{"name": "BEDROCK_POOL_SIZE", "value": "10"}]
    made = ecs.register_task_definition(**body)["taskDefinition"]["taskDefinitionArn"]
    updated = ecs.update_service(cluster=CLUSTER, service=service, taskDefinition=f"{service}:2")
    states = [each["rolloutState"] for each in updated["service"]["deployments"]]
    assert states == ["IN_PROGRESS", "COMPLETED"]
    ecs.get_waiter("services_stable").wait(cluster=CLUSTER, services=[service], WaiterConfig=QUICK)
    (after,) = ecs.describe_services(cluster=CLUSTER, services=[service])["services"]
    assert (after["taskDefinition"], len(after["deployments"])) == (made, 1)
    history = ecs.list_service_deployments(cluster=CLUSTER, service=service)
    statuses = [each["status"] for each in history["serviceDeployments"]]
    assert statuses == ["SUCCESSFUL", "SUCCESSFUL"]
    stopped = ecs.list_tasks(cluster=CLUSTER, serviceName=service, desiredStatus="STOPPED")
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=stopped["taskArns"])["tasks"]
    assert {task["stopCode"] for task in tasks} == {"ServiceSchedulerInitiated"}


def test_the_cli_restarts_a_service(ecs: Any, service: str, aws_cli: Callable[..., Any]) -> None:
    words = ("--cluster", CLUSTER, "--service", service, "--force-new-deployment")
    shown = aws_cli("ecs", "update-service", *words)["service"]
    assert len(shown["deployments"]) == 2
    ecs.get_waiter("services_stable").wait(cluster=CLUSTER, services=[service], WaiterConfig=QUICK)


def test_raising_a_targets_minimum_starts_tasks(
    client: Callable[..., Any], ecs: Any, service: str, aws_cli: Callable[..., Any]
) -> None:
    scaling = client("application-autoscaling")
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{CLUSTER}/{service}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=2, MaxCapacity=6)
    scaling.register_scalable_target(**target, MinCapacity=4)
    words = ("--service-namespace", "ecs", "--resource-ids", target["ResourceId"])
    (shown,) = aws_cli("application-autoscaling", "describe-scalable-targets", *words)[
        "ScalableTargets"
    ]
    assert (shown["MinCapacity"], shown["MaxCapacity"]) == (4, 6)
    ecs.get_waiter("services_stable").wait(cluster=CLUSTER, services=[service], WaiterConfig=QUICK)
    (after,) = ecs.describe_services(cluster=CLUSTER, services=[service])["services"]
    assert (after["desiredCount"], after["runningCount"]) == (4, 4)
    (activity,) = scaling.describe_scaling_activities(
        ServiceNamespace="ecs", ResourceId=target["ResourceId"]
    )["ScalingActivities"]
    assert activity["StatusCode"] == "Successful"


def test_errors_have_awss_codes(ecs: Any) -> None:
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.describe_services(cluster="nowhere", services=["orchestrator"])
    with pytest.raises(ecs.exceptions.ServiceNotFoundException):
        ecs.update_service(cluster=CLUSTER, service="nothing", desiredCount=1)


def test_another_region_is_empty(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError, match="ClusterNotFoundException"):
        client("ecs", "us-east-1").describe_services(cluster=CLUSTER, services=["orchestrator"])
