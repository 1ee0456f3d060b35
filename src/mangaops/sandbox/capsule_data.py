"""Recorded tables, caches and the invalidation's stream into a world that was seeded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import redis
from moto.awslambda.utils import get_backend as lambda_backend

from mangaops.model.evidence import Evidence, Row
from mangaops.model.query import (
    CachedAnswersQuery,
    EventSourceQuery,
    InventoryQuery,
    PromptVersionsQuery,
)
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.time import iso
from mangaops.sandbox.capsule_putting import (
    Putting,
    fields_of,
    rows_of,
    scalar,
    stand_in,
    text,
)
from mangaops.sandbox.seed import INVENTORY_TABLE


def put_prompts(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    query = declaration.query
    if not isinstance(query, PromptVersionsQuery):
        raise TypeError(declaration.id)
    _replace(
        putting,
        query.table,
        ("intent", "version"),
        [_prompt(putting, r) for r in rows_of(item.value)],
    )


def _prompt(putting: Putting, row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {
        "intent": {"S": text(row["intent"])},
        "version": {"S": text(row["version"])},
        "active": {"BOOL": bool(row.get("active"))},
    }
    if row.get("digest") is not None:
        found["template"] = {"S": stand_in(row["digest"])}
    for name in ("prompt_tokens", "max_output_tokens"):
        if row.get(name) is not None:
            found[name] = {"N": str(row[name])}
    if row.get("activated_at") is not None:
        found["activated_at"] = {"S": putting.at(row["activated_at"]).isoformat()}
    return found


def put_inventory(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    query = declaration.query
    if not isinstance(query, InventoryQuery):
        raise TypeError(declaration.id)
    held = [row for row in rows_of(item.value) if row.get("quantity") is not None]
    items = [
        {
            "product_id": {"S": text(row["product_id"])},
            "quantity": {"N": str(row["quantity"])},
            "updated_at": {"S": iso(putting.at(row.get("updated_at")))},
        }
        for row in held
    ]
    _replace(putting, query.table, ("product_id",), items)


def _replace(
    putting: Putting, table: str, keys: tuple[str, ...], items: list[dict[str, Any]]
) -> None:
    """All items of a table by these."""
    client = putting.client("dynamodb")
    for page in client.get_paginator("scan").paginate(TableName=table):
        for old in page["Items"]:
            client.delete_item(TableName=table, Key={name: old[name] for name in keys})
    for new in items:
        client.put_item(TableName=table, Item=new)


def put_answers(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    """The pre-computed answers, with the sets that find them."""
    query = declaration.query
    if not isinstance(query, CachedAnswersQuery):
        raise TypeError(declaration.id)
    client: Any = redis.Redis.from_url(putting.world.cache_url)
    pipe = client.pipeline(transaction=False)
    for old in client.scan_iter("precompute:*", count=1000):
        pipe.delete(old)
    for key, rows in _by_key(rows_of(item.value)):
        pipe.set(key, _answer(putting, rows))
        if rows[0].get("ttl_s") is not None:
            pipe.pexpire(key, max(1, round(float(rows[0]["ttl_s"] or 0) * 1000)))
        for row in rows:
            if row.get("product_id") is not None:
                pipe.sadd(f"precompute:product:{row['product_id']}", key)
    pipe.execute()
    client.close()


def _by_key(rows: tuple[Row, ...]) -> Iterator[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.get("key") is not None:
            found.setdefault(text(row["key"]), []).append(row)
    yield from found.items()


def _answer(putting: Putting, rows: list[Row]) -> str:
    first = rows[0]
    products = [
        {"product_id": row["product_id"], "title": row.get("title")}
        for row in rows
        if row.get("product_id") is not None
    ]
    answer: dict[str, Any] = {
        "response_text": "recorded without its text",
        "recommendations": products,
    }
    if first.get("generated_at") is not None:
        answer["generated_at"] = putting.at(first["generated_at"]).isoformat()
    if first.get("inventory_version") is not None:
        answer["inventory_version"] = first["inventory_version"]
    return json.dumps(answer)


def put_stream(putting: Putting) -> None:
    """The inventory's stream and the mappings that listen to it, or to an earlier one."""
    stream = next(iter(putting.of_kind("table_stream")), None)
    fields = fields_of(stream[1]) if stream else {}
    arn = scalar(fields, "arn")
    rows: tuple[Row, ...] = ()
    for declaration, item in putting.of_kind("event_source"):
        if item.value is not None and isinstance(declaration.query, EventSourceQuery):
            rows = rows_of(item.value)
            _forget_mappings(putting)
            former = [row for row in rows if fields and row.get("source_arn") != arn]
            _map(putting, declaration, declaration.query.function, former)
            if former:
                _switch(putting, on=False)
                _switch(putting, on=True, view=text(scalar(fields, "view_type")))
            present = [row for row in rows if row not in former]
            _map(putting, declaration, declaration.query.function, present)
    if stream is not None and stream[1].value is not None and not scalar(fields, "enabled"):
        _switch(putting, on=False)


def _forget_mappings(putting: Putting) -> None:
    backend: Any = lambda_backend(putting.world.account, putting.world.region)
    for mapping in list(backend.list_event_source_mappings("", "")):
        backend.delete_event_source_mapping(mapping.uuid)


def _map(
    putting: Putting, declaration: EvidenceDeclaration, function: str, rows: list[Row]
) -> None:
    """Of the table's present stream; one mapping a stream, as Lambda has it."""
    if len(rows) > 1:
        putting.not_served(declaration, f"{len(rows)} mappings of one stream, one is served")
    for row in rows[:1]:
        stream = putting.client("dynamodb").describe_table(TableName=INVENTORY_TABLE)
        if row.get("table") is None:
            putting.not_served(declaration, "a source that is no table's stream")
        putting.client("lambda").create_event_source_mapping(
            FunctionName=function,
            EventSourceArn=stream["Table"]["LatestStreamArn"],
            StartingPosition="LATEST",
            Enabled=text(row.get("state")).startswith("Enabl"),
        )


def _switch(putting: Putting, *, on: bool, view: str = "") -> None:
    specification: dict[str, Any] = {"StreamEnabled": on}
    if on:
        specification["StreamViewType"] = view or "NEW_AND_OLD_IMAGES"
    putting.client("dynamodb").update_table(
        TableName=INVENTORY_TABLE, StreamSpecification=specification
    )
