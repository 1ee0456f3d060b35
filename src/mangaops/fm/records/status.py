"""How the log calls the end of a call or an attempt.

The words are the ones that runbooks and saved queries read; `error_code` and `failure_class`
tell more. What has no word of its own is `error`: not ready, configuration, quota, a bug.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from mangaops.fm.failure import FailureClass


class Status(StrEnum):
    SUCCESS = "success"
    """A model answered, whichever; `mode` says how far down."""
    ERROR = "error"
    TIMEOUT = "timeout"
    THROTTLED = "throttled"
    VALIDATION_ERROR = "validation_error"
    CIRCUIT_OPEN = "circuit_open"
    """Nothing was sent: breakers were open, or too many calls of the intent failed."""
    RETRIES_EXHAUSTED = "retries_exhausted"
    INTERRUPTED = "interrupted"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


def status_of(failure_class: FailureClass) -> Status:
    """Of a call or an attempt that ended with this failure."""
    match failure_class:
        case FailureClass.THROTTLE:
            return Status.THROTTLED
        case FailureClass.CLIENT_TIMEOUT | FailureClass.MODEL_TIMEOUT:
            return Status.TIMEOUT
        case FailureClass.STREAM_CUT:
            return Status.INTERRUPTED
        case FailureClass.REQUEST_BAD | FailureClass.BLOCKED | FailureClass.CANCELLED:
            return _NOT_ITS_FAULT[failure_class]
        case (
            FailureClass.NOT_READY
            | FailureClass.TRANSIENT
            | FailureClass.CONFIG
            | FailureClass.QUOTA
            | FailureClass.BUG
        ):
            return Status.ERROR
        case _:
            assert_never(failure_class)


_NOT_ITS_FAULT = {
    FailureClass.REQUEST_BAD: Status.VALIDATION_ERROR,
    FailureClass.BLOCKED: Status.BLOCKED,
    FailureClass.CANCELLED: Status.CANCELLED,
}
"""The model did what it should."""
