"""The lock table in DynamoDB: one item a lock, written and removed on condition.

Key `lock` (S); `owner`, `nonce`, `purpose` (S); `taken_at`, `expires_at` (N, seconds since
1970). `expires_at` may serve as the table's TTL attribute: it only tidies up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.model.lock import Claim, Lease

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CONDITION_FAILED = "ConditionalCheckFailedException"
_FREE = "attribute_not_exists(#l) OR expires_at < :now OR nonce = :nonce"
_OURS = "nonce = :nonce"


class LockTable:
    """One table; every call is sent once, since a lost answer is settled by reading."""

    def __init__(self, aws: Aws, table: str) -> None:
        self._aws = aws
        self._table = table

    @property
    def name(self) -> str:
        return self._table

    @property
    def _client(self) -> DynamoDBClient:
        client: DynamoDBClient = self._aws.writer("dynamodb")
        return client

    def claim(self, lease: Lease) -> Claim:
        """A lease with our own nonce counts as free: it is this claim, sent before."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - 0.1 s

        with translated("dynamodb:PutItem"):
            try:
                answer = self._client.put_item(
                    TableName=self._table,
                    Item=_item(lease),
                    ConditionExpression=_FREE,
                    ExpressionAttributeNames={"#l": "lock"},
                    ExpressionAttributeValues={
                        ":now": _seconds(lease.taken_at),
                        ":nonce": {"S": lease.nonce},
                    },
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if not _failed_condition(error):
                    raise
                holder: Any = error.response.get("Item")
                return Claim(won=False, other=_lease(holder) if holder else None)
        old = answer.get("Attributes")
        return Claim(won=True, other=_lease(old) if old else None)

    def read(self, lock: str) -> Lease | None:
        with translated("dynamodb:GetItem"):
            answer = self._client.get_item(
                TableName=self._table, Key={"lock": {"S": lock}}, ConsistentRead=True
            )
        item = answer.get("Item")
        return _lease(item) if item else None

    def renew(self, lease: Lease) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - 0.1 s

        with translated("dynamodb:UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"lock": {"S": lease.lock}},
                    UpdateExpression="SET expires_at = :later",
                    ConditionExpression=_OURS,
                    ExpressionAttributeValues={
                        ":later": _seconds(lease.expires_at),
                        ":nonce": {"S": lease.nonce},
                    },
                )
            except ClientError as error:
                if not _failed_condition(error):
                    raise
                return False
        return True

    def remove(self, lease: Lease) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - 0.1 s

        with translated("dynamodb:DeleteItem"):
            try:
                self._client.delete_item(
                    TableName=self._table,
                    Key={"lock": {"S": lease.lock}},
                    ConditionExpression=_OURS,
                    ExpressionAttributeValues={":nonce": {"S": lease.nonce}},
                )
            except ClientError as error:
                if not _failed_condition(error):
                    raise
                return False
        return True


def _failed_condition(error: Any) -> bool:
    return bool(error.response["Error"].get("Code") == _CONDITION_FAILED)


def _item(lease: Lease) -> Mapping[str, Any]:
    return {
        "lock": {"S": lease.lock},
        "owner": {"S": lease.owner},
        "purpose": {"S": lease.purpose},
        "nonce": {"S": lease.nonce},
        "taken_at": _seconds(lease.taken_at),
        "expires_at": _seconds(lease.expires_at),
    }


def _seconds(instant: datetime) -> dict[str, str]:
    return {"N": str(int(instant.timestamp()))}


def _lease(item: Mapping[str, Any]) -> Lease:
    """An item that somebody else wrote by hand may lack anything but its key."""
    return Lease(
        lock=_text(item, "lock"),
        owner=_text(item, "owner") or "someone",
        purpose=_text(item, "purpose") or "unknown",
        nonce=_text(item, "nonce"),
        taken_at=_instant(item, "taken_at"),
        expires_at=_instant(item, "expires_at"),
    )


def _text(item: Mapping[str, Any], name: str) -> str:
    return str(item.get(name, {}).get("S", ""))


def _instant(item: Mapping[str, Any], name: str) -> datetime:
    digits = str(item.get(name, {}).get("N", "0"))
    return datetime.fromtimestamp(float(digits), UTC)
