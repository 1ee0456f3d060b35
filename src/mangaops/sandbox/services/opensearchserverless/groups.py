"""Collection groups and the account's maximum: the only capacity that can be set.

An update of a group is not incremental: a limit that is left out goes back to its
default. Only certain OCU values are legal (6 is not one of them).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.opensearchserverless.state import (
    LARGEST_OCU,
    Capacity,
    Generation,
    Group,
    Limits,
    SearchState,
    invalid,
    once,
    search_state,
)
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given
from mangaops.sandbox.world import World

MOST_IN_A_BATCH = 100
LISTED_A_PAGE = 20
DEFAULT_MAXIMUM = 96.0
DEFAULT_MINIMUM: Mapping[Generation, float] = {Generation.CLASSIC: 1.0, Generation.NEXTGEN: 0.0}
SMALL: Mapping[Generation, tuple[int, ...]] = {
    Generation.CLASSIC: (1, 2, 4, 8),
    Generation.NEXTGEN: (0, 2, 4, 8),
}


def create(world: World, call: Call) -> Mapping[str, Any]:
    state, params = search_state(world, call), call.params
    if any(each.name == params["name"] for each in state.groups.values()):
        message = f"Collection group with name {params['name']} already exists"
        raise Fault("ConflictException", message)
    generation = Generation(params.get("generation", Generation.CLASSIC))
    limits = read_limits(params.get("capacityLimits", {}), generation)
    now = world.now()
    group = Group(
        id=state.new_id(),
        name=params["name"],
        limits=limits,
        generation=generation,
        standby=params["standbyReplicas"],
        created_at=now,
        modified_at=now,
        search=_at_rest(limits.min_search, now),
        indexing=_at_rest(limits.min_indexing, now),
        description=params.get("description"),
        tags=list(params.get("tags", [])),
    )
    state.groups[group.id] = group
    answer = _described(state, group)
    return {"createCollectionGroupDetail": answer | given({"tags": group.tags or None})}


def update(world: World, call: Call) -> Mapping[str, Any]:
    state = search_state(world, call)
    return once(state, call, lambda: _update(state, call.params, world.now()))


def _update(state: SearchState, params: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    group = _find(state, params["id"])
    if "capacityLimits" in params:
        group.limits = read_limits(params["capacityLimits"], group.generation)
        _pull(state, group.search, group.limits.min_search, group.limits.max_search, now)
        _pull(state, group.indexing, group.limits.min_indexing, group.limits.max_indexing, now)
    if "description" in params:
        group.description = params["description"]
    group.modified_at = now
    answer = _described(state, group)
    del answer["standbyReplicas"]
    return {"updateCollectionGroupDetail": answer | {"lastModifiedDate": _millis(now)}}


def delete(world: World, call: Call) -> Mapping[str, Any]:
    state = search_state(world, call)
    group = state.groups.get(call.params["id"])
    if group is None:
        message = f"Collection group with id {call.params['id']} cannot be found"
        raise Fault("ResourceNotFoundException", message, 404)
    if _members(state, group):
        raise Fault("ConflictException", "Collection group still has collections")
    del state.groups[group.id]
    return {}


def batch_get(world: World, call: Call) -> Mapping[str, Any]:
    state, params = search_state(world, call), call.params
    kind, wanted = wanted_in_batch(params)
    by = {each.id if kind == "id" else each.name: each for each in state.groups.values()}
    found = [_detailed(state, by[name], world.now()) for name in wanted if name in by]
    missing = [
        {
            kind: name,
            "errorCode": "NOT_FOUND",
            "errorMessage": f"The specified CollectionGroup is not found: {name}",
        }
        for name in wanted
        if name not in by
    ]
    return {"collectionGroupDetails": found, "collectionGroupErrorDetails": missing}


def list_groups(world: World, call: Call) -> Mapping[str, Any]:
    state, params = search_state(world, call), call.params
    summaries = [
        {
            "id": group.id,
            "arn": state.arn(f"collection-group/{group.id}"),
            "name": group.name,
            "numberOfCollections": len(_members(state, group)),
            "createdDate": _millis(group.created_at),
            "capacityLimits": group.limits.answer(),
            "generation": group.generation.value,
        }
        for group in state.groups.values()
    ]
    size = params.get("maxResults", LISTED_A_PAGE)
    page, token = page_of(summaries, params.get("nextToken"), size, invalid("Invalid nextToken"))
    return given({"collectionGroupSummaries": page, "nextToken": token})


def get_account(world: World, call: Call) -> Mapping[str, Any]:
    return _account(search_state(world, call))


def update_account(world: World, call: Call) -> Mapping[str, Any]:
    """Maximums only; one that is left out stays. There is no minimum for an account."""
    state = search_state(world, call)
    return once(state, call, lambda: _update_account(state, call.params))


def _update_account(state: SearchState, params: Mapping[str, Any]) -> Mapping[str, Any]:
    limits = params.get("capacityLimits", {})
    for value in limits.values():
        if not 2 <= value <= LARGEST_OCU:
            raise invalid(f"Capacity must be between 2 and {LARGEST_OCU} OCU, not {value}")
    state.max_search_ocu = limits.get("maxSearchCapacityInOCU", state.max_search_ocu)
    state.max_indexing_ocu = limits.get("maxIndexingCapacityInOCU", state.max_indexing_ocu)
    return _account(state)


def read_limits(given_limits: Mapping[str, float], generation: Generation) -> Limits:
    """All four limits, those that are absent at their defaults. Raises ValidationException."""
    for name, value in given_limits.items():
        if not is_legal(value, generation):
            raise invalid(
                f"Invalid value {value:g} for {name}: allowed are "
                f"{', '.join(map(str, SMALL[generation]))}, 16 and multiples of 16 up to "
                f"{LARGEST_OCU}"
            )
    minimum = DEFAULT_MINIMUM[generation]
    limits = Limits(
        min_indexing=float(given_limits.get("minIndexingCapacityInOCU", minimum)),
        max_indexing=float(given_limits.get("maxIndexingCapacityInOCU", DEFAULT_MAXIMUM)),
        min_search=float(given_limits.get("minSearchCapacityInOCU", minimum)),
        max_search=float(given_limits.get("maxSearchCapacityInOCU", DEFAULT_MAXIMUM)),
    )
    if limits.min_search > limits.max_search or limits.min_indexing > limits.max_indexing:
        raise invalid("Minimum capacity cannot be greater than maximum capacity")
    if min(limits.max_search, limits.max_indexing) < 1:
        raise invalid("Maximum capacity must be at least 1 OCU")
    return limits


def is_legal(value: float, generation: Generation) -> bool:
    """Whether a group of this generation may have this limit."""
    return value in SMALL[generation] or (value % 16 == 0 and 16 <= value <= LARGEST_OCU)


def wanted_in_batch(params: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Whether a batch call goes by `id` or by `name`, and the values. One of the two only."""
    ids, names = params.get("ids", []), params.get("names", [])
    if bool(ids) == bool(names):
        raise invalid("You must specify either ids or names, but not both")
    if len(ids or names) > MOST_IN_A_BATCH:
        raise invalid(f"At most {MOST_IN_A_BATCH} can be asked for at once")
    return ("id", list(ids)) if ids else ("name", list(names))


def _find(state: SearchState, name: str) -> Group:
    group = state.groups.get(name)
    if group is None:
        # UpdateCollectionGroup has no ResourceNotFoundException in its model.
        raise invalid(f"Collection group with id {name} cannot be found")
    return group


def _at_rest(capacity: float, now: datetime) -> Capacity:
    return Capacity(current=capacity, wanted=capacity, changed_at=now)


def _pull(state: SearchState, capacity: Capacity, least: float, most: float, now: datetime) -> None:
    """Into the new limits; it takes the state's time to get there."""
    capacity.current = capacity_in_use(state, capacity, now)
    wanted = min(max(capacity.current, least), most)
    if wanted != capacity.wanted:
        capacity.wanted, capacity.changed_at = wanted, now


def capacity_in_use(state: SearchState, capacity: Capacity, now: datetime) -> float:
    """OCU at this moment: a group that scales has the old ones until it is done."""
    return capacity.wanted if now - capacity.changed_at >= state.scaling else capacity.current


def _in_use(state: SearchState, capacity: Capacity, now: datetime) -> dict[str, Any]:
    current = capacity_in_use(state, capacity, now)
    status = "NO_ACTION"
    if current != capacity.wanted:
        up = capacity.wanted > current
        status = "ACTION_SCALING_UP" if up else "ACTION_SCALING_DOWN"
    return {"capacityInOcu": current, "autoscalingStatus": status}


def _described(state: SearchState, group: Group) -> dict[str, Any]:
    return given(
        {
            "id": group.id,
            "arn": state.arn(f"collection-group/{group.id}"),
            "name": group.name,
            "standbyReplicas": group.standby,
            "description": group.description,
            "createdDate": _millis(group.created_at),
            "capacityLimits": group.limits.answer(),
            "generation": group.generation.value,
        }
    )


def _detailed(state: SearchState, group: Group, now: datetime) -> dict[str, Any]:
    return {
        **_described(state, group),
        "tags": group.tags,
        "currentCapacity": {
            "search": _in_use(state, group.search, now),
            "indexing": _in_use(state, group.indexing, now),
        },
        "numberOfCollections": len(_members(state, group)),
    }


def _members(state: SearchState, group: Group) -> list[str]:
    return [each.id for each in state.collections.values() if each.group == group.name]


def _account(state: SearchState) -> dict[str, Any]:
    limits = {
        "maxIndexingCapacityInOCU": state.max_indexing_ocu,
        "maxSearchCapacityInOCU": state.max_search_ocu,
    }
    return {"accountSettingsDetail": {"capacityLimits": limits}}


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


OPERATIONS: Mapping[str, Handler] = {
    "CreateCollectionGroup": create,
    "UpdateCollectionGroup": update,
    "DeleteCollectionGroup": delete,
    "BatchGetCollectionGroup": batch_get,
    "ListCollectionGroups": list_groups,
    "GetAccountSettings": get_account,
    "UpdateAccountSettings": update_account,
}
