"""Recorded recent changes into a world, as far as their parts were not recorded themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from mangaops.model.evidence import Evidence, Row
from mangaops.model.query import RecentChangesQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.capsule_platform import write_parameter
from mangaops.sandbox.capsule_putting import Putting, rows_of, text
from mangaops.sandbox.services.ecs.history import past_deployment
from mangaops.sandbox.services.ecs.state import EcsState

_PROMPT = re.compile(r"prompt (?P<intent>\S+) (?P<version>\S+) activated(?P<over>, no longer)?.*")
_WRITE = re.compile(r"(?P<name>\S+): .* -> (?P<value>.*?)(?: by \S+)?")
_TOOK = timedelta(minutes=3)

Again = Callable[[Putting, RecentChangesQuery, Row], bool]


def put_changes(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    """The oldest first; a change whose words are not understood is told."""
    query = declaration.query
    if not isinstance(query, RecentChangesQuery):
        raise TypeError(declaration.id)
    held = {kind for kind, of in _RECORDED.items() if _was_read(putting, of)}
    for row in reversed(rows_of(item.value)):
        kind = text(row.get("kind"))
        if kind in held:
            continue
        again = _AGAIN.get(kind)
        if again is None or not again(putting, query, row):
            putting.not_served(declaration, f"the change `{text(row.get('what'))[:60]}`")


def _was_read(putting: Putting, kind: str) -> bool:
    return any(item.value is not None for _, item in putting.of_kind(kind))


def _activated(putting: Putting, query: RecentChangesQuery, row: Row) -> bool:
    found = _PROMPT.fullmatch(text(row.get("what")))
    if found is None:
        return False
    client = putting.client("dynamodb")
    if not found["over"]:
        asked = {":i": {"S": found["intent"]}}
        versions = client.query(
            TableName=query.table,
            KeyConditionExpression="intent = :i",
            ExpressionAttributeValues=asked,
        )
        for other in versions["Items"]:
            client.put_item(TableName=query.table, Item={**other, "active": {"BOOL": False}})
    client.put_item(
        TableName=query.table,
        Item={
            "intent": {"S": found["intent"]},
            "version": {"S": found["version"]},
            "active": {"BOOL": not found["over"]},
            "activated_at": {"S": putting.at(row.get("at")).isoformat()},
        },
    )
    return True


def _deployed(putting: Putting, query: RecentChangesQuery, row: Row) -> bool:
    del query
    ecs = putting.world.state(EcsState)
    service = ecs.service(DEFAULT_RESOURCES["cluster"], DEFAULT_RESOURCES["service"])
    past_deployment(ecs, service, putting.at(row.get("at")), took=_TOOK)
    return "COMPLETED" in text(row.get("what"))


def _written(putting: Putting, query: RecentChangesQuery, row: Row) -> bool:
    found = _WRITE.fullmatch(text(row.get("what")))
    if found is None or found["name"] not in query.parameters:
        return False
    write_parameter(
        putting,
        found["name"],
        [{"value": found["value"], "modified_at": row.get("at")}],
        anew=False,
    )
    return True


_AGAIN: Mapping[str, Again] = {
    "prompt": _activated,
    "deployment": _deployed,
    "parameter": _written,
}
_RECORDED: Mapping[str, str] = {
    "prompt": "prompt_versions",
    "deployment": "ecs_service",
}
"""Kinds of change -> the evidence that brings them, where it was recorded."""
