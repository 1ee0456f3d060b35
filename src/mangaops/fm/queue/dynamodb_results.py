"""Results in DynamoDB: one item a key, changed by conditional updates.

The table's key is `idempotency_key` (S). `answer` (S) is the document, `owner` (S) and
`claimed_until` (N, epoch seconds) the claim, `attempts` (N) how often it was claimed;
`expires_at` (N, epoch seconds) is for the table's time to live. Times are those of who writes: a
claim counts as ended `margin` seconds after its end. An item holds 400 KB: an answer is far below.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mangaops.fm.queue.results import Claim, Done, Mine, Taken
from mangaops.fm.stores import MARGIN_S, Items, is_condition

KEPT_S = 7 * 86_400.0


class DynamoDbResults:
    def __init__(
        self,
        client: Items,
        table: str,
        *,
        wall: Callable[[], datetime],
        kept: float = KEPT_S,
        margin: float = MARGIN_S,
    ) -> None:
        self._client = client
        self._table = table
        self._wall = wall
        self._kept = kept
        self._margin = margin

    def claim(self, key: str, *, owner: str, seconds: float) -> Claim:
        now = self._now()
        taken = self._update(
            key,
            "SET #owner = :owner, claimed_until = :until, expires_at = :expires ADD attempts :one",
            "attribute_not_exists(answer) AND "
            "(attribute_not_exists(#owner) OR #owner = :owner OR claimed_until <= :ended)",
            owner=_text(owner),
            until=_number(now + seconds),
            ended=_number(now - self._margin),
            expires=_number(now + self._kept),
            one={"N": "1"},
        )
        if taken is not None:
            return Mine(attempt=int(taken["attempts"]["N"]))
        item = self._item(key)
        if "answer" in item:
            return Done(document=item["answer"]["S"])
        until = float(item["claimed_until"]["N"]) if "claimed_until" in item else now
        return Taken(seconds=max(0.0, until + self._margin - now))

    def keep(self, key: str, document: str, *, owner: str) -> bool:
        kept = self._update(
            key,
            "SET answer = :answer, expires_at = :expires",
            "attribute_not_exists(answer)",
            answer=_text(document),
            expires=_number(self._now() + self._kept),
        )
        self.give_up(key, owner=owner)
        return kept is not None

    def give_up(self, key: str, *, owner: str, forget: bool = False) -> None:
        gone = "REMOVE #owner, claimed_until" + (", attempts" if forget else "")
        self._update(key, gone, "#owner = :owner", owner=_text(owner))

    def answer(self, key: str) -> str | None:
        item = self._item(key)
        return item["answer"]["S"] if "answer" in item else None

    def _item(self, key: str) -> Any:
        found = self._client.get_item(
            TableName=self._table, Key={"idempotency_key": _text(key)}, ConsistentRead=True
        )
        return found.get("Item", {})

    def _update(self, key: str, update: str, condition: str, **values: Any) -> Any:
        """What was changed, None when the condition did not hold."""
        named = "#owner" in update + condition  # a reserved word
        try:
            changed = self._client.update_item(
                TableName=self._table,
                Key={"idempotency_key": _text(key)},
                UpdateExpression=update,
                ConditionExpression=condition,
                ReturnValues="UPDATED_NEW",
                ExpressionAttributeValues={f":{name}": one for name, one in values.items()},
                **({"ExpressionAttributeNames": {"#owner": "owner"}} if named else {}),
            )
        except Exception as error:
            if is_condition(error):
                return None
            raise
        return changed.get("Attributes", {})

    def _now(self) -> float:
        return self._wall().timestamp()


def _text(text: str) -> dict[str, str]:
    return {"S": text}


def _number(number: float) -> dict[str, str]:
    return {"N": f"{number:.3f}"}
