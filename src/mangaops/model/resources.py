"""Resources as the gateways of `aws` report them, whoever asks: evidence now, remedies later.

Instants are aware UTC datetimes, ARNs are whole. None stands for what AWS did not tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment of a service; `rollout` is IN_PROGRESS, COMPLETED or FAILED."""

    id: str
    status: str
    rollout: str | None
    reason: str | None
    task_definition: str
    created_at: datetime | None
    updated_at: datetime | None
    desired: int
    running: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEvent:
    at: datetime | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service now. `task_definition` is the ARN that new tasks get. Events are newest first."""

    desired: int
    running: int
    pending: int
    controller: str
    task_definition: str
    deployments: tuple[Deployment, ...]
    events: tuple[ServiceEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedTask:
    """A task that ended in about the last hour, which is as long as ECS remembers it.

    `stopped_at` is when it began to stop, while it still does (it drains for minutes).
    `exit_code` is that of the container that failed, or of the first that ended.
    """

    task: str
    stopped_at: datetime | None
    code: str | None
    reason: str | None
    exit_code: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalableTarget:
    minimum: int
    maximum: int
    scale_in_suspended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingActivity:
    """`status` is AWS's own word; a decision not to scale has its reason codes in `cause`."""

    at: datetime
    status: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredParameter:
    """An SSM parameter now; the value of a SecureString is None."""

    name: str
    value: str | None
    version: int
    modified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterVersion:
    """One earlier or present value; that of a SecureString is None."""

    version: int
    value: str | None
    modified_at: datetime | None
    modified_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersion:
    """One row of the template table; what is absent or of a wrong type is None."""

    intent: str
    version: str
    active: bool
    prompt_tokens: int | float | None
    max_output_tokens: int | float | None
    activated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersions:
    """`malformed` counts items that were left out, having no intent, version or active flag,
    and items that have another attribute of a wrong type.
    """

    versions: tuple[PromptVersion, ...]
    malformed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    product_id: str
    quantity: int | float | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStream:
    """`arn` names the latest stream, which outlives its being switched off by a day."""

    enabled: bool
    arn: str | None
    view_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """An event source mapping; `table` is the DynamoDB table of its stream, if it is one.

    `retries` and `max_age_s` are -1 without a limit: then one bad record blocks its shard
    until it expires after 24 hours. `bisect` halves a batch that failed.
    """

    uuid: str
    state: str
    source_arn: str
    table: str | None
    last_result: str | None
    reason: str | None
    bisect: bool | None = None
    retries: int | None = None
    max_age_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One row of Service Quotas; `value` is what applies to this account now."""

    code: str
    name: str
    value: float
    adjustable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRequest:
    """A request to raise a quota. Open while PENDING or CASE_OPENED: AWS takes one at a time."""

    id: str
    desired: float
    status: str

    @property
    def open(self) -> bool:
        return self.status in {"PENDING", "CASE_OPENED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """`group` is None for a collection that belongs to none; that is decided at its creation."""

    id: str
    name: str
    status: str
    endpoint: str | None
    group: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionGroup:
    """Limits and present capacity of a collection group, in OCU."""

    name: str
    min_search: float | None
    max_search: float | None
    min_indexing: float | None
    max_indexing: float | None
    current_search: float | None
    generation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthEvent:
    arn: str
    service: str
    type: str
    status: str
    region: str
    started_at: datetime | None
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    at: datetime | None
    event: str
    user: str | None
    resource: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvents:
    """`more` says that older events of this name were left out."""

    events: tuple[TrailEvent, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLifecycle:
    """`status` is ACTIVE or LEGACY; after its end of life a model is not found at all."""

    status: str
    end_of_life: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheEntry:
    """A key of Redis. `value` is None when the key holds no text; `ttl_s` when it never expires."""

    key: str
    value: str | None
    ttl_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheEntries:
    """`more` says that the pattern matches further keys, which were not read."""

    entries: tuple[CacheEntry, ...]
    more: bool
