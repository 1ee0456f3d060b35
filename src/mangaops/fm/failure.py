"""The classes of failure of a call to a model, and what each of them allows.

One class says all that the parts of the client need to know: whether the same route may be
asked again, whether the route is to blame, and how the log calls it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FailureClass(StrEnum):
    THROTTLE = "throttle"
    NOT_READY = "not_ready"
    TRANSIENT = "transient"
    CLIENT_TIMEOUT = "client_timeout"
    """We stopped waiting: the model may still be generating, and billing."""
    MODEL_TIMEOUT = "model_timeout"
    STREAM_CUT = "stream_cut"
    REQUEST_BAD = "request_bad"
    CONFIG = "config"
    """Credentials, access, a model that is not there: nothing that waiting mends."""
    QUOTA = "quota"
    BLOCKED = "blocked"
    """Content that a model or a guardrail refuses: another model is not asked."""
    CANCELLED = "cancelled"
    BUG = "bug"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why one attempt failed.

    `code` is AWS's error code in its usual spelling (`ThrottlingException`), else a word of
    ours (`timeout`). `retry_after` is the server's hint in seconds. `detail` is for an
    operator: it never holds the text of a prompt or an answer.
    """

    failure_class: FailureClass
    code: str
    http_status: int | None = None
    retry_after: float | None = None
    max_same_route_retries: int = 0
    counts_in_breaker: bool = False
    detail: str = ""
