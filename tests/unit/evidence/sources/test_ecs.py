"""`ecs_service`, `ecs_stopped_tasks`, `ecs_environment` and `scaling_target`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from mangaops.errors import (
    AwsCredentials,
    AwsDenied,
    AwsError,
    AwsNotFound,
    AwsUnreachable,
    ConfigError,
)
from mangaops.evidence.sources.ecs_environment import EcsEnvironmentReader
from mangaops.evidence.sources.ecs_service import EcsServiceReader
from mangaops.evidence.sources.ecs_stopped_tasks import EcsStoppedTasksReader
from mangaops.evidence.sources.scaling_target import ScalingTargetReader
from mangaops.model.evidence import Evidence, EvidenceState, Record, Table
from mangaops.model.query import (
    EcsEnvironmentQuery,
    EcsServiceQuery,
    EcsStoppedTasksQuery,
    ScalingTargetQuery,
)
from mangaops.model.resources import (
    Deployment,
    ScalableTarget,
    ScalingActivity,
    Service,
    ServiceEvent,
    StoppedTask,
)
from mangaops.model.source import SOURCE_KINDS
from support.asking import asked, at, declare

SERVICE = Service(
    desired=4,
    running=3,
    pending=1,
    controller="ECS",
    task_definition="arn:x/orchestrator:7",
    deployments=(
        Deployment(
            id="ecs-svc/1",
            status="PRIMARY",
            rollout="IN_PROGRESS",
            reason=None,
            task_definition="arn:x/orchestrator:7",
            created_at=at(9),
            updated_at=None,
            desired=4,
            running=3,
            failed=2,
        ),
    ),
    events=(ServiceEvent(at=at(1), message="unable to pull: token=abc"),),
)


@dataclass
class FakeEcs:
    """Answers, or raises `error` from whichever method is called."""

    error: AwsError | ConfigError | None = None
    tasks: tuple[StoppedTask, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    def prepare(self) -> None: ...

    def service(self, cluster: str, service: str) -> Service:
        assert (cluster, service) == ("prod", "orchestrator")
        if isinstance(self.error, AwsError):
            raise self.error
        return SERVICE

    def stopped_tasks(self, cluster: str, service: str) -> tuple[StoppedTask, ...]:
        assert (cluster, service) == ("prod", "orchestrator")
        return self.tasks

    def container_environment(self, task_definition: str, container: str) -> Mapping[str, str]:
        assert (task_definition, container) == ("arn:x/orchestrator:7", "app")
        if self.error:
            raise self.error
        return self.variables


SERVICE_QUERY = {"call": "ecs:DescribeServices", "cluster": "prod", "service": "orchestrator"}


def _service(ecs: FakeEcs) -> Evidence:
    query = EcsServiceQuery(cluster="prod", service="orchestrator")
    return EcsServiceReader(ecs).read(declare(query), asked())


def test_a_service_is_a_record_with_redacted_texts_and_epoch_times() -> None:
    deployment = {
        "id": "ecs-svc/1",
        "status": "PRIMARY",
        "rollout": "IN_PROGRESS",
        "reason": None,
        "task_definition": "arn:x/orchestrator:7",
        "created_at": at(9).timestamp(),
        "updated_at": None,
        "desired": 4,
        "running": 3,
        "failed": 2,
    }
    event = {"at": at(1).timestamp(), "message": "unable to pull: token=[redacted]"}
    assert _service(FakeEcs()) == Evidence(
        id="it",
        kind="ecs_service",
        state=EvidenceState.OK,
        value=Record(
            fields={
                "desired": 4,
                "running": 3,
                "pending": 1,
                "controller": "ECS",
                "task_definition": "arn:x/orchestrator:7",
                "deployments": Table(columns=tuple(deployment), rows=(deployment,)),
                "events": Table(columns=tuple(event), rows=(event,)),
            }
        ),
        summary={
            "desired": 4,
            "running": 3,
            "deployments": 1,
            "newest_event": "unable to pull: token=[redacted]",
        },
        query=SERVICE_QUERY,
        newest=at(1),
    )


@pytest.mark.parametrize(
    ("error", "state", "detail"),
    [
        (
            AwsNotFound("no service", operation="ecs:DescribeServices", hint="set it"),
            EvidenceState.NO_DATA,
            "ecs:DescribeServices: no service; set it",
        ),
        (
            AwsDenied("not you: password=x", operation="ecs:DescribeServices"),
            EvidenceState.DENIED,
            "ecs:DescribeServices: not you: password=[redacted]",
        ),
        (AwsError("broken"), EvidenceState.FAILED, "broken"),
    ],
)
def test_an_error_is_evidence_with_the_query_that_was_asked(
    error: AwsError, state: EvidenceState, detail: str
) -> None:
    assert _service(FakeEcs(error=error)) == Evidence(
        id="it", kind="ecs_service", state=state, detail=detail, query=SERVICE_QUERY
    )


@pytest.mark.parametrize(
    "error",
    [
        AwsCredentials("expired"),
        AwsUnreachable("refused", operation="ecs:DescribeServices", code="ConnectionClosedError"),
    ],
)
def test_what_concerns_all_sources_is_the_collector_s_to_judge(error: AwsError) -> None:
    with pytest.raises(type(error)):
        _service(FakeEcs(error=error))


def test_a_time_out_is_evidence() -> None:
    error = AwsUnreachable("late", operation="ecs:DescribeServices", code="ReadTimeoutError")
    assert _service(FakeEcs(error=error)).state is EvidenceState.TIMEOUT


def test_stopped_tasks_are_rows() -> None:
    task = StoppedTask(
        task="abc", stopped_at=at(3), code="SpotInterruption", reason="gone", exit_code=143
    )
    query = EcsStoppedTasksQuery(cluster="prod", service="orchestrator")
    reader = EcsStoppedTasksReader(FakeEcs(tasks=(task,)), wall=lambda: at(-1))
    row = {
        "task": "abc",
        "stopped_at": at(3).timestamp(),
        "code": "SpotInterruption",
        "reason": "gone",
        "exit_code": 143,
    }
    assert reader.read(declare(query), asked()) == Evidence(
        id="it",
        kind="ecs_stopped_tasks",
        state=EvidenceState.OK,
        value=Table(columns=tuple(row), rows=(row,)),
        summary={"rows": 1, "codes": {"SpotInterruption": 1}},
        query={
            "call": "ecs:ListTasks, ecs:DescribeTasks",
            "cluster": "prod",
            "service": "orchestrator",
            "desired_status": "STOPPED",
        },
        newest=at(3),
    )


STOPPED_BEFORE = StoppedTask(task="a", stopped_at=at(999), code=None, reason=None, exit_code=1)
STOPPED_IN_IT = replace(STOPPED_BEFORE, stopped_at=at(3))


@pytest.mark.parametrize(
    ("tasks", "minutes_ago", "state"),
    [
        ((), 60, EvidenceState.OK),
        ((), 61, EvidenceState.NO_DATA),
        ((STOPPED_BEFORE,), 61, EvidenceState.NO_DATA),
        ((STOPPED_IN_IT,), 61, EvidenceState.OK),
    ],
)
def test_that_no_task_stopped_is_known_for_an_hour_only(
    tasks: tuple[StoppedTask, ...], minutes_ago: int, state: EvidenceState
) -> None:
    query = EcsStoppedTasksQuery(cluster="prod", service="orchestrator")
    reader = EcsStoppedTasksReader(FakeEcs(tasks=tasks), wall=lambda: at(-minutes_ago))
    assert reader.read(declare(query), asked()).state is state


def _environment(ecs: FakeEcs) -> Evidence:
    query = EcsEnvironmentQuery(cluster="prod", service="orchestrator", container="app")
    return EcsEnvironmentReader(ecs).read(declare(query), asked())


def test_values_of_secret_looking_names_are_redacted() -> None:
    variables = {"BEDROCK_POOL_SIZE": "5", "API_KEY": "abc1def2", "CACHE": "redis://:pw9pw9@h"}
    evidence = _environment(FakeEcs(variables=variables))
    assert evidence.hidden == ("abc1def2", "pw9pw9")
    assert evidence == Evidence(
        id="it",
        kind="ecs_environment",
        state=EvidenceState.OK,
        value=Table(
            columns=("name", "value"),
            rows=(
                {"name": "API_KEY", "value": "[redacted]"},
                {"name": "BEDROCK_POOL_SIZE", "value": "5"},
                {"name": "CACHE", "value": "redis://:[redacted]@h"},
            ),
        ),
        summary={"rows": 3, "redacted": 1},
        query={
            "call": "ecs:DescribeServices, ecs:DescribeTaskDefinition",
            "cluster": "prod",
            "service": "orchestrator",
            "container": "app",
            "task_definition": "arn:x/orchestrator:7",
        },
    )


def test_a_missing_container_fails_naming_the_others() -> None:
    error = ConfigError("no container app; it has: web.", hint="set resources.container")
    evidence = _environment(FakeEcs(error=error))
    assert (evidence.state, evidence.detail) == (
        EvidenceState.FAILED,
        "no container app; it has: web; set resources.container",
    )


@dataclass
class FakeScaling:
    found: ScalableTarget | None = None
    error: AwsError | None = None

    def prepare(self) -> None: ...

    def target(self, cluster: str, service: str) -> ScalableTarget | None:
        assert (cluster, service) == ("prod", "orchestrator")
        return self.found

    def activities(self, cluster: str, service: str) -> tuple[ScalingActivity, ...]:
        assert (cluster, service) == ("prod", "orchestrator")
        if self.error:
            raise self.error
        return (ScalingActivity(at=at(5), status="Unfulfilled", cause="at the maximum"),)


TARGET = ScalableTarget(minimum=4, maximum=16, scale_in_suspended=False)
LIMITS = {"exists": True, "min": 4, "max": 16, "scale_in_suspended": False}


def _scaling(scaling: FakeScaling) -> Evidence:
    query = ScalingTargetQuery(cluster="prod", service="orchestrator")
    return ScalingTargetReader(scaling).read(declare(query), asked())


def test_no_target_is_a_fact() -> None:
    none = Table(columns=("at", "status", "cause"), rows=())
    evidence = _scaling(FakeScaling())
    assert evidence.state is EvidenceState.OK
    assert evidence.value == Record(fields={"exists": False, "activities": none})


def test_a_target_has_limits_and_activities() -> None:
    row = {"at": at(5).timestamp(), "status": "Unfulfilled", "cause": "at the maximum"}
    activities = Table(columns=tuple(row), rows=(row,))
    assert _scaling(FakeScaling(found=TARGET)) == Evidence(
        id="it",
        kind="scaling_target",
        state=EvidenceState.OK,
        value=Record(fields={**LIMITS, "activities": activities}),
        summary={**LIMITS, "activities": 1},
        query={
            "call": "application-autoscaling:DescribeScalableTargets, DescribeScalingActivities",
            "resource": "service/prod/orchestrator",
        },
        newest=at(5),
    )


def test_activities_that_are_denied_leave_the_limits() -> None:
    whole = _scaling(FakeScaling(found=TARGET))
    assert _scaling(FakeScaling(found=TARGET, error=AwsDenied("no"))) == replace(
        whole,
        value=Record(fields=LIMITS),
        summary=LIMITS,
        newest=None,
        detail="activities were not read: no",
    )


@pytest.mark.parametrize("kind", ["ecs_service", "scaling_target"])
def test_the_fields_are_those_that_the_kind_promises(kind: str) -> None:
    evidence = _service(FakeEcs()) if kind == "ecs_service" else _scaling(FakeScaling(found=TARGET))
    assert isinstance(evidence.value, Record)
    promised = SOURCE_KINDS[kind].fields
    assert set(evidence.value.fields) == set(promised)
    for name, value in evidence.value.fields.items():
        if isinstance(value, Table):
            assert value.columns == tuple(promised[name])
