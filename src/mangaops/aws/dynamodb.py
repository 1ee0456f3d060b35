"""DynamoDB tables of the chatbot: prompt versions, stock, and whether a table has a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.errors import AwsThrottled
from mangaops.model.prompt_digest import prompt_digest
from mangaops.model.resources import PromptVersion, PromptVersions, Stock, TableStream
from mangaops.model.time import parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item: TypeAlias = Mapping[str, Mapping[str, Any]]
"""An item as the wire has it: every value tagged with its type."""

MOST_KEYS_PER_CALL = 100
"""BatchGetItem takes no more."""
FIRST_PAUSE_S = 0.05
MOST_ROUNDS = 6
"""Pauses of 0.05 s to 0.8 s for what DynamoDB left unprocessed, 1.55 s in all."""
_COLUMNS = "#i, #v, #a, #p, #m, #t"
_NAMES = {
    "#i": "intent",
    "#v": "version",
    "#a": "active",
    "#p": "prompt_tokens",
    "#m": "max_output_tokens",
    "#t": "activated_at",
}


class DynamoGateway:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> DynamoDBClient:
        client: DynamoDBClient = self._aws.client("dynamodb")
        return client

    def prepare(self) -> None:
        """Builds the client, so that the first call need not."""
        _ = self._client

    def prompt_versions(self, table: str) -> PromptVersions:
        """Every version of every prompt with its digest, read consistently, in order of names."""
        with translated("dynamodb:Scan"):
            pages = self._client.get_paginator("scan").paginate(
                TableName=table,
                ConsistentRead=True,
                ProjectionExpression=f"{_COLUMNS}, #x",
                ExpressionAttributeNames={**_NAMES, "#x": "template"},
            )
            return _prompt_versions(item for page in pages for item in page["Items"])

    def versions_of(self, table: str, intent: str) -> PromptVersions:
        """Every version of one prompt, without digests; an unknown intent has none."""
        with translated("dynamodb:Query"):
            pages = self._client.get_paginator("query").paginate(
                TableName=table,
                ConsistentRead=True,
                KeyConditionExpression="#i = :i",
                ProjectionExpression=_COLUMNS,
                ExpressionAttributeNames=_NAMES,
                ExpressionAttributeValues={":i": {"S": intent}},
            )
            return _prompt_versions(item for page in pages for item in page["Items"])

    def templates_of(self, table: str, intent: str) -> Mapping[str, str]:
        """The text of each version of one prompt; a version without any is absent."""
        with translated("dynamodb:Query"):
            pages = self._client.get_paginator("query").paginate(
                TableName=table,
                ConsistentRead=True,
                KeyConditionExpression="#i = :i",
                ProjectionExpression="#v, #x",
                ExpressionAttributeNames={"#i": "intent", "#v": "version", "#x": "template"},
                ExpressionAttributeValues={":i": {"S": intent}},
            )
            rows = [_plain(item) for page in pages for item in page["Items"]]
        texts = ((row.get("version"), row.get("template")) for row in rows)
        return {v: text for v, text in texts if isinstance(v, str) and isinstance(text, str)}

    def stock(
        self, table: str, product_ids: Iterable[str], *, wait: Callable[[float], object]
    ) -> tuple[Stock, ...]:
        """Stock of these products; one that the table does not hold is absent.

        `wait` sleeps for so many seconds. Raises AwsThrottled when DynamoDB
        still leaves keys unprocessed after all pauses.
        """
        wanted = list(dict.fromkeys(product_id for product_id in product_ids if product_id))
        found: list[Stock] = []
        for start in range(0, len(wanted), MOST_KEYS_PER_CALL):
            found += self._stock(table, wanted[start : start + MOST_KEYS_PER_CALL], wait)
        return tuple(sorted(found, key=lambda stock: stock.product_id))

    def _stock(
        self, table: str, product_ids: Sequence[str], wait: Callable[[float], object]
    ) -> list[Stock]:
        keys: Sequence[Item] = [{"product_id": {"S": product_id}} for product_id in product_ids]
        found: list[Stock] = []
        for turn in range(MOST_ROUNDS):
            if turn:
                wait(FIRST_PAUSE_S * 2 ** (turn - 1))
            items, keys = self._batch(table, keys)
            found += [_stock(_plain(item)) for item in items]
            if not keys:
                return found
        raise AwsThrottled(
            f"DynamoDB left {len(keys)} of {len(product_ids)} keys of {table} unprocessed",
            operation="dynamodb:BatchGetItem",
            code="UnprocessedKeys",
            hint="try again, or raise the table's read capacity",
        )

    def _batch(self, table: str, keys: Sequence[Item]) -> tuple[Sequence[Item], Sequence[Item]]:
        """The items found and the keys left unprocessed."""
        with translated("dynamodb:BatchGetItem"):
            answer = self._client.batch_get_item(RequestItems={table: {"Keys": list(keys)}})
        left = answer.get("UnprocessedKeys", {}).get(table)
        return answer.get("Responses", {}).get(table, []), left["Keys"] if left else []

    def stream(self, table: str) -> TableStream:
        """Raises AwsNotFound when there is no such table."""
        with translated("dynamodb:DescribeTable"):
            described = self._client.describe_table(TableName=table)["Table"]
        specification = described.get("StreamSpecification")
        return TableStream(
            enabled=bool(specification and specification["StreamEnabled"]),
            arn=described.get("LatestStreamArn"),
            view_type=specification.get("StreamViewType") if specification else None,
        )


def _plain(item: Item) -> Mapping[str, object]:
    """Texts, numbers and flags by name; other types are kept as they are on the wire."""
    return {name: _value(tagged) for name, tagged in item.items()}


def _value(tagged: Mapping[str, Any]) -> object:
    match tagged:
        case {"S": str(text)}:
            return text
        case {"N": str(digits)}:
            return _number(digits)
        case {"BOOL": bool(flag)}:
            return flag
        case {"NULL": _}:
            return None
        case _:
            return tagged


def _number(digits: str) -> int | float | None:
    try:
        value = float(digits)
    except ValueError:
        return None
    return int(digits) if digits.lstrip("-").isdigit() else value


def _prompt_versions(rows: Iterable[Item]) -> PromptVersions:
    items = [_plain(row) for row in rows]
    versions = [version for item in items if (version := _prompt_version(item))]
    unusable = sum(1 for item in items if not _well_formed(item))
    versions.sort(key=lambda version: (version.intent, version.version))
    return PromptVersions(versions=tuple(versions), malformed=unusable)


def _prompt_version(item: Mapping[str, object]) -> PromptVersion | None:
    intent, version, active = item.get("intent"), item.get("version"), item.get("active")
    if not (isinstance(intent, str) and isinstance(version, str) and isinstance(active, bool)):
        return None
    return PromptVersion(
        intent=intent,
        version=version,
        active=active,
        prompt_tokens=_as_number(item.get("prompt_tokens")),
        max_output_tokens=_as_number(item.get("max_output_tokens")),
        activated_at=parse_instant(item.get("activated_at")),
        digest=_digest(item.get("template")),
    )


def _digest(template: object) -> str | None:
    """None where there is no text that could be sent."""
    return prompt_digest(template) if isinstance(template, str) and template.strip() else None


def _well_formed(item: Mapping[str, object]) -> bool:
    version = _prompt_version(item)
    if version is None:
        return False
    told = ("prompt_tokens", "max_output_tokens", "activated_at")
    return all(item.get(name) is None or getattr(version, name) is not None for name in told)


def _stock(item: Mapping[str, object]) -> Stock:
    return Stock(
        product_id=str(item.get("product_id", "")),
        quantity=_as_number(item.get("quantity")),
        updated_at=parse_instant(item.get("updated_at")),
    )


def _as_number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
