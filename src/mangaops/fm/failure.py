"""The classes of failure of a call to a model, and what each of them allows.

One class says all that the parts of the client need to know: whether the same route may be
asked again, and whether the route is to blame. How the log calls it: records/status.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


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
class Rule:
    """What a class allows."""

    max_same_route_retries: int = 0
    counts_in_breaker: bool = False


NOT_FOUND = 404

AS_CONFIGURED = 5
"""Retries of what may simply be sent again: the configuration allows fewer, or a budget does.

AWS says of ModelNotReadyException that its own clients retry it up to 5 times.
"""


RULES: Mapping[FailureClass, Rule] = MappingProxyType(
    {
        FailureClass.THROTTLE: Rule(max_same_route_retries=AS_CONFIGURED, counts_in_breaker=True),
        FailureClass.NOT_READY: Rule(max_same_route_retries=AS_CONFIGURED, counts_in_breaker=True),
        FailureClass.TRANSIENT: Rule(max_same_route_retries=AS_CONFIGURED, counts_in_breaker=True),
        FailureClass.CLIENT_TIMEOUT: Rule(counts_in_breaker=True),
        FailureClass.MODEL_TIMEOUT: Rule(max_same_route_retries=1, counts_in_breaker=True),
        FailureClass.STREAM_CUT: Rule(max_same_route_retries=AS_CONFIGURED, counts_in_breaker=True),
        FailureClass.REQUEST_BAD: Rule(),
        FailureClass.CONFIG: Rule(),
        FailureClass.QUOTA: Rule(),
        FailureClass.BLOCKED: Rule(),
        FailureClass.CANCELLED: Rule(),
        FailureClass.BUG: Rule(),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why one attempt failed; `Failure.of` fills in what its class allows.

    `code` is AWS's error code in its usual spelling (`ThrottlingException`), else a word of
    ours (`timeout`). `retry_after` is the server's hint in seconds. `context_overflow` says
    that the question is too long for this model. `request_id` is AWS's. `detail` is for an
    operator: it never holds the text of a prompt or an answer.
    """

    failure_class: FailureClass
    code: str
    http_status: int | None = None
    retry_after: float | None = None
    max_same_route_retries: int = 0
    counts_in_breaker: bool = False
    detail: str = ""
    context_overflow: bool = False
    request_id: str | None = None

    @classmethod
    def of(  # noqa: PLR0913 - one for each field
        cls,
        failure_class: FailureClass,
        code: str,
        *,
        http_status: int | None = None,
        retry_after: float | None = None,
        retries: int | None = None,
        detail: str = "",
        context_overflow: bool = False,
        request_id: str | None = None,
    ) -> Failure:
        """`retries` is given where a code allows fewer than its class does."""
        rule = RULES[failure_class]
        return cls(
            failure_class=failure_class,
            code=code,
            http_status=http_status,
            retry_after=retry_after,
            max_same_route_retries=rule.max_same_route_retries if retries is None else retries,
            counts_in_breaker=rule.counts_in_breaker,
            detail=detail,
            context_overflow=context_overflow,
            request_id=request_id,
        )

    @property
    def another_model_may_work(self) -> bool:
        """Whether the next model is worth asking; else what is left needs no model.

        Blocked content is never shown to another model, a request that is wrong is wrong
        everywhere unless it is only too long, and credentials are the same for all.
        """
        match self.failure_class:
            case FailureClass.REQUEST_BAD:
                return self.context_overflow
            case FailureClass.CONFIG:
                return self.code == "ResourceNotFoundException" or self.http_status == NOT_FOUND
            case FailureClass.BLOCKED | FailureClass.CANCELLED | FailureClass.BUG:
                return False
            case _:
                return True
