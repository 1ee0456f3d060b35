"""AWS's error codes and HTTP statuses, and the class of failure of each.

Codes are compared case-folded: the same error is `ThrottlingException` in a response and
`throttlingException` in a stream. Source: the service model of bedrock-runtime, and the
lists of codes that botocore's own retries know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mangaops.fm.failure import FailureClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """`retries` is None where the class's own number holds."""

    failure_class: FailureClass
    retries: int | None = None


THROTTLING = (
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "TooManyRequestsException",
    "TooManyRequests",
)
FAULTS = (
    "InternalServerException",
    "InternalServerError",
    "InternalFailure",
    "InternalError",
    "ServiceUnavailableException",
    "ServiceUnavailable",
    "RequestTimeout",
    "RequestTimeoutException",
    "PriorRequestNotComplete",
)
REFUSED = (
    "ValidationException",
    "ValidationError",
    "SerializationException",
    "ConflictException",
    "RequestEntityTooLarge",
    "RequestEntityTooLargeException",
)
NOT_SET_UP = (
    "AccessDeniedException",
    "AccessDenied",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignatureException",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "UnknownOperationException",
)
EXPIRED = ("ExpiredTokenException", "ExpiredToken")
QUOTA = ("ServiceQuotaExceededException",)

_ONCE = 1

_MEANINGS: tuple[tuple[tuple[str, ...], Meaning], ...] = (
    (THROTTLING, Meaning(failure_class=FailureClass.THROTTLE)),
    (("ModelNotReadyException",), Meaning(failure_class=FailureClass.NOT_READY)),
    (FAULTS, Meaning(failure_class=FailureClass.TRANSIENT)),
    (("ModelErrorException",), Meaning(failure_class=FailureClass.TRANSIENT, retries=_ONCE)),
    (("ModelTimeoutException",), Meaning(failure_class=FailureClass.MODEL_TIMEOUT)),
    (("ModelStreamErrorException",), Meaning(failure_class=FailureClass.STREAM_CUT)),
    (REFUSED, Meaning(failure_class=FailureClass.REQUEST_BAD)),
    (NOT_SET_UP, Meaning(failure_class=FailureClass.CONFIG)),
    # the credentials are fetched again for the second attempt (transport/credentials.py)
    (EXPIRED, Meaning(failure_class=FailureClass.CONFIG, retries=_ONCE)),
    (QUOTA, Meaning(failure_class=FailureClass.QUOTA)),
)

BY_CODE: Mapping[str, Meaning] = MappingProxyType(
    {code.casefold(): meaning for codes, meaning in _MEANINGS for code in codes}
)
SPELLING: Mapping[str, str] = MappingProxyType(
    {code.casefold(): code for codes, _ in _MEANINGS for code in codes}
)

BY_STATUS: Mapping[int, Meaning] = MappingProxyType(
    {
        401: Meaning(failure_class=FailureClass.CONFIG),
        403: Meaning(failure_class=FailureClass.CONFIG),
        404: Meaning(failure_class=FailureClass.CONFIG),
        407: Meaning(failure_class=FailureClass.CONFIG),
        408: Meaning(failure_class=FailureClass.MODEL_TIMEOUT),
        424: Meaning(failure_class=FailureClass.TRANSIENT, retries=_ONCE),
        429: Meaning(failure_class=FailureClass.THROTTLE),
    }
)


def of_code(code: str) -> Meaning | None:
    """None: a code that is not known here. A new one of the TooManyRequests family is known."""
    folded = code.casefold()
    if folded.startswith("toomanyrequests"):
        return BY_CODE["toomanyrequestsexception"]
    return BY_CODE.get(folded)


def of_status(status: int) -> Meaning | None:
    """None: no status of an error."""
    if status in BY_STATUS:
        return BY_STATUS[status]
    match status // 100:
        case 3:  # a redirect: the endpoint or the region is not the right one
            return Meaning(failure_class=FailureClass.CONFIG)
        case 4:
            return Meaning(failure_class=FailureClass.REQUEST_BAD)
        case 5:
            return Meaning(failure_class=FailureClass.TRANSIENT)
        case _:
            return None
