"""The names that a permission can be narrowed to: of one query, or of one remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from mangaops.fm.target import Target
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
from mangaops.model.settings import DEFAULT_RESOURCES, Environment

_S3 = "s3://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a call is about. `services` are CLUSTER/SERVICE, `stores` BUCKET/PREFIX.

    `models` are ids, profile ids, ARNs, or `*`; `regions` those where models are called,
    besides the place's own.
    `parameters` may hold patterns (`/mangaassist/*`). An empty tuple: the call, where it is
    made, is not about any such thing.
    """

    services: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()

    def __or__(self, other: Names) -> Names:
        """The names of both, each once, in the order of the alphabet."""
        both = {
            one.name: tuple(sorted({*getattr(self, one.name), *getattr(other, one.name)}))
            for one in fields(self)
        }
        return Names(**both)


def names_of(query: Query) -> Names:  # noqa: C901, PLR0911 - one line for each kind of query
    """What a bound query is about."""
    match query:
        case MetricQuery() | HealthEventsQuery() | AuditTrailQuery() | CachedAnswersQuery():
            return Names()
        case LogQuery():
            return Names(log_groups=query.groups)
        case (
            EcsServiceQuery()
            | EcsStoppedTasksQuery()
            | EcsEnvironmentQuery()
            | ScalingTargetQuery()
        ):
            return Names(services=(f"{query.cluster}/{query.service}",))
        case ParameterQuery():
            return Names(parameters=(query.name,))
        case PromptVersionsQuery() | InventoryQuery() | TableStreamQuery():
            return Names(tables=(query.table,))
        case EventSourceQuery():
            return Names(functions=(query.function,))
        case SearchCapacityQuery():
            return Names(collections=(query.collection,), groups=(query.group,))
        case IndexSettingsQuery():
            return Names(collections=(query.collection,))
        case ModelLifecycleQuery():
            return _models(query.models)
        case BenchComparisonQuery():
            stored = query.store.startswith(_S3)
            return Names(stores=(query.store.removeprefix(_S3),) if stored else ())
        case RecentChangesQuery():
            return Names(
                tables=(query.table,),
                services=(f"{query.cluster}/{query.service}",),
                parameters=query.parameters,
            )


def _models(models: tuple[str, ...]) -> Names:
    """Ids, and parameters that hold one: those may name any model tomorrow."""
    parameters = tuple(name for name in models if name.startswith("/"))
    ids = tuple(name for name in models if not name.startswith("/"))
    return Names(parameters=parameters, models=(*ids, *(["*"] if parameters else [])))


def names_of_remedy(remedy: str, environment: Environment) -> Names:
    """What a remedy reads and changes in this environment; `remedy` is one of REMEDIES."""
    of = environment.resources
    service = Names(services=(f"{of['cluster']}/{of['service']}",))
    models = (of["sonnet_parameter"], of["haiku_parameter"])
    known = {
        "rollback-prompt": Names(tables=(of["prompt_table"],)),
        "invalidate-cache": Names(tables=(of["inventory_table"],)),
        "raise-ocu": Names(collections=(of["collection"],), groups=(of["collection_group"],)),
        "scale-out": service,
        "set-env": service,
        "restart-service": service,
        "set-parameter": Names(parameters=settable(environment)),
        "route": Names(parameters=(of["router_threshold_parameter"],)),
        "flash-sale-mode": Names(parameters=(of["flash_sale_parameter"],)),
        "prewarm-search": Names(collections=(of["collection"],)),
        "enable-invalidation": Names(
            tables=(of["inventory_table"],), functions=(of["invalidator"],)
        ),
        "request-quota": Names(parameters=models),
    }
    return known[remedy]


def names_of_bench(environment: Environment) -> Names:
    """What `mangaops bench` reads, calls and writes; a workload may name any model."""
    of = environment.resources
    store = of["bench_store"]
    return Names(
        tables=(of["prompt_table"],),
        parameters=(
            of["sonnet_parameter"],
            of["haiku_parameter"],
            of["candidate_share_parameter"],
            of["router_threshold_parameter"],
        ),
        services=(f"{of['cluster']}/{of['service']}",),
        models=("*",),
        stores=(store.removeprefix(_S3),) if store.startswith(_S3) else (),
    )


def names_of_probe(environment: Environment, targets: Iterable[Target]) -> Names:
    """What `mangaops probe` reads and calls; a parameter may name any model tomorrow."""
    found = tuple(targets)
    named = {one.model_id for one in found}
    short = {name for name in named if f"{name}_parameter" in environment.resources}
    return Names(
        parameters=tuple(sorted(environment.resources[f"{name}_parameter"] for name in short)),
        models=("*",) if short else tuple(sorted(named)),
        regions=tuple(sorted({one.region for one in found})),
    )


def settable(environment: Environment) -> tuple[str, ...]:
    """What `set-parameter` may set: as the guardrails allow, else the parameters with a name."""
    allowed = environment.guardrails.parameters
    if allowed is not None:
        return allowed
    named = (key for key in DEFAULT_RESOURCES if key.endswith("_parameter"))
    return tuple(sorted({environment.resources[key] for key in named}))
