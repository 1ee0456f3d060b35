"""How many calls reading one piece of evidence takes, by its declaration alone.

Nothing is asked: `least` and `most` follow from what the readers of `sources` do. A `most`
of None has no bound that is known before (pages, polling, as many parts as there are).
Metrics are not here: they share their calls, see `reading_plan`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mangaops.model.query import (
    AuditTrailQuery,
    BenchComparisonQuery,
    CachedAnswersQuery,
    EcsEnvironmentQuery,
    EcsServiceQuery,
    EcsStoppedTasksQuery,
    EventSourceQuery,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """`action` is the IAM name of a call; it is sent `least` to `most` times."""

    action: str
    least: int = 1
    most: int | None = 1


def added(calls: Sequence[Calls]) -> tuple[Calls, ...]:
    """Each action once, in alphabetical order."""
    sums: dict[str, Calls] = {}
    for one in calls:
        so_far = sums.get(one.action, Calls(action=one.action, least=0, most=0))
        bounded = so_far.most is not None and one.most is not None
        most = (so_far.most or 0) + (one.most or 0) if bounded else None
        sums[one.action] = Calls(action=one.action, least=so_far.least + one.least, most=most)
    return tuple(sums[action] for action in sorted(sums))


def calls_of(query: Query) -> tuple[Calls, ...]:
    """What reading it sends once it is read at all; nothing for what is not asked of AWS."""
    match query:
        case ParameterQuery() if query.history:
            return _one("ssm:GetParameter"), _any("ssm:GetParameterHistory")
        case AuditTrailQuery():
            least = len(set(query.events))
            return (Calls(action="cloudtrail:LookupEvents", least=least, most=None),)
        case RecentChangesQuery():
            histories = len(set(query.parameters))
            return (
                _many("dynamodb:Scan"),
                _one("ecs:DescribeServices"),
                Calls(action="ssm:GetParameterHistory", least=histories, most=None),
            )
        case ModelLifecycleQuery():
            return _lifecycle(query)
        case BenchComparisonQuery() if not query.store.startswith("s3://"):
            return ()
        case _:
            return _SAME[type(query)]


def _lifecycle(query: ModelLifecycleQuery) -> tuple[Calls, ...]:
    stored = sum(name.startswith("/") for name in query.models)
    models = len(query.models)
    return (
        Calls(action="ssm:GetParameter", least=stored, most=stored),
        Calls(action="bedrock:GetInferenceProfile", least=0, most=models),
        Calls(action="bedrock:GetFoundationModel", least=0, most=models),
    )


def _one(action: str) -> Calls:
    return Calls(action=action)


def _many(action: str) -> Calls:
    return Calls(action=action, most=None)


def _perhaps(action: str) -> Calls:
    return Calls(action=action, least=0)


def _any(action: str) -> Calls:
    return Calls(action=action, least=0, most=None)


_SAME: Mapping[type[Query], tuple[Calls, ...]] = {
    MetricQuery: (),  # they go together
    CachedAnswersQuery: (),  # asked by Redis's own protocol
    LogQuery: (
        _one("logs:StartQuery"),
        _many("logs:GetQueryResults"),
        _perhaps("logs:StopQuery"),
    ),
    EcsServiceQuery: (_one("ecs:DescribeServices"),),
    EcsStoppedTasksQuery: (_many("ecs:ListTasks"), _any("ecs:DescribeTasks")),
    EcsEnvironmentQuery: (
        _one("ecs:DescribeServices"),
        _perhaps("ecs:DescribeTaskDefinition"),
    ),
    ScalingTargetQuery: (
        _one("application-autoscaling:DescribeScalableTargets"),
        _any("application-autoscaling:DescribeScalingActivities"),
    ),
    ParameterQuery: (_one("ssm:GetParameter"),),
    PromptVersionsQuery: (_many("dynamodb:Scan"),),
    InventoryQuery: (_any("dynamodb:BatchGetItem"),),
    TableStreamQuery: (_one("dynamodb:DescribeTable"),),
    EventSourceQuery: (_many("lambda:ListEventSourceMappings"),),
    SearchCapacityQuery: (
        _one("aoss:BatchGetCollection"),
        _perhaps("aoss:BatchGetCollectionGroup"),
        _perhaps("aoss:GetAccountSettings"),
    ),
    IndexSettingsQuery: (_one("aoss:BatchGetCollection"), _perhaps("aoss:APIAccessAll")),
    HealthEventsQuery: (_many("health:DescribeEvents"), _any("health:DescribeEventDetails")),
    BenchComparisonQuery: (_many("s3:ListBucket"), _any("s3:GetObject")),
}
"""Kinds whose calls are the same whatever is asked."""
