"""What the sandbox knows of OpenSearch Serverless: collections, groups, limits, indexes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any, TypeVar

from mangaops.sandbox.overlay import Call, Fault
from mangaops.sandbox.services.regional import regional
from mangaops.sandbox.world import World

EF_SEARCH = "index.knn.algo_param.ef_search"
DEFAULT_EF_SEARCH = "256"
DIMENSION = 1024
LARGEST_OCU = 1696
ACCOUNT_DEFAULT_OCU = 10
USUAL_LATENCY_MS = 40.0
USUAL_COLD_MS = 60.0
WARMING = 0.8
"""What is left of the cold index's extra latency after one more query."""


class Generation(StrEnum):
    """Of a collection group. Only NEXTGEN scales to zero."""

    CLASSIC = "CLASSIC"
    NEXTGEN = "NEXTGEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A group's four limits, in OCU."""

    min_indexing: float
    max_indexing: float
    min_search: float
    max_search: float

    def answer(self) -> dict[str, float]:
        return {
            "minIndexingCapacityInOCU": self.min_indexing,
            "maxIndexingCapacityInOCU": self.max_indexing,
            "minSearchCapacityInOCU": self.min_search,
            "maxSearchCapacityInOCU": self.max_search,
        }


@dataclass(slots=True, kw_only=True)
class Capacity:
    """OCU in use; on its way to `wanted` since `changed_at`, reached after the state's pace."""

    current: float
    wanted: float
    changed_at: datetime


@dataclass(slots=True, kw_only=True)
class Group:
    id: str
    name: str
    limits: Limits
    generation: Generation
    standby: str
    created_at: datetime
    modified_at: datetime
    search: Capacity
    indexing: Capacity
    description: str | None = None
    tags: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Collection:
    """A collection; `group` is the name of its group, which is chosen only at creation."""

    id: str
    name: str
    type: str
    created_at: datetime
    modified_at: datetime
    group: str | None = None
    standby: str = "ENABLED"
    deletion_protection: str = "DISABLED"
    description: str | None = None
    kms_key: str = "auto"
    vector_options: dict[str, str] | None = None
    active_from: datetime | None = None
    gone_from: datetime | None = None
    failure: tuple[str, str] | None = None


@dataclass(slots=True, kw_only=True)
class Index:
    """An index of a collection: flat settings (values are text, as OpenSearch keeps them)."""

    name: str
    collection: str
    settings: dict[str, str]
    mappings: dict[str, Any]
    created_at: datetime


N = TypeVar("N", Group, Collection)


class SearchState:
    """All of OpenSearch Serverless in one region, its data plane included.

    `scaling` is how long a group takes to reach another capacity, `creating` a collection
    to become active. `search_latency_ms` is what a search takes, `cold_ms` what it takes
    more on an index that nobody has searched: a fifth less with each k-NN query.
    """

    def __init__(self, world: World) -> None:
        self.region = world.region
        self.account = world.account
        self.random = Random("opensearchserverless")  # noqa: S311 - ids, not secrets
        self.scaling = timedelta(seconds=3)
        self.creating = timedelta(seconds=2)
        self.search_latency_ms = USUAL_LATENCY_MS
        self.cold_ms = USUAL_COLD_MS
        self.searches = 0
        self.groups: dict[str, Group] = {}
        self.collections: dict[str, Collection] = {}
        self.indexes: dict[str, Index] = {}
        self.tokens: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = {}
        self.max_search_ocu = ACCOUNT_DEFAULT_OCU
        self.max_indexing_ocu = ACCOUNT_DEFAULT_OCU

    def arn(self, resource: str) -> str:
        return f"arn:aws:aoss:{self.region}:{self.account}:{resource}"

    def new_id(self) -> str:
        letters = "abcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(self.random.choices(letters, k=20))

    def group(self, name: str) -> Group:
        """A group by name; KeyError when there is none."""
        return named(self.groups.values(), name)

    def collection(self, name: str) -> Collection:
        """A collection by name; KeyError when there is none."""
        return named(self.collections.values(), name)

    def use_ocu(self, group: str, *, search: float, now: datetime) -> None:
        """Let a group run at a search capacity from now on, as a scenario's load would."""
        capacity = self.group(group).search
        capacity.current = capacity.wanted = search
        capacity.changed_at = now

    def next_latency_ms(self, *, warms: bool) -> float:
        """What the next search takes; `warms` is whether it is a k-NN query."""
        latency = self.search_latency_ms + self.cold_ms * WARMING**self.searches
        self.searches += warms
        return latency

    def ungroup(self, collection: str) -> None:
        """Make a collection one of those that were never in a group."""
        self.collection(collection).group = None


def named(items: Iterable[N], name: str) -> N:
    """The one of this name; KeyError when there is none."""
    for item in items:
        if item.name == name:
            return item
    raise KeyError(name)


def search_state(world: World, call: Call) -> SearchState:
    """The region's state, without the collections that have been deleted by now."""
    state = regional(world, call, SearchState)
    state.region = call.region
    drop_deleted(state, world.now())
    return state


def once(
    state: SearchState, call: Call, change: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """The change; under the clientToken that it was last made with, only its answer again.

    Known cost: it is not documented what the same token means for another change; here it
    is carried out.
    """
    token = call.params.get("clientToken")
    if token is None:
        return change()
    key, payload = (call.operation, token), json.dumps(call.params, sort_keys=True, default=repr)
    if key not in state.tokens or state.tokens[key][0] != payload:
        state.tokens[key] = (payload, change())
    return state.tokens[key][1]


def drop_deleted(state: SearchState, now: datetime) -> None:
    """Forget collections whose deletion is over, and their indexes."""
    gone = [
        each.id
        for each in state.collections.values()
        if each.gone_from is not None and each.gone_from <= now
    ]
    for name in gone:
        del state.collections[name]
    for index in [each for each in state.indexes.values() if each.collection in gone]:
        del state.indexes[index.name]


def invalid(message: str) -> Fault:
    return Fault("ValidationException", message)
