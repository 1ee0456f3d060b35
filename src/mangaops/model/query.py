"""What each kind of evidence is asked for: one class per kind, its fields as in a runbook.

A string in a query may hold `${name}`: a name of the environment's resources
(`${cluster}`) or a parameter of the runbook. `runbook.bind` replaces them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from mangaops.model.field_type import FieldType as FieldType  # noqa: PLC0414 - exported


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
class BenchComparisonQuery:
    """What the newest stored benchmark runs say of each intent, against what was before.

    `store` is a directory or an `s3://bucket/prefix`; empty is the store that `bench run`
    fills where none is configured. Only runs that began within `window` count.
    """

    store: str
    window: timedelta = timedelta(days=7)


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
    | BenchComparisonQuery
)
