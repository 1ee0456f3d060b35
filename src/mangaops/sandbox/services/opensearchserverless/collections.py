"""Collections: created, described, updated and deleted. A group can be given only at creation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.opensearchserverless.groups import wanted_in_batch
from mangaops.sandbox.services.opensearchserverless.state import (
    Collection,
    SearchState,
    invalid,
    search_state,
)
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given
from mangaops.sandbox.world import World

LISTED_A_PAGE = 20


def create(world: World, call: Call) -> Mapping[str, Any]:
    state, params = search_state(world, call), call.params
    if any(each.name == params["name"] for each in state.collections.values()):
        message = f"Collection with name {params['name']} already exists"
        raise Fault("ConflictException", message)
    group = params.get("collectionGroupName")
    kind = params.get("type", "TIMESERIES")
    if group is not None:
        _check_group(state, group, kind)
    now = world.now()
    collection = Collection(
        id=state.new_id(),
        name=params["name"],
        type=kind,
        created_at=now,
        modified_at=now,
        group=group,
        standby=params.get("standbyReplicas", "ENABLED"),
        deletion_protection=params.get("deletionProtection", "DISABLED"),
        description=params.get("description"),
        kms_key=params.get("encryptionConfig", {}).get("kmsKeyArn", "auto"),
        vector_options=params.get("vectorOptions"),
        active_from=now + state.creating,
    )
    state.collections[collection.id] = collection
    return {"createCollectionDetail": _described(state, collection, now)}


def batch_get(world: World, call: Call) -> Mapping[str, Any]:
    state = search_state(world, call)
    kind, wanted = wanted_in_batch(call.params)
    by = {each.id if kind == "id" else each.name: each for each in state.collections.values()}
    found = [_detailed(world, state, by[name]) for name in wanted if name in by]
    missing = [
        {
            kind: name,
            "errorCode": "NOT_FOUND",
            "errorMessage": f"The specified Collection is not found: {name}",
        }
        for name in wanted
        if name not in by
    ]
    return {"collectionDetails": found, "collectionErrorDetails": missing}


def list_collections(world: World, call: Call) -> Mapping[str, Any]:
    state, params = search_state(world, call), call.params
    now = world.now()
    filters = params.get("collectionFilters", {})
    summaries = [
        given(
            {
                "id": each.id,
                "name": each.name,
                "status": _status(each, now),
                "arn": state.arn(f"collection/{each.id}"),
                "kmsKeyArn": each.kms_key,
                "collectionGroupName": each.group,
            }
        )
        for each in state.collections.values()
        if filters.get("name") in {None, each.name}
        and filters.get("status") in {None, _status(each, now)}
        and filters.get("collectionGroupName") in {None, each.group}
    ]
    size = params.get("maxResults", LISTED_A_PAGE)
    page, token = page_of(summaries, params.get("nextToken"), size, invalid("Invalid nextToken"))
    return given({"collectionSummaries": page, "nextToken": token})


def update(world: World, call: Call) -> Mapping[str, Any]:
    """Description, vector options and deletion protection; nothing about capacity."""
    state, params = search_state(world, call), call.params
    collection = state.collections.get(params["id"])
    if collection is None:
        # UpdateCollection has no ResourceNotFoundException in its model.
        raise invalid(f"Collection with id {params['id']} cannot be found")
    collection.description = params.get("description", collection.description)
    collection.vector_options = params.get("vectorOptions", collection.vector_options)
    protection = params.get("deletionProtection", collection.deletion_protection)
    collection.deletion_protection = protection
    collection.modified_at = world.now()
    answer = _described(state, collection, world.now())
    for absent in ("standbyReplicas", "collectionGroupName"):
        answer.pop(absent, None)
    return {"updateCollectionDetail": answer}


def delete(world: World, call: Call) -> Mapping[str, Any]:
    state = search_state(world, call)
    collection = state.collections.get(call.params["id"])
    if collection is None:
        message = f"Collection with id {call.params['id']} cannot be found"
        raise Fault("ResourceNotFoundException", message, 404)
    if collection.deletion_protection == "ENABLED":
        raise Fault("ConflictException", "Collection has deletion protection enabled")
    collection.gone_from = world.now() + state.creating
    answer = {"id": collection.id, "name": collection.name, "status": "DELETING"}
    return {"deleteCollectionDetail": answer}


def _check_group(state: SearchState, name: str, kind: str) -> None:
    if all(group.name != name for group in state.groups.values()):
        raise invalid(f"Collection group {name} does not exist")
    others = {each.type for each in state.collections.values() if each.group == name}
    if others - {kind}:
        raise invalid(f"Collection group {name} holds collections of another type")


def _status(collection: Collection, now: datetime) -> str:
    if collection.gone_from is not None:
        return "DELETING"
    if collection.failure is not None:
        return "FAILED"
    pending = collection.active_from is not None and now < collection.active_from
    return "CREATING" if pending else "ACTIVE"


def _described(state: SearchState, collection: Collection, now: datetime) -> dict[str, Any]:
    return given(
        {
            "id": collection.id,
            "name": collection.name,
            "status": _status(collection, now),
            "type": collection.type,
            "description": collection.description,
            "arn": state.arn(f"collection/{collection.id}"),
            "kmsKeyArn": collection.kms_key,
            "standbyReplicas": collection.standby,
            "deletionProtection": collection.deletion_protection,
            "vectorOptions": collection.vector_options,
            "createdDate": int(collection.created_at.timestamp() * 1000),
            "lastModifiedDate": int(collection.modified_at.timestamp() * 1000),
            "collectionGroupName": collection.group,
        }
    )


def _detailed(world: World, state: SearchState, collection: Collection) -> dict[str, Any]:
    """With the endpoint, which a collection has only once it is active."""
    answer = _described(state, collection, world.now())
    if answer["status"] == "ACTIVE":
        answer["collectionEndpoint"] = world.search_url
        answer["dashboardEndpoint"] = f"{world.search_url}/_dashboards"
    if collection.failure is not None:
        answer["failureCode"], answer["failureMessage"] = collection.failure
    return answer


OPERATIONS: Mapping[str, Handler] = {
    "CreateCollection": create,
    "BatchGetCollection": batch_get,
    "ListCollections": list_collections,
    "UpdateCollection": update,
    "DeleteCollection": delete,
}
