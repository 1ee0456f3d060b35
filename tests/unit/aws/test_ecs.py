from __future__ import annotations

import pytest

from mangaops.aws.ecs import EcsGateway
from mangaops.errors import AwsNotFound, ConfigError
from mangaops.model.resources import Deployment, Service, ServiceEvent, StoppedTask
from support.asking import at
from support.stubbed import StubbedAws

DEFINITION = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/mangaassist-orchestrator:7"
ASKED_SERVICE = {"cluster": "prod", "services": ["orchestrator"]}


@pytest.fixture
def aws() -> StubbedAws:
    return StubbedAws("ecs")


def test_a_service_has_its_deployments_and_events(aws: StubbedAws) -> None:
    deployment = {
        "id": "ecs-svc/1",
        "status": "PRIMARY",
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": "in progress",
        "taskDefinition": DEFINITION,
        "createdAt": at(9),
        "updatedAt": at(8),
        "desiredCount": 4,
        "runningCount": 2,
        "failedTasks": 1,
    }
    service = {
        "status": "ACTIVE",
        "desiredCount": 4,
        "runningCount": 3,
        "pendingCount": 1,
        "deploymentController": {"type": "CODE_DEPLOY"},
        "taskDefinition": DEFINITION,
        "deployments": [deployment],
        "events": [{"id": "e", "createdAt": at(1), "message": "(service x) is unable"}],
    }
    aws.answers("describe_services", ASKED_SERVICE, {"services": [service], "failures": []})
    assert EcsGateway(aws).service("prod", "orchestrator") == Service(
        desired=4,
        running=3,
        pending=1,
        controller="CODE_DEPLOY",
        task_definition=DEFINITION,
        deployments=(
            Deployment(
                id="ecs-svc/1",
                status="PRIMARY",
                rollout="IN_PROGRESS",
                reason="in progress",
                task_definition=DEFINITION,
                created_at=at(9),
                updated_at=at(8),
                desired=4,
                running=2,
                failed=1,
            ),
        ),
        events=(ServiceEvent(at=at(1), message="(service x) is unable"),),
    )


def test_a_service_without_a_named_controller_is_deployed_by_ecs(aws: StubbedAws) -> None:
    aws.answers("describe_services", ASKED_SERVICE, {"services": [{"status": "ACTIVE"}]})
    assert EcsGateway(aws).service("prod", "orchestrator").controller == "ECS"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"services": [], "failures": [{"arn": "a", "reason": "MISSING"}]}, "MISSING"),
        ({"services": [{"status": "INACTIVE"}], "failures": []}, "it was deleted"),
    ],
)
def test_a_missing_or_deleted_service_is_not_found(
    aws: StubbedAws, answer: dict[str, object], why: str
) -> None:
    aws.answers("describe_services", ASKED_SERVICE, answer)
    with pytest.raises(AwsNotFound, match=why):
        EcsGateway(aws).service("prod", "orchestrator")


def test_an_unknown_cluster_is_not_found(aws: StubbedAws) -> None:
    aws.refuses("describe_services", "ClusterNotFoundException", "Cluster not found.")
    with pytest.raises(AwsNotFound, match="Cluster not found"):
        EcsGateway(aws).service("prod", "orchestrator")


def test_stopped_tasks_are_described_a_hundred_at_a_time_newest_first(aws: StubbedAws) -> None:
    arns = [f"arn:aws:ecs:r:1:task/prod/{number:03}" for number in range(101)]
    request = {"cluster": "prod", "serviceName": "orchestrator", "desiredStatus": "STOPPED"}
    aws.answers("list_tasks", request, {"taskArns": arns[:100], "nextToken": "more"})
    aws.answers("list_tasks", {**request, "nextToken": "more"}, {"taskArns": arns[100:]})
    for chunk in (arns[:100], arns[100:]):
        tasks = [{"taskArn": arn, "stoppedAt": at(int(arn[-3:]))} for arn in chunk]
        aws.answers("describe_tasks", {"cluster": "prod", "tasks": chunk}, {"tasks": tasks})
    found = EcsGateway(aws).stopped_tasks("prod", "orchestrator")
    assert [task.task for task in found] == [f"{number:03}" for number in range(101)]
    aws.done()


def test_the_failed_container_tells_why_a_task_stopped(aws: StubbedAws) -> None:
    task = {
        "taskArn": "arn:aws:ecs:r:1:task/prod/abc",
        "stoppedAt": at(3),
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "containers": [
            {"name": "log", "exitCode": 0},
            {"name": "app", "exitCode": 137, "reason": "OutOfMemoryError: killed"},
        ],
    }
    request = {"cluster": "prod", "serviceName": "orchestrator", "desiredStatus": "STOPPED"}
    aws.answers("list_tasks", request, {"taskArns": [task["taskArn"]]})
    aws.answers(
        "describe_tasks", {"cluster": "prod", "tasks": [task["taskArn"]]}, {"tasks": [task]}
    )
    assert EcsGateway(aws).stopped_tasks("prod", "orchestrator") == (
        StoppedTask(
            task="abc",
            stopped_at=at(3),
            code="EssentialContainerExited",
            reason="Essential container in task exited; app: OutOfMemoryError: killed",
            exit_code=137,
        ),
    )


def test_no_stopped_task_is_none_without_a_second_call(aws: StubbedAws) -> None:
    request = {"cluster": "prod", "serviceName": "orchestrator", "desiredStatus": "STOPPED"}
    aws.answers("list_tasks", request, {"taskArns": []})
    assert EcsGateway(aws).stopped_tasks("prod", "orchestrator") == ()


def _definition(aws: StubbedAws) -> None:
    containers = [
        {"name": "sidecar"},
        {
            "name": "app",
            "environment": [{"name": "BEDROCK_POOL_SIZE", "value": "5"}],
            "secrets": [{"name": "API_KEY", "valueFrom": "arn:aws:secretsmanager:x"}],
        },
    ]
    aws.answers(
        "describe_task_definition",
        {"taskDefinition": DEFINITION},
        {"taskDefinition": {"containerDefinitions": containers}},
    )


def test_the_environment_is_what_stands_in_the_definition_without_secrets(aws: StubbedAws) -> None:
    _definition(aws)
    assert EcsGateway(aws).container_environment(DEFINITION, "app") == {"BEDROCK_POOL_SIZE": "5"}


def test_an_unknown_container_is_a_wrong_setting_that_names_the_others(aws: StubbedAws) -> None:
    _definition(aws)
    with pytest.raises(ConfigError, match=r"orchestrator:7 has no container web; .* app, sidecar"):
        EcsGateway(aws).container_environment(DEFINITION, "web")
