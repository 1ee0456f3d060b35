"""The fields that each type of record may have: what is not named here is not logged.

The names are those of the log group that the runbooks read; instants are `timestamp` (ISO
8601, UTC), durations milliseconds. A `bedrock_attempt` with `sent: false` is of a request that
never went out; where there is no `sent`, it did.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LONGEST_TEXT = 1024
"""Characters of a value that are kept."""

_WHO = frozenset({"log_type", "timestamp", "correlation_id", "session_hash", "intent"})
_WHERE = frozenset({"model", "model_id", "region"})
_EMBEDDED = frozenset({"_aws", "Intent", "Model"})
_OUTCOME = frozenset({"status", "error_code", "error_message", "http_status", "latency_ms"})

CALL = (
    _WHO
    | _WHERE
    | _OUTCOME
    | {
        "model_requested",
        "time_to_first_token_ms",
        "input_tokens",
        "input_tokens_estimated",
        "cache_read_tokens",
        "cache_write_tokens",
        "output_tokens",
        "max_output_tokens",
        "spent_input_tokens",
        "spent_output_tokens",
        "retry_count",
        "attempts",
        "retry_wait_ms",
        "deadline_left_ms",
        "stop_reason",
        "mode",
        "descended_because",
        "prompt_version",
        "response_valid_json",
        "repair",
        "repair_operations",
        "repair_dropped",
        "breaker",
        "streamed",
        "messages_dropped",
        "issues",
    }
)
ATTEMPT = (
    _WHO
    | _WHERE
    | _OUTCOME
    | {
        "attempt",
        "sent",
        "aws_request_id",
        "failure_class",
        "time_to_first_token_ms",
        "input_tokens",
        "input_tokens_estimated",
        "reserved_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "output_tokens",
        "max_output_tokens",
        "stop_reason",
        "retry_wait_ms",
        "retry_after_ms",
        "deadline_left_ms",
        "breaker",
    }
)
TRANSITION = _WHERE | {
    "log_type",
    "timestamp",
    "operation",
    "from",
    "to",
    "reason",
    "calls",
    "failure_rate",
    "throttle_rate",
    "slow_rate",
    "open_for_ms",
}
STREAM_END = (
    _WHO
    | _WHERE
    | {
        "status",
        "reason",
        "latency_ms",
        "time_to_first_token_ms",
        "chunks",
        "characters",
        "max_gap_ms",
        "stop_reason",
        "mode",
    }
)
TASK = frozenset(
    {"log_type", "timestamp", "correlation_id", "task", "status", "duration_ms", "error"}
)
QUEUE_MESSAGE = frozenset(
    {
        "log_type",
        "timestamp",
        "correlation_id",
        "intent",
        "message_id",
        "key_hash",
        "status",
        "reason",
        "receives",
        "age_ms",
        "duration_ms",
        "wait_ms",
        "mode",
    }
)
DEGRADED = frozenset({"log_type", "timestamp", "correlation_id", "message", "missing"})

CALL_METRICS = (
    "BedrockCalls",
    "BedrockLatencyMs",
    "TimeToFirstToken",
    "UnansweredRate",
    "DegradedRate",
    "ResponseRepairRate",
    "ValidationRejectionRate",
)
ATTEMPT_METRICS = ("BedrockErrorRate", "BedrockThrottleRate")
STATE_METRICS = ("CircuitBreakerState",)

FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "bedrock_call": CALL | _EMBEDDED | {*CALL_METRICS, *STATE_METRICS},
        "bedrock_attempt": ATTEMPT | _EMBEDDED | {*ATTEMPT_METRICS},
        "breaker_transition": TRANSITION | _EMBEDDED | {*STATE_METRICS},
        "stream_end": STREAM_END,
        "parallel_task": TASK,
        "degraded": DEGRADED,
        "queue_message": QUEUE_MESSAGE,
    }
)
"""`log_type` -> the names of its fields."""
