"""One `bedrock_call` record for each logical call, written when all of it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mangaops.fm.answer import Mode, Usage
from mangaops.fm.answers.repaired import Repaired
from mangaops.fm.records.document import instant, known, milliseconds
from mangaops.fm.records.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """`at` is when the call ended; None is "not known" or "does not apply", and is not logged.

    `model` and `model_id` are of the model that answered, else of the last one that was
    asked, else of the one that should have been (`model_requested`). `usage` is of the
    answer, `spent` of all attempts that told theirs, None where none did. `input_tokens`
    holds what was read from the prompt cache and written to it, as the context does: of the
    answer, else what the last model told (`input_told`), else `input_estimate`, and
    `input_tokens_estimated` says so.
    `error_message` and `descended_because` never hold the text of a prompt or an answer.
    `breaker` is the state of the model's breaker (closed, half_open, open). `issues` are the
    codes of what was wrong or doubtful in the request, and `omitted_...` of what was not sent
    because the model does not take it.
    """

    at: datetime
    correlation_id: str
    intent: str
    model: str
    model_id: str
    status: Status
    latency_s: float
    attempts: int
    retry_count: int
    mode: Mode
    session_hash: str | None = None
    model_requested: str | None = None
    region: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    http_status: int | None = None
    first_token_s: float | None = None
    usage: Usage | None = None
    spent: Usage | None = None
    input_told: int | None = None
    input_estimate: int | None = None
    max_output_tokens: int | None = None
    retry_wait_s: float | None = None
    deadline_left_s: float | None = None
    stop_reason: str | None = None
    descended_because: tuple[str, ...] = ()
    prompt_version: str | None = None
    repair: Repaired | None = None
    breaker: str | None = None
    streamed: bool = False
    messages_dropped: int = 0
    issues: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        return {
            "log_type": "bedrock_call",
            **self._call(),
            **self._tokens(),
            **known(
                max_output_tokens=self.max_output_tokens,
                spent_input_tokens=None if self.spent is None else self.spent.whole_input,
                spent_output_tokens=None if self.spent is None else self.spent.output,
            ),
            **self._way(),
            **_repair(self.repair),
        }

    def _call(self) -> dict[str, Any]:
        return known(
            timestamp=instant(self.at),
            correlation_id=self.correlation_id,
            session_hash=self.session_hash,
            intent=self.intent,
            model=self.model,
            model_id=self.model_id,
            model_requested=self.model_requested,
            region=self.region,
            status=self.status.value,
            error_code=self.error_code,
            error_message=self.error_message or None,
            http_status=self.http_status,
            latency_ms=milliseconds(self.latency_s),
            time_to_first_token_ms=milliseconds(self.first_token_s),
        )

    def _tokens(self) -> dict[str, Any]:
        if self.usage is None and self.input_told is not None:
            return {"input_tokens": self.input_told}
        return token_fields(self.usage, self.input_estimate)

    def _way(self) -> dict[str, Any]:
        return known(
            retry_count=self.retry_count,
            attempts=self.attempts,
            retry_wait_ms=milliseconds(self.retry_wait_s),
            deadline_left_ms=milliseconds(self.deadline_left_s),
            stop_reason=self.stop_reason,
            mode=int(self.mode),
            descended_because=list(self.descended_because) or None,
            prompt_version=self.prompt_version,
            breaker=self.breaker,
            streamed=self.streamed or None,
            messages_dropped=self.messages_dropped or None,
            issues=list(self.issues) or None,
        )


def token_fields(usage: Usage | None, estimate: int | None) -> dict[str, Any]:
    if usage is None:
        estimated = None if estimate is None else True
        return known(input_tokens=estimate, input_tokens_estimated=estimated)
    return known(
        input_tokens=usage.whole_input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read or None,
        cache_write_tokens=usage.cache_write or None,
    )


def _repair(repair: Repaired | None) -> dict[str, Any]:
    """`response_valid_json` says whether the answer is JSON that may be acted on."""
    if repair is None:
        return {}
    return {
        "response_valid_json": repair.may_act,
        "repair": repair.state.value,
        **known(
            repair_operations=len(repair.repairs) or None,
            repair_dropped=len(repair.dropped) or None,
        ),
    }
