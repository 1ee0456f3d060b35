"""The kinds of evidence: what each is asked for (`Query`) and what it answers (`SourceKind`).

This is the one list of kinds. The loader checks a runbook's declarations against
the query classes, conditions are checked against `fields`, and `evidence/sources`
has one module per kind that turns the query into AWS calls.

A string in a query may hold `${name}`: a name of the environment's resources
(`${cluster}`) or a parameter of the runbook. `runbook.bind` replaces them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TypeAlias


class Shape(StrEnum):
    """Which of the four shapes of `model.evidence` a kind answers with."""

    SERIES = "series"
    TABLE = "table"
    RECORD = "record"


class FieldType(StrEnum):
    """Types of fields and columns. A time is epoch seconds, so that `age()` can subtract it."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    TIME = "time"


class Expense(IntEnum):
    """How dear it is to read, cheapest first; costlier kinds are read only when needed."""

    BATCHED = 0
    CALL = 1
    SEVERAL_CALLS = 2
    SCAN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Also read the same window of this many earlier days (1..14)."""

    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricQuery:
    """One statistic of one metric. A dimension value of `*` gives a group of series.

    `stat` is as CloudWatch writes it (`p95`, `Average`, `Sum`, `Maximum`, `SampleCount`).
    `period` is the bucket of each datapoint. `pool` asks for one statistic over the
    newest stretch of this length instead (a true percentile over all its samples).
    `window` replaces the runbook's own evidence window. `sparse` marks a count that
    is published only when there is something to count.
    """

    namespace: str
    name: str
    stat: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    period: timedelta = timedelta(minutes=1)
    pool: timedelta | None = None
    window: timedelta | None = None
    sparse: bool = False
    baseline: Baseline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """A Logs Insights query in the portable grammar. `columns` types what it returns."""

    groups: tuple[str, ...]
    query: str
    columns: Mapping[str, FieldType]
    window: timedelta | None = None
    limit: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsServiceQuery:
    cluster: str
    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsStoppedTasksQuery:
    cluster: str
    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsEnvironmentQuery:
    cluster: str
    service: str
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingTargetQuery:
    cluster: str
    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterQuery:
    name: str
    history: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersionsQuery:
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedAnswersQuery:
    """Pre-computed answers in Redis; the URL is the environment's `cache_url`."""

    pattern: str = "precompute:genre:*"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryQuery:
    """Stock of the products named by another table's column (`products_from`)."""

    table: str
    products_from: str
    column: str = "product_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStreamQuery:
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSourceQuery:
    """Event source mappings of a function."""

    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCapacityQuery:
    collection: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettingsQuery:
    collection: str
    index: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthEventsQuery:
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTrailQuery:
    events: tuple[str, ...]
    window: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentChangesQuery:
    """Prompt activations, deployments and parameter changes, merged and dated."""

    table: str
    cluster: str
    service: str
    parameters: tuple[str, ...] = ()
    window: timedelta = timedelta(hours=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLifecycleQuery:
    """`models` names SSM parameters (`/...`) or model and profile ids."""

    models: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRunsQuery:
    """A directory or an `s3://bucket/prefix` of run files; empty when none is configured."""

    store: str


Query: TypeAlias = (
    MetricQuery
    | LogQuery
    | EcsServiceQuery
    | EcsStoppedTasksQuery
    | EcsEnvironmentQuery
    | ScalingTargetQuery
    | ParameterQuery
    | PromptVersionsQuery
    | CachedAnswersQuery
    | InventoryQuery
    | TableStreamQuery
    | EventSourceQuery
    | SearchCapacityQuery
    | IndexSettingsQuery
    | HealthEventsQuery
    | AuditTrailQuery
    | RecentChangesQuery
    | ModelLifecycleQuery
    | BenchRunsQuery
)

Columns: TypeAlias = Mapping[str, FieldType]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind:
    """One kind: its query class, the shape of its answer and the fields that shape has.

    For a table `fields` are its columns (a log query declares its own); for a
    record a field is a scalar type, or the columns of a table.
    """

    name: str
    query: type[Query]
    shape: Shape
    expense: Expense
    fields: Mapping[str, FieldType | Columns] = field(default_factory=dict)
    permissions: tuple[str, ...] = ()


_N, _T, _F, _AT = FieldType.NUMBER, FieldType.TEXT, FieldType.FLAG, FieldType.TIME

_KINDS = (
    SourceKind(
        name="metric",
        query=MetricQuery,
        shape=Shape.SERIES,
        expense=Expense.BATCHED,
        permissions=("cloudwatch:GetMetricData", "cloudwatch:ListMetrics"),
    ),
    SourceKind(
        name="logs",
        query=LogQuery,
        shape=Shape.TABLE,
        expense=Expense.SCAN,
        permissions=("logs:StartQuery", "logs:GetQueryResults", "logs:StopQuery"),
    ),
    SourceKind(
        name="ecs_service",
        query=EcsServiceQuery,
        shape=Shape.RECORD,
        expense=Expense.CALL,
        fields={
            "desired": _N,
            "running": _N,
            "pending": _N,
            "controller": _T,
            "task_definition": _T,
            "deployments": {
                "id": _T,
                "status": _T,
                "rollout": _T,
                "reason": _T,
                "task_definition": _T,
                "created_at": _AT,
                "updated_at": _AT,
                "desired": _N,
                "running": _N,
                "failed": _N,
            },
            "events": {"at": _AT, "message": _T},
        },
        permissions=("ecs:DescribeServices",),
    ),
    SourceKind(
        name="ecs_stopped_tasks",
        query=EcsStoppedTasksQuery,
        shape=Shape.TABLE,
        expense=Expense.SEVERAL_CALLS,
        fields={"task": _T, "stopped_at": _AT, "code": _T, "reason": _T, "exit_code": _N},
        permissions=("ecs:ListTasks", "ecs:DescribeTasks"),
    ),
    SourceKind(
        name="ecs_environment",
        query=EcsEnvironmentQuery,
        shape=Shape.TABLE,
        expense=Expense.SEVERAL_CALLS,
        fields={"name": _T, "value": _T},
        permissions=("ecs:DescribeServices", "ecs:DescribeTaskDefinition"),
    ),
    SourceKind(
        name="scaling_target",
        query=ScalingTargetQuery,
        shape=Shape.RECORD,
        expense=Expense.CALL,
        fields={
            "exists": _F,
            "min": _N,
            "max": _N,
            "scale_in_suspended": _F,
            "activities": {"at": _AT, "status": _T, "cause": _T},
        },
        permissions=(
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingActivities",
        ),
    ),
    SourceKind(
        name="parameter",
        query=ParameterQuery,
        shape=Shape.RECORD,
        expense=Expense.CALL,
        fields={
            "value": _T,
            "number": _N,
            "version": _N,
            "modified_at": _AT,
            "history": {"version": _N, "value": _T, "modified_at": _AT, "modified_by": _T},
        },
        permissions=("ssm:GetParameter", "ssm:GetParameterHistory"),
    ),
    SourceKind(
        name="prompt_versions",
        query=PromptVersionsQuery,
        shape=Shape.TABLE,
        expense=Expense.CALL,
        fields={
            "intent": _T,
            "version": _T,
            "active": _F,
            "prompt_tokens": _N,
            "max_output_tokens": _N,
            "activated_at": _AT,
        },
        permissions=("dynamodb:Scan",),
    ),
    SourceKind(
        name="cached_answers",
        query=CachedAnswersQuery,
        shape=Shape.TABLE,
        expense=Expense.SEVERAL_CALLS,
        fields={
            "key": _T,
            "genre": _T,
            "product_id": _T,
            "title": _T,
            "ttl_s": _N,
            "generated_at": _AT,
            "inventory_version": _T,
        },
    ),
    SourceKind(
        name="inventory",
        query=InventoryQuery,
        shape=Shape.TABLE,
        expense=Expense.SEVERAL_CALLS,
        fields={"product_id": _T, "quantity": _N, "updated_at": _AT},
        permissions=("dynamodb:BatchGetItem",),
    ),
    SourceKind(
        name="table_stream",
        query=TableStreamQuery,
        shape=Shape.RECORD,
        expense=Expense.CALL,
        fields={"enabled": _F, "arn": _T, "view_type": _T},
        permissions=("dynamodb:DescribeTable",),
    ),
    SourceKind(
        name="event_source",
        query=EventSourceQuery,
        shape=Shape.TABLE,
        expense=Expense.CALL,
        fields={
            "uuid": _T,
            "state": _T,
            "source_arn": _T,
            "table": _T,
            "last_result": _T,
            "reason": _T,
        },
        permissions=("lambda:ListEventSourceMappings",),
    ),
    SourceKind(
        name="search_capacity",
        query=SearchCapacityQuery,
        shape=Shape.RECORD,
        expense=Expense.SEVERAL_CALLS,
        fields={
            "grouped": _F,
            "group": _T,
            "min_search": _N,
            "max_search": _N,
            "min_indexing": _N,
            "max_indexing": _N,
            "account_max_search": _N,
            "current_search": _N,
            "generation": _T,
        },
        permissions=(
            "aoss:BatchGetCollection",
            "aoss:BatchGetCollectionGroup",
            "aoss:ListCollectionGroups",
            "aoss:GetAccountSettings",
        ),
    ),
    SourceKind(
        name="index_settings",
        query=IndexSettingsQuery,
        shape=Shape.RECORD,
        expense=Expense.SEVERAL_CALLS,
        fields={"ef_search": _N},
        permissions=("aoss:BatchGetCollection", "aoss:APIAccessAll"),
    ),
    SourceKind(
        name="health_events",
        query=HealthEventsQuery,
        shape=Shape.TABLE,
        expense=Expense.CALL,
        fields={
            "arn": _T,
            "service": _T,
            "type": _T,
            "status": _T,
            "region": _T,
            "started_at": _AT,
            "description": _T,
        },
        permissions=("health:DescribeEvents", "health:DescribeEventDetails"),
    ),
    SourceKind(
        name="audit_trail",
        query=AuditTrailQuery,
        shape=Shape.TABLE,
        expense=Expense.SEVERAL_CALLS,
        fields={"at": _AT, "event": _T, "user": _T, "resource": _T},
        permissions=("cloudtrail:LookupEvents",),
    ),
    SourceKind(
        name="recent_changes",
        query=RecentChangesQuery,
        shape=Shape.TABLE,
        expense=Expense.SEVERAL_CALLS,
        fields={"at": _AT, "kind": _T, "subject": _T, "what": _T},
        permissions=("dynamodb:Scan", "ecs:DescribeServices", "ssm:GetParameterHistory"),
    ),
    SourceKind(
        name="model_lifecycle",
        query=ModelLifecycleQuery,
        shape=Shape.TABLE,
        expense=Expense.SEVERAL_CALLS,
        fields={
            "model_id": _T,
            "base_id": _T,
            "status": _T,
            "end_of_life": _AT,
            "found": _F,
        },
        permissions=(
            "ssm:GetParameter",
            "bedrock:GetFoundationModel",
            "bedrock:GetInferenceProfile",
        ),
    ),
    SourceKind(
        name="bench_runs",
        query=BenchRunsQuery,
        shape=Shape.TABLE,
        expense=Expense.SEVERAL_CALLS,
        fields={"run": _T, "started_at": _AT, "prompt_version": _T, "intent": _T, "samples": _N},
        permissions=("s3:ListBucket", "s3:GetObject"),
    ),
)

SOURCE_KINDS: Mapping[str, SourceKind] = MappingProxyType({kind.name: kind for kind in _KINDS})
