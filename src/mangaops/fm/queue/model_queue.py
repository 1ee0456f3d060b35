"""Requests are put into an SQS queue, for workers to answer when they can."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from mangaops.errors import InputError
from mangaops.fm.queue.message import Work, text_of
from mangaops.fm.requests.request import Request

LARGEST = 262_144
"""Bytes, SQS's limit until August 2025 and what most queues still have."""
LARGEST_OF_ALL = 1_048_576
"""Bytes of a message where the queue's MaximumMessageSize was raised to it."""


class Sqs(Protocol):
    """boto3's SQS client, as far as it is used. Long polling needs a read time-out above 20 s."""

    def send_message(self, **request: Any) -> Any: ...

    def receive_message(self, **request: Any) -> Any: ...

    def delete_message(self, **request: Any) -> Any: ...

    def change_message_visibility(self, **request: Any) -> Any: ...


class ModelQueue:
    """A standard queue. `max_bytes` is its MaximumMessageSize: set both, or neither."""

    def __init__(self, sqs: Sqs, queue_url: str, *, max_bytes: int = LARGEST) -> None:
        if not 1024 <= max_bytes <= LARGEST_OF_ALL:
            raise InputError(f"max_bytes is 1024 to {LARGEST_OF_ALL}, as SQS has it")
        self.sqs = sqs
        self.url = queue_url
        self._max_bytes = max_bytes

    def enqueue(
        self, request: Request, *, idempotency_key: str, not_after: datetime | None = None
    ) -> str:
        """SQS's id of the message. The answer is found under `idempotency_key`.

        The same key put in again is answered once. InputError when the request does not fit
        into a message; whether a model would take it is seen by the worker. The session is
        left out: a correlation id joins what both sides log.
        """
        text = text_of(Work(key=idempotency_key, request=request, not_after=not_after))
        size = len(text.encode())
        if size > self._max_bytes:
            raise InputError(
                f"a request of {size:,} bytes does not fit into a message of {self._max_bytes:,}",
                hint="put the long text elsewhere (S3), or shorten the conversation",
            )
        sent = self.sqs.send_message(QueueUrl=self.url, MessageBody=text)
        return str(sent["MessageId"])
