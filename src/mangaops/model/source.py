"""The kinds of evidence: the one list of them, with what each answers and may cost.

The loader checks a runbook's declarations against the query classes, conditions are
checked against `fields`, and `evidence/sources` has one module per kind that turns
the query into AWS calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TypeAlias

from mangaops.model.query import (
    AuditTrailQuery,
    BenchComparisonQuery,
    CachedAnswersQuery,
    EcsEnvironmentQuery,
    EcsServiceQuery,
    EcsStoppedTasksQuery,
    EventSourceQuery,
    FieldType,
    HealthEventsQuery,
    IndexSettingsQuery,
    InventoryQuery,
    LogQuery,
    MetricQuery,
    ModelLifecycleQuery,
    ParameterQuery,
    PromptVersionsQuery,
    Query,
    RecentChangesQuery,
    ScalingTargetQuery,
    SearchCapacityQuery,
    TableStreamQuery,
)


class Shape(StrEnum):
    """Which of the four shapes of `model.evidence` a kind answers with."""

    SERIES = "series"
    TABLE = "table"
    RECORD = "record"


class Expense(IntEnum):
    """How dear it is to read, cheapest first; costlier kinds are read only when needed."""

    BATCHED = 0
    CALL = 1
    SEVERAL_CALLS = 2
    SCAN = 3


Columns: TypeAlias = Mapping[str, FieldType]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind:
    """One kind: its query class, the shape of its answer and the fields that shape has.

    For a table `fields` are its columns (a log query declares its own); for a
    record a field is a scalar type, or the columns of a table. What is `local` may be
    read from this machine: that it could be read does not say that AWS answers.
    """

    name: str
    query: type[Query]
    shape: Shape
    expense: Expense
    fields: Mapping[str, FieldType | Columns] = field(default_factory=dict)
    permissions: tuple[str, ...] = ()
    local: bool = False


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
            "digest": _T,
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
        name="bench_comparison",
        query=BenchComparisonQuery,
        shape=Shape.TABLE,
        expense=Expense.SEVERAL_CALLS,
        fields={
            "intent": _T,
            "what": _T,
            "verdict": _T,
            "ratio": _N,
            "low": _N,
            "high": _N,
            "infinite": _F,
            "severity": _T,
            "cause": _T,
            "shift": _T,
            "baseline_run": _T,
            "candidate_run": _T,
            "baseline_version": _T,
            "candidate_version": _T,
            "baseline_digest": _T,
            "candidate_digest": _T,
            "baseline_at": _AT,
            "candidate_at": _AT,
            "interleaved": _F,
            "controlled": _F,
            "samples_baseline": _N,
            "samples_candidate": _N,
            "p95_baseline": _N,
            "p95_candidate": _N,
            "prompt_tokens_baseline": _N,
            "prompt_tokens_candidate": _N,
            "output_tokens_baseline": _N,
            "output_tokens_candidate": _N,
            "first_token_part": _N,
            "output_part": _N,
            "generation_part": _N,
            "remainder_part": _N,
            "doubts": _T,
            "damaged": _T,
        },
        local=True,
        permissions=("s3:ListBucket", "s3:GetObject"),
    ),
)

SOURCE_KINDS: Mapping[str, SourceKind] = MappingProxyType({kind.name: kind for kind in _KINDS})
