"""Resources as the gateways of `aws` report them, whoever asks: evidence now, remedies later.

Instants are aware UTC datetimes, ARNs are whole. None stands for what AWS did not tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mangaops.model.evidence import JSON


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
    """A service now. `task_definition` is the ARN that new tasks get. Events are newest first.

    `scheduling` is REPLICA or DAEMON. `breaker` says whether ECS rolls a failing deployment
    back by itself (its circuit breaker, with rollback).
    """

    desired: int
    running: int
    pending: int
    controller: str
    task_definition: str
    deployments: tuple[Deployment, ...]
    events: tuple[ServiceEvent, ...]
    scheduling: str = "REPLICA"
    breaker: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDefinition:
    """A revision. `name` is `family:3`; `body` is what RegisterTaskDefinition takes again.

    The body is as ECS gave it, without the fields that ECS adds by itself and without the
    tags. It can hold secrets in plain variables: never write it to a file.
    """

    name: str
    family: str
    body: Mapping[str, JSON]
    tags: Mapping[str, str]


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
class ScheduledLimits:
    """A scheduled action that sets limits; None leaves one as it is. `schedule` is AWS's text."""

    name: str
    schedule: str
    timezone: str
    minimum: int | None
    maximum: int | None


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
    """One row of the template table; what is absent or of a wrong type is None.

    `digest` is that of its text, where the text was read.
    """

    intent: str
    version: str
    active: bool
    prompt_tokens: int | float | None
    max_output_tokens: int | float | None
    activated_at: datetime | None
    digest: str | None = None


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
    until it expires after 24 hours. `bisect` halves a batch that failed. `function` is the
    name of the one that is fed.
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
    batch_size: int | None = None
    function: str = ""


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
    """`group` is None for a collection that belongs to none; that is decided at its creation.

    `endpoint` is None as well where collections are only listed.
    """

    id: str
    name: str
    status: str
    endpoint: str | None
    group: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionGroup:
    """Limits and present capacity of a collection group, in OCU.

    `stack` is the CloudFormation stack that made it, from its tags.
    """

    name: str
    min_search: float | None
    max_search: float | None
    min_indexing: float | None
    max_indexing: float | None
    current_search: float | None
    generation: str | None
    id: str = ""
    stack: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLimits:
    """All four limits of a collection group, in OCU; an update has to send all of them."""

    min_search: float
    max_search: float
    min_indexing: float
    max_indexing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimits:
    """The most OCU of all collections without a group together."""

    max_search: float | None
    max_indexing: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorField:
    """A `knn_vector` field of an index, by its full name (`product.embedding`).

    `kind` is `float`, `byte` or `binary`. `dimension` is None where a model decides it.
    """

    name: str
    dimension: int | None
    kind: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKeys:
    """Keys by name, in no order. `total` is how many there are, which may be more than are named
    (then it is a good estimate: a scan may meet a key twice). `unreadable` keys have a name
    that is no UTF-8; they are not among the others.
    """

    keys: tuple[str, ...]
    total: int
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheValue:
    """What a key holds, untold: `digest` is `sha256:` and 12 hex digits, `size` is in bytes."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheDump:
    """A key as DUMP gives it, for RESTORE. `ttl_ms` is None when it never expires."""

    key: str
    payload: bytes
    ttl_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePlace:
    """Which cache this is. `name` is `host:port/db`, `url` how redis-cli reaches it, without
    user and password (`secured` says that there are any).

    `servers` are the replication ids of its primaries, which are theirs whatever the way to
    them; empty where the server does not tell them.
    """

    name: str
    url: str
    secured: bool
    clustered: bool
    servers: tuple[str, ...] = ()
