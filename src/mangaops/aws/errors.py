"""botocore's exceptions in the operator's terms: what happened, where, what to do next.

`FAMILIES` says for each family of botocore.exceptions who can act on it; the first
entry that an exception is an instance of decides. A refusal by AWS itself
(`ClientError`) is sorted by its error code instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mangaops.errors import (
    AwsCredentials,
    AwsDenied,
    AwsError,
    AwsFault,
    AwsNotFound,
    AwsRejected,
    AwsThrottled,
    AwsUnreachable,
    InputError,
    MangaopsError,
)

NO_CREDENTIALS = (
    "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`; "
    "`aws sts get-caller-identity` shows whether they work"
)
EXPIRED = "sign in again, for example with `aws sso login`, then repeat the command"
WRONG_CLOCK = "the clock of this machine is off: set it (NTP), then repeat the command"
WRONG_ENDPOINT = "check the network, the region and endpoint_url (mangaops.yaml, AWS_ENDPOINT_URL)"
TOO_FAST = "wait a minute; other callers use up the same account's rate"
A_BUG = "repeat with --debug; if it stays, report it as a bug of mangaops"

FAMILIES: tuple[tuple[str, type[MangaopsError], str], ...] = (
    ("TokenRetrievalError", AwsCredentials, EXPIRED),
    ("SSOError", AwsCredentials, EXPIRED),
    ("LoginError", AwsCredentials, EXPIRED),
    ("NoAuthTokenError", AwsCredentials, EXPIRED),
    ("UnknownTokenProviderError", AwsCredentials, NO_CREDENTIALS),
    ("NoCredentialsError", AwsCredentials, NO_CREDENTIALS),
    ("PartialCredentialsError", AwsCredentials, NO_CREDENTIALS),
    ("CredentialRetrievalError", AwsCredentials, NO_CREDENTIALS),
    ("MetadataRetrievalError", AwsCredentials, NO_CREDENTIALS),
    ("RefreshWithMFAUnsupportedError", AwsCredentials, EXPIRED),
    ("UnknownCredentialError", AwsCredentials, NO_CREDENTIALS),
    ("MissingDependencyException", AwsCredentials, "install what the message names"),
    ("ProfileNotFound", InputError, "`aws configure list-profiles` shows the ones there are"),
    ("NoRegionError", InputError, "pass --region or set AWS_REGION"),
    ("InvalidRegionError", InputError, "write the region as AWS does, such as ap-northeast-1"),
    ("UnknownRegionError", InputError, "write the region as AWS does, such as ap-northeast-1"),
    ("ServiceNotInRegionError", InputError, "pass another --region"),
    ("BaseEndpointResolverError", InputError, "check the region and the endpoint variant"),
    ("ConfigNotFound", InputError, "check AWS_CONFIG_FILE"),
    ("ConfigParseError", InputError, "correct the file that the message names"),
    ("InvalidConfigError", InputError, "correct ~/.aws/config"),
    ("InvalidDefaultsMode", InputError, "correct defaults_mode in ~/.aws/config"),
    ("InvalidChecksumConfigError", InputError, "correct ~/.aws/config"),
    ("InvalidRetryConfigurationError", InputError, "correct AWS_RETRY_MODE or ~/.aws/config"),
    ("InvalidIMDSEndpointError", InputError, "correct AWS_EC2_METADATA_SERVICE_ENDPOINT"),
    ("InvalidIMDSEndpointModeError", InputError, "use ipv4 or ipv6"),
    ("InvalidProxiesConfigError", InputError, "correct HTTPS_PROXY and ~/.aws/config"),
    ("InvalidEndpointConfigurationError", InputError, "correct ~/.aws/config"),
    ("InvalidEndpointDiscoveryConfigurationError", InputError, "correct ~/.aws/config"),
    ("InvalidS3AddressingStyleError", InputError, "correct ~/.aws/config"),
    ("InvalidS3UsEast1RegionalEndpointConfigError", InputError, "correct ~/.aws/config"),
    ("InvalidSTSRegionalEndpointsConfigError", InputError, "correct ~/.aws/config"),
    ("ConnectionError", AwsUnreachable, WRONG_ENDPOINT),
    ("HTTPClientError", AwsUnreachable, WRONG_ENDPOINT),
    ("IncompleteReadError", AwsUnreachable, WRONG_ENDPOINT),
    ("ChecksumError", AwsUnreachable, WRONG_ENDPOINT),
    ("FlexibleChecksumError", AwsUnreachable, WRONG_ENDPOINT),
    ("CapacityNotAvailableError", AwsThrottled, "wait a minute, then repeat the command"),
    ("InvalidHostLabelError", AwsRejected, "check the name that the message quotes"),
    ("InvalidDNSNameError", AwsRejected, "check the name that the message quotes"),
    ("ParamValidationError", AwsRejected, "check the names in mangaops.yaml and the runbook"),
    ("ValidationError", AwsRejected, "check the names in mangaops.yaml and the runbook"),
    ("MissingParametersError", AwsRejected, A_BUG),
    ("EndpointProviderError", AwsRejected, WRONG_ENDPOINT),
    ("EndpointDiscoveryException", AwsRejected, WRONG_ENDPOINT),
    ("UnsupportedS3AccesspointConfigurationError", AwsRejected, "check the S3 address"),
    ("UnsupportedS3ArnError", AwsRejected, "check the S3 address"),
    ("UnsupportedS3ConfigurationError", AwsRejected, "check the S3 address"),
    ("UnsupportedS3ControlArnError", AwsRejected, "check the S3 address"),
    ("UnsupportedS3ControlConfigurationError", AwsRejected, "check the S3 address"),
    ("UnsupportedOutpostResourceError", AwsRejected, "check the S3 address"),
    ("DataNotFoundError", AwsRejected, "this botocore is too old: install a newer one"),
    ("ApiVersionNotFoundError", AwsRejected, "this botocore is too old: install a newer one"),
    ("UnsupportedServiceProtocolsError", AwsRejected, "install a newer botocore"),
    ("UnknownServiceStyle", AwsRejected, A_BUG),
    ("UnknownClientMethodError", AwsRejected, A_BUG),
    ("UnknownSignatureVersionError", AwsRejected, A_BUG),
    ("UnsupportedSignatureVersionError", AwsRejected, A_BUG),
    ("InvalidExpressionError", AwsRejected, A_BUG),
    ("OperationNotPageableError", AwsRejected, A_BUG),
    ("PaginationError", AwsRejected, A_BUG),
    ("StubResponseError", AwsRejected, A_BUG),
    ("UnseekableStreamError", AwsRejected, A_BUG),
    ("AwsChunkedWrapperError", AwsRejected, A_BUG),
    ("MD5UnavailableError", AwsRejected, A_BUG),
    ("WaiterConfigError", AwsRejected, A_BUG),
    ("WaiterError", AwsRejected, "look at the resource in the console"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """What AWS said when it refused a call."""

    code: str
    message: str
    status: int
    request_id: str

    @classmethod
    def of(cls, response: Mapping[str, Any]) -> _Refusal:
        told = response.get("Error", {})
        metadata = response.get("ResponseMetadata", {})
        return cls(
            code=str(told.get("Code", "")),
            message=str(told.get("Message") or told.get("message") or ""),
            status=int(metadata.get("HTTPStatusCode", 0)),
            request_id=str(metadata.get("RequestId", "")),
        )


_CODES: tuple[tuple[re.Pattern[str], type[AwsError], str], ...] = (
    (
        re.compile(r"SignatureDoesNotMatch|InvalidSignature"),
        AwsCredentials,
        f"check the secret key; if it is right, {WRONG_CLOCK}",
    ),
    (
        re.compile(r"RequestTimeTooSkewed|RequestExpired|RequestInTheFuture"),
        AwsCredentials,
        WRONG_CLOCK,
    ),
    (re.compile(r"ExpiredToken|TokenRefreshRequired"), AwsCredentials, EXPIRED),
    (
        re.compile(
            r"InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|InvalidToken|NotSignedUp"
            r"|MissingAuthenticationToken|AuthFailure|IncompleteSignature|OptInRequired"
        ),
        AwsCredentials,
        NO_CREDENTIALS,
    ),
    (
        re.compile(
            r"Throttl|TooManyRequests|ThroughputExceeded|RequestLimitExceeded"
            r"|BandwidthLimitExceeded|SlowDown|PriorRequestNotComplete"
        ),
        AwsThrottled,
        TOO_FAST,
    ),
    (
        re.compile(r"NotFound|NoSuch|DoesNotExist"),
        AwsNotFound,
        "check the name, the region and the account",
    ),
    (
        re.compile(
            r"AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|Forbidden"
        ),
        AwsDenied,
        "",
    ),
)
_DENIAL = re.compile(
    r"User: \S*?([^:\s]+) is not authorized to perform:? \S+(?: on resource: (\S+))?"
    r"(?: (?:because|with) (.+))?$"
)
_ACTION = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)")


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Turns botocore's exceptions into `errors.Aws*`, chained to the original.

    `operation` is the call as IAM writes it (`logs:StartQuery`): it is the `where` of
    the message, and what a denied identity is told to ask for. A configuration that
    botocore cannot use (no such profile, no region) is an `InputError`.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - 0.1 s
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - 0.1 s

    try:
        yield
    except ClientError as error:
        raise _refused(_Refusal.of(error.response), operation) from error
    except BotoCoreError as error:
        raise _failed(error, operation) from error
    except ResponseParserError as error:
        raise AwsUnreachable(
            "the answer is not one of AWS", hint=WRONG_ENDPOINT, operation=operation
        ) from error


def family_of(kind: type[Exception]) -> tuple[type[MangaopsError], str] | None:
    """Our error and its hint for a class of botocore.exceptions, None if nothing covers it."""
    names = {base.__name__ for base in kind.__mro__}
    for name, error, hint in FAMILIES:
        if name in names:
            return error, hint
    return None


def _failed(error: Exception, operation: str) -> MangaopsError:
    """An error that botocore raised by itself: AWS has not answered, or was never asked."""
    kind, hint = family_of(type(error)) or (AwsRejected, A_BUG)
    what = str(error).strip().rstrip(".")
    if issubclass(kind, AwsError):
        return kind(what, hint=hint, code=type(error).__name__, operation=operation)
    return kind(what, where=operation, hint=hint)


def _refused(refusal: _Refusal, operation: str) -> AwsError:
    kind, what, hint = _sorted(refusal, operation)
    return kind(
        what,
        hint=hint,
        code=refusal.code,
        operation=operation,
        request_id=refusal.request_id,
    )


def _sorted(refusal: _Refusal, operation: str) -> tuple[type[AwsError], str, str]:
    kind, hint = _sort(refusal, operation)
    message = _denial(refusal.message) if kind is AwsDenied else refusal.message
    told = ": ".join(part for part in (refusal.code, message) if part)
    return kind, told or "refused without a reason", hint


def _sort(refusal: _Refusal, operation: str) -> tuple[type[AwsError], str]:
    for pattern, kind, hint in _CODES:
        if pattern.search(refusal.code):
            return kind, hint or _denied_hint(refusal.message, operation)
    if refusal.status in {401, 403}:
        return AwsDenied, _denied_hint(refusal.message, operation)
    if refusal.status == 429:
        return AwsThrottled, TOO_FAST
    if refusal.status >= 500:
        return AwsFault, "a fault at AWS: try again in a minute"
    return AwsRejected, ""


def _denial(message: str) -> str:
    """Who may not, and which policy says so: IAM's sentence without what is said already."""
    found = _DENIAL.search(message)
    if found is None:
        return message
    resource = "" if found[2] in {None, "*"} else f" on {found[2]}"
    return f"{found[1]} may not{resource}, {found[3] or 'no reason given'}"


def _denied_hint(message: str, operation: str) -> str:
    found = _ACTION.search(message)
    action = found[1] if found else operation
    if "explicit deny" in message:
        return f"a policy denies {action} explicitly: ask its owner, allowing it is not enough"
    return f"allow {action} to this identity, or use another profile"
