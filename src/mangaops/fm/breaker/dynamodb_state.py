"""The shared state in DynamoDB: one item a breaker, changed by conditional updates.

    state = DynamoDbState(boto3.client("dynamodb", config=short_timeouts), "breakers", wall=utc)

The table's key is `breaker` (S); `expires_at` (N, epoch seconds) is for its time to live,
a day after the last change. DynamoDB has no clock to read, so times are those of who writes:
a lease counts as ended only `margin` seconds after its end, as far as the tasks' clocks may
differ. With clocks further apart two tasks could probe at once, which sends one call more;
each ruling still needs the generation of its own lease. A clock that is far ahead keeps nobody
out: each task waits by its own, and never longer than its own `open_schedule` goes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mangaops.fm.breaker.shared import Agreed, Seen
from mangaops.fm.breaker.stored import agreed_under, text_of
from mangaops.fm.stores import MARGIN_S, Items, is_condition

KEPT_S = 86_400


class DynamoDbState:
    def __init__(
        self,
        client: Items,
        table: str,
        *,
        wall: Callable[[], datetime],
        margin: float = MARGIN_S,
    ) -> None:
        self._client = client
        self._table = table
        self._wall = wall
        self._margin = margin

    @property
    def margin(self) -> float:
        return self._margin

    def read(self, key: str) -> Seen:
        answer = self._client.get_item(
            TableName=self._table, Key={"breaker": {"S": key}}, ConsistentRead=True
        )
        item = answer.get("Item", {})
        kept = item.get("generation", {}).get("N"), item.get("agreed", {}).get("S")
        return Seen(agreed=agreed_under(*kept), now=self._wall().timestamp())

    def write(self, key: str, agreed: Agreed, *, after: int) -> bool:
        condition = "generation = :after" if after else "attribute_not_exists(breaker)"
        values = {
            ":generation": {"N": str(agreed.generation)},
            ":agreed": {"S": text_of(agreed)},
            ":expires": {"N": str(int(self._wall().timestamp()) + KEPT_S)},
            **({":after": {"N": str(after)}} if after else {}),
        }
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"breaker": {"S": key}},
                UpdateExpression=(
                    "SET generation = :generation, agreed = :agreed, expires_at = :expires"
                ),
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except Exception as error:
            if is_condition(error):
                return False
            raise
        return True
