from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mangaops.sandbox.services import ecs
from mangaops.sandbox.services.ecs import EcsState, StopCode, TaskFailure
from mangaops.sandbox.world import World
from support.overlay_calls import NOON, Caller, StandingClock

CLUSTER, SERVICE = "mangaassist-prod", "orchestrator"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def world(clock: StandingClock) -> World:
    world = World(clock=clock)
    ecs.seed(world)
    return world


@pytest.fixture
def call(world: World) -> Caller:
    return Caller(world, "ecs", ecs.OPERATIONS)


def described(call: Caller) -> dict[str, Any]:
    answer = call("DescribeServices", cluster=CLUSTER, services=[SERVICE])
    assert answer["failures"] == []
    return dict(answer["services"][0])


def register_again(call: Caller) -> str:
    """The same task definition with a larger pool, as set-env will do it."""
    body = call("DescribeTaskDefinition", taskDefinition="mangaassist-orchestrator")
    kept = dict(body["taskDefinition"])
    for name in (
        "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities",
        "registeredAt", "registeredBy",
    ):  # fmt: skip
        kept.pop(name)
    container = dict(kept["containerDefinitions"][0])
    container["environment"] = [{"name": "BEDROCK_POOL_SIZE", "value": "10"}]
    kept["containerDefinitions"] = [container]
    answer = call("RegisterTaskDefinition", **kept)
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def test_the_normal_service_is_steady_with_four_tasks(call: Caller) -> None:
    service = described(call)
    counts = (service["desiredCount"], service["runningCount"], service["pendingCount"])
    assert counts == (4, 4, 0)
    assert [each["rolloutState"] for each in service["deployments"]] == ["COMPLETED"]
    assert service["deploymentController"] == {"type": "ECS"}
    assert service["events"][0]["message"] == "(service orchestrator) has reached a steady state."
    assert service["deployments"][0]["createdAt"] == NOON - timedelta(days=9)


def test_the_container_has_the_environment_of_the_telemetry(call: Caller) -> None:
    answer = call("DescribeTaskDefinition", taskDefinition="mangaassist-orchestrator:1")
    container = answer["taskDefinition"]["containerDefinitions"][0]
    environment = {each["name"]: each["value"] for each in container["environment"]}
    assert container["name"] == "app"
    assert environment["BEDROCK_POOL_SIZE"] == "5"
    assert environment["BEDROCK_KEEPALIVE_INTERVAL"] == "30"
    assert environment["CHUNK_BATCH_SIZE"] == "3"
    assert "HEARTBEAT_INTERVAL_S" not in environment


def test_a_new_definition_rolls_out_over_time(call: Caller, clock: StandingClock) -> None:
    arn = register_again(call)
    answer = call("UpdateService", cluster=CLUSTER, service=SERVICE, taskDefinition=arn)
    assert answer["service"]["taskDefinition"] == arn
    states = [each["rolloutState"] for each in answer["service"]["deployments"]]
    assert states == ["IN_PROGRESS", "COMPLETED"]

    clock.move(1)
    primary, old = described(call)["deployments"]
    assert (primary["pendingCount"], primary["runningCount"], old["runningCount"]) == (4, 0, 4)

    clock.move(4)
    service = described(call)
    only = service["deployments"]
    assert [(each["rolloutState"], each["runningCount"]) for each in only] == [("COMPLETED", 4)]
    assert (service["taskDefinition"], service["runningCount"]) == (arn, 4)
    assert service["events"][0]["message"] == "(service orchestrator) has reached a steady state."


def test_the_result_does_not_depend_on_how_often_one_looks() -> None:
    def roll(steps: int) -> dict[str, Any]:
        own = StandingClock()
        world = World(clock=own)
        ecs.seed(world)
        call = Caller(world, "ecs", ecs.OPERATIONS)
        call("UpdateService", cluster=CLUSTER, service=SERVICE, forceNewDeployment=True)
        for _ in range(steps):
            own.move(12 / steps)
            described(call)
        return described(call)

    assert roll(1) == roll(24)


def test_capacity_never_falls_below_the_minimum_during_a_rollout(
    call: Caller, clock: StandingClock
) -> None:
    call("UpdateService", cluster=CLUSTER, service=SERVICE, forceNewDeployment=True)
    seen = []
    for _ in range(20):
        clock.move(0.5)
        seen.append(described(call)["runningCount"])
    assert min(seen) == 4
    assert seen[-1] == 4


def test_a_failing_definition_is_rolled_back(
    call: Caller, clock: StandingClock, world: World
) -> None:
    before = described(call)["taskDefinition"]
    arn = register_again(call)
    world.state(EcsState).failing["mangaassist-orchestrator:2"] = TaskFailure(exit_code=1)
    call("UpdateService", cluster=CLUSTER, service=SERVICE, taskDefinition=arn)
    clock.move(3)
    rolling = described(call)["deployments"]
    assert [each["rolloutState"] for each in rolling] == ["IN_PROGRESS", "FAILED", "COMPLETED"]
    assert rolling[1]["failedTasks"] == 4

    clock.move(10)
    service = described(call)
    assert service["taskDefinition"] == before
    assert [each["rolloutState"] for each in service["deployments"]] == ["COMPLETED"]
    history = call("ListServiceDeployments", cluster=CLUSTER, service=SERVICE)
    statuses = [each["status"] for each in history["serviceDeployments"]]
    assert statuses == ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]
    full = call(
        "DescribeServiceDeployments",
        serviceDeploymentArns=[history["serviceDeployments"][0]["serviceDeploymentArn"]],
    )["serviceDeployments"][0]
    assert full["deploymentCircuitBreaker"] == {
        "status": "TRIGGERED", "failureCount": 4, "threshold": 3,
    }  # fmt: skip
    stopped = call("ListTasks", cluster=CLUSTER, serviceName=SERVICE, desiredStatus="STOPPED")
    tasks = call("DescribeTasks", cluster=CLUSTER, tasks=stopped["taskArns"])["tasks"]
    failed = [task for task in tasks if task["stopCode"] == "EssentialContainerExited"]
    assert [task["containers"][0]["exitCode"] for task in failed] == [1] * 4


def test_without_a_circuit_breaker_a_failing_deployment_keeps_trying(
    call: Caller, clock: StandingClock, world: World
) -> None:
    arn = register_again(call)
    world.state(EcsState).failing["mangaassist-orchestrator:2"] = TaskFailure()
    breaker = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}
    call(
        "UpdateService",
        cluster=CLUSTER,
        service=SERVICE,
        taskDefinition=arn,
        deploymentConfiguration=breaker,
    )
    clock.move(120)
    service = described(call)
    primary, old = service["deployments"]
    assert (primary["rolloutState"], old["runningCount"]) == ("IN_PROGRESS", 4)
    assert primary["failedTasks"] > 8
    messages = " ".join(event["message"] for event in service["events"])
    assert "is unable to consistently start tasks successfully" in messages
    assert service["deploymentConfiguration"]["maximumPercent"] == 200


def test_a_desired_count_scales_without_a_deployment(call: Caller, clock: StandingClock) -> None:
    deployment = described(call)["deployments"][0]["id"]
    call("UpdateService", cluster=CLUSTER, service=SERVICE, desiredCount=8)
    clock.move(1)
    assert (described(call)["runningCount"], described(call)["pendingCount"]) == (4, 4)
    clock.move(3)
    service = described(call)
    assert service["runningCount"] == 8
    assert [each["id"] for each in service["deployments"]] == [deployment]
    call("UpdateService", cluster=CLUSTER, service=SERVICE, desiredCount=2)
    clock.move(4)
    assert described(call)["runningCount"] == 2


def test_a_stopped_task_is_replaced_and_stays_visible_for_an_hour(
    call: Caller, clock: StandingClock
) -> None:
    victim = call("ListTasks", cluster=CLUSTER, serviceName=SERVICE)["taskArns"][0]
    call("StopTask", cluster=CLUSTER, task=victim, reason="drill")
    clock.move(5)
    assert described(call)["runningCount"] == 4
    stopped = call("ListTasks", cluster=CLUSTER, serviceName=SERVICE, desiredStatus="STOPPED")
    assert stopped["taskArns"] == [victim]
    task = call("DescribeTasks", cluster=CLUSTER, tasks=[victim])["tasks"][0]
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "drill")
    assert task["containers"][0]["exitCode"] == 143
    clock.move(3601)
    gone = call("DescribeTasks", cluster=CLUSTER, tasks=[victim])
    assert [each["reason"] for each in gone["failures"]] == ["MISSING"]


def test_unknown_names_are_answered_as_ecs_does(call: Caller) -> None:
    answer = call("DescribeServices", cluster=CLUSTER, services=["orchestrater"])
    arn = "arn:aws:ecs:ap-northeast-1:123456789012:service/mangaassist-prod/orchestrater"
    assert answer == {"services": [], "failures": [{"arn": arn, "reason": "MISSING"}]}
    codes = [
        call.fault("DescribeServices", cluster="nowhere", services=[SERVICE]).code,
        call.fault("UpdateService", cluster=CLUSTER, service="nothing").code,
        call.fault("ListTasks", cluster=CLUSTER, serviceName="nothing").code,
        call.fault("DescribeTaskDefinition", taskDefinition="nothing").code,
        call.fault(
            "UpdateService", cluster=CLUSTER, service=SERVICE, taskDefinition="nothing:1"
        ).code,
    ]
    assert codes == [
        "ClusterNotFoundException",
        "ServiceNotFoundException",
        "ServiceNotFoundException",
        "ClientException",
        "ClientException",
    ]


def test_another_region_has_no_cluster(world: World) -> None:
    elsewhere = Caller(world, "ecs", ecs.OPERATIONS, region="us-east-1")
    fault = elsewhere.fault("DescribeServices", cluster=CLUSTER, services=[SERVICE])
    assert fault.code == "ClusterNotFoundException"


def test_a_service_of_another_controller_refuses_definitions(call: Caller, world: World) -> None:
    service = world.state(EcsState).service(CLUSTER, SERVICE)
    service.settings["deploymentController"] = {"type": "CODE_DEPLOY"}
    fault = call.fault(
        "UpdateService",
        cluster=CLUSTER,
        service=SERVICE,
        taskDefinition="mangaassist-orchestrator:1",
    )
    assert fault.code == "InvalidParameterException"


def test_a_service_is_deleted_only_when_it_is_scaled_to_zero(
    call: Caller, clock: StandingClock
) -> None:
    fault = call.fault("DeleteService", cluster=CLUSTER, service=SERVICE)
    assert fault.code == "InvalidParameterException"
    call("UpdateService", cluster=CLUSTER, service=SERVICE, desiredCount=0)
    clock.move(5)
    call("DeleteService", cluster=CLUSTER, service=SERVICE)
    clock.move(5)
    again = call.fault("UpdateService", cluster=CLUSTER, service=SERVICE, desiredCount=1)
    assert again.code == "ServiceNotActiveException"
    assert call("DescribeClusters", clusters=[CLUSTER])["clusters"][0]["runningTasksCount"] == 0


def test_a_deployment_can_be_stopped_and_rolled_back(call: Caller, clock: StandingClock) -> None:
    before = described(call)["taskDefinition"]
    arn = register_again(call)
    call("UpdateService", cluster=CLUSTER, service=SERVICE, taskDefinition=arn)
    clock.move(1)
    running = described(call)["currentServiceDeployment"]
    call("StopServiceDeployment", serviceDeploymentArn=running, stopType="ROLLBACK")
    clock.move(8)
    assert described(call)["taskDefinition"] == before
    assert described(call)["runningCount"] == 4


def test_scenarios_write_the_past(call: Caller, world: World) -> None:
    state = world.state(EcsState)
    service = state.service(CLUSTER, SERVICE)
    ecs.past_deployment(state, service, NOON - timedelta(minutes=20))
    ecs.past_stop(state, service, NOON - timedelta(minutes=10), reason="OutOfMemoryError")
    answer = described(call)
    assert answer["deployments"][0]["createdAt"] == NOON - timedelta(minutes=20)
    assert answer["runningCount"] == 4
    arns = call("ListTasks", cluster=CLUSTER, serviceName=SERVICE, desiredStatus="STOPPED")
    tasks = call("DescribeTasks", cluster=CLUSTER, tasks=arns["taskArns"])["tasks"]
    codes = sorted(task["stopCode"] for task in tasks)
    assert codes == [StopCode.CONTAINER_EXITED.value] + [StopCode.SCHEDULER.value] * 4
    times = [event["createdAt"] for event in answer["events"]]
    assert times == sorted(times, reverse=True)


def test_registering_again_loses_nothing(call: Caller) -> None:
    first = call("DescribeTaskDefinition", taskDefinition="mangaassist-orchestrator:1")
    second = register_again(call)
    assert second.endswith("task-definition/mangaassist-orchestrator:2")
    again = call("DescribeTaskDefinition", taskDefinition=second)["taskDefinition"]
    changed = {name for name, value in first["taskDefinition"].items() if again.get(name) != value}
    assert changed == {"taskDefinitionArn", "revision", "containerDefinitions", "registeredAt"}


def test_tags_are_set_on_services_and_definitions(call: Caller) -> None:
    service = described(call)["serviceArn"]
    definition = described(call)["taskDefinition"]
    stack = [{"key": "aws:cloudformation:stack-name", "value": "mangaassist"}]
    call("TagResource", resourceArn=service, tags=stack)
    call("TagResource", resourceArn=definition, tags=[{"key": "service", "value": "other"}])
    answer = call("DescribeServices", cluster=CLUSTER, services=[SERVICE], include=["TAGS"])
    assert answer["services"][0]["tags"] == stack
    tags = call("ListTagsForResource", resourceArn=definition)["tags"]
    assert tags == [{"key": "service", "value": "other"}]
    call("UntagResource", resourceArn=service, tagKeys=["aws:cloudformation:stack-name"])
    assert call("ListTagsForResource", resourceArn=service) == {"tags": []}
    bad = "arn:aws:ecs:ap-northeast-1:123456789012:task/a/b"
    assert call.fault("ListTagsForResource", resourceArn=bad).code == "InvalidParameterException"
