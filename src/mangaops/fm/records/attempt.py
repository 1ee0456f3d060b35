"""One `bedrock_attempt` record for each HTTP request to a model, or for what kept one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mangaops.fm.answer import Usage
from mangaops.fm.failure import Failure
from mangaops.fm.records.call import token_fields
from mangaops.fm.records.document import instant, known, milliseconds
from mangaops.fm.records.status import Status, status_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """`attempt` counts from 1 over the whole call. `failure` is None when the model answered.

    `input_estimate` is logged where the model told no usage. The input and `max_output_tokens`
    together are what the attempt took of the quota of tokens when it started
    (`reserved_tokens`), whatever was written then. `retry_wait_s` was waited before this
    attempt; `breaker` is the state in which it was let through. `sent` is false where AWS's
    client had no credentials or settings to send it with: the call counts no such attempt.
    """

    at: datetime
    correlation_id: str
    attempt: int
    intent: str
    model: str
    model_id: str
    region: str
    latency_s: float
    failure: Failure | None = None
    session_hash: str | None = None
    http_status: int | None = None
    aws_request_id: str | None = None
    first_token_s: float | None = None
    usage: Usage | None = None
    input_estimate: int | None = None
    max_output_tokens: int | None = None
    stop_reason: str | None = None
    retry_wait_s: float | None = None
    deadline_left_s: float | None = None
    breaker: str | None = None
    sent: bool = True

    @property
    def status(self) -> Status:
        return Status.SUCCESS if self.failure is None else status_of(self.failure.failure_class)

    def document(self) -> dict[str, Any]:
        failed = self.failure
        status = self.http_status
        if status is None and failed is not None:
            status = failed.http_status
        return {
            "log_type": "bedrock_attempt",
            **known(
                timestamp=instant(self.at),
                correlation_id=self.correlation_id,
                session_hash=self.session_hash,
                attempt=self.attempt,
                sent=None if self.sent else False,
                intent=self.intent,
                model=self.model,
                model_id=self.model_id,
                region=self.region,
                status=self.status.value,
                http_status=status,
                latency_ms=milliseconds(self.latency_s),
                time_to_first_token_ms=milliseconds(self.first_token_s),
                aws_request_id=self.aws_request_id,
            ),
            **({} if failed is None else _failed(failed)),
            **token_fields(self.usage, self.input_estimate if self.sent else None),
            **known(
                max_output_tokens=self.max_output_tokens,
                reserved_tokens=self._reserved(),
                stop_reason=self.stop_reason,
                retry_wait_ms=milliseconds(self.retry_wait_s),
                deadline_left_ms=milliseconds(self.deadline_left_s),
                breaker=self.breaker,
            ),
        }

    def _reserved(self) -> int | None:
        """Without what was read from the prompt cache, which takes nothing of the quota."""
        if self.usage is not None:
            sent: int | None = self.usage.input + self.usage.cache_write
        else:
            sent = self.input_estimate
        if sent is None or self.max_output_tokens is None or not self.sent:
            return None
        return sent + self.max_output_tokens


def _failed(failure: Failure) -> dict[str, Any]:
    return known(
        error_code=failure.code,
        error_message=failure.detail or None,
        failure_class=failure.failure_class.value,
        retry_after_ms=milliseconds(failure.retry_after),
    )
