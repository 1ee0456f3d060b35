"""A queue on a clock that only moves when it is told to, with visibility and receive counts.

`lose` are the operations whose next call raises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.fake_time import FakeClock


class SqsDown(Exception):
    pass


@dataclass(slots=True)
class _Message:
    id: str
    body: str
    attributes: Any
    visible_at: float = 0.0
    receives: int = 0
    handle: str = ""


@dataclass(slots=True)
class FakeSqs:
    clock: FakeClock
    queues: dict[str, list[_Message]] = field(default_factory=dict)
    lose: list[str] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    on_receive: Callable[[], None] = lambda: None
    count: int = 0

    def send_message(self, **request: Any) -> Any:
        self._fail("send")
        self.count += 1
        message = _Message(
            f"m-{self.count}", request["MessageBody"], request.get("MessageAttributes")
        )
        self.queues.setdefault(request["QueueUrl"], []).append(message)
        return {"MessageId": message.id}

    def receive_message(self, **request: Any) -> Any:
        self._fail("receive")
        self.received.append(request)
        self.on_receive()
        for message in self.queues.get(request["QueueUrl"], []):
            if message.visible_at <= self.clock.now:
                return {"Messages": [self._deliver(message, request["VisibilityTimeout"])]}
        return {}

    def delete_message(self, **request: Any) -> Any:
        self._fail("delete")
        left = [one for one in self._of(request) if one.handle != request["ReceiptHandle"]]
        self.queues[request["QueueUrl"]] = left

    def change_message_visibility(self, **request: Any) -> Any:
        self._fail("visibility")
        for message in self._of(request):
            if message.handle == request["ReceiptHandle"]:
                message.visible_at = self.clock.now + request["VisibilityTimeout"]

    def bodies(self, url: str) -> list[str]:
        return [message.body for message in self.queues.get(url, [])]

    def _of(self, request: dict[str, Any]) -> list[_Message]:
        return self.queues.get(request["QueueUrl"], [])

    def _deliver(self, message: _Message, seconds: float) -> Any:
        message.receives += 1
        message.visible_at = self.clock.now + seconds
        message.handle = f"{message.id}/{message.receives}"
        attributes = {"ApproximateReceiveCount": str(message.receives), "SentTimestamp": "1000"}
        return {
            "MessageId": message.id,
            "ReceiptHandle": message.handle,
            "Body": message.body,
            "Attributes": attributes,
        }

    def _fail(self, operation: str) -> None:
        if operation in self.lose:
            self.lose.remove(operation)
            raise SqsDown(operation)
