"""How the log calls the end of a call: one of the log's statuses, and an error code.

Rule: `success` is a model's own whole answer, whatever the step. An answer without a model
has the status of what failed last: `status` tells what the models did, `mode` what the user
got. What was worth a retry and still failed after one is `retries_exhausted`; what came and
could not be used is `error` with `unusable_answer`; a mistake of ours `error` with
`internal_error`; no time for any attempt `timeout` with `deadline`.
"""

from __future__ import annotations

from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.ladder.so_far import SoFar
from mangaops.fm.records.status import Status, status_of

_RETRIED = {FailureClass.THROTTLE, FailureClass.NOT_READY, FailureClass.TRANSIENT}


def status_of_call(
    call: SoFar, *, by_a_model: bool, interrupted: bool
) -> tuple[Status, str | None]:
    """The status and the error code of a call that came to its end."""
    failure = call.failure
    if by_a_model and not interrupted:
        return Status.SUCCESS, None
    if failure is None:
        return _without_failure(call, interrupted=interrupted)
    if interrupted:
        return _broken_off(failure), failure.code
    if call.retries and failure.failure_class in _RETRIED:
        return Status.RETRIES_EXHAUSTED, failure.code
    if failure.failure_class is FailureClass.BUG:
        return Status.ERROR, "internal_error"
    return status_of(failure.failure_class), failure.code


def _broken_off(failure: Failure) -> Status:
    blocked = failure.failure_class is FailureClass.BLOCKED
    return Status.BLOCKED if blocked else Status.INTERRUPTED


def _without_failure(call: SoFar, *, interrupted: bool) -> tuple[Status, str | None]:
    """No attempt failed: what came could not be used, or nothing was let through in time."""
    if call.spoilt:
        return Status.INTERRUPTED if interrupted else Status.ERROR, "unusable_answer"
    if call.kept_back:
        return Status.CIRCUIT_OPEN, "circuit_open"
    return Status.TIMEOUT, "deadline"
