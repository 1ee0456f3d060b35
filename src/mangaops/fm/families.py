"""Exceptions that carry no code of AWS, and the class of failure of each family.

A family is the name of a class anywhere among an exception's ancestors, with the library it
is from: `urllib3.ProtocolError`. By name, because botocore and urllib3 are not loaded here,
and because botocore's read timeout is a relative of five other timeouts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mangaops.fm.failure import FailureClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """`code` is the word of ours, `told` what an operator reads."""

    failure_class: FailureClass
    code: str
    told: str


CANCELLED = Family(
    failure_class=FailureClass.CANCELLED, code="cancelled", told="the caller gave up"
)
TIMEOUT = Family(
    failure_class=FailureClass.CLIENT_TIMEOUT,
    code="timeout",
    told="no answer in time: the model may still be generating",
)
CONNECTION = Family(
    failure_class=FailureClass.TRANSIENT,
    code="connection",
    told="no connection, or it was lost before the answer",
)
UNREACHABLE = Family(
    failure_class=FailureClass.TRANSIENT,
    code="unreachable",
    told="nobody is there: the name, the route, or who should listen is missing",
)
TLS = Family(
    failure_class=FailureClass.TRANSIENT,
    code="tls",
    told="no secure connection: look at certificates and proxies when it stays",
)
UNREADABLE = Family(
    failure_class=FailureClass.TRANSIENT, code="unreadable", told="the answer is not one of AWS"
)
CUT = Family(
    failure_class=FailureClass.STREAM_CUT,
    code="interrupted",
    told="the connection was lost within the answer",
)
DAMAGED = Family(
    failure_class=FailureClass.STREAM_CUT, code="damaged", told="a frame of the stream is damaged"
)
CREDENTIALS = Family(
    failure_class=FailureClass.CONFIG,
    code="credentials",
    told="no credentials that can be used",
)
SETTINGS = Family(
    failure_class=FailureClass.CONFIG, code="settings", told="the settings of the AWS client"
)
PARAMETERS = Family(
    failure_class=FailureClass.REQUEST_BAD,
    code="parameters",
    told="the request has parameters that AWS's client does not take",
)
BUG = Family(failure_class=FailureClass.BUG, code="bug", told="an error in the program")

NOBODY = frozenset({UNREACHABLE.code, TLS.code})
"""Codes of a server that was never spoken to; any other error has one that was there."""

NOT_SENT = frozenset({CREDENTIALS.code, SETTINGS.code, PARAMETERS.code})
"""Codes of what AWS's client refuses itself: no request went out."""

_MEMBERS: tuple[tuple[Family, tuple[str, ...]], ...] = (
    (CANCELLED, ("asyncio.CancelledError", "concurrent.CancelledError", "builtins.GeneratorExit")),
    (CANCELLED, ("builtins.KeyboardInterrupt", "builtins.SystemExit")),
    (UNREACHABLE, ("botocore.ConnectTimeoutError", "urllib3.ConnectTimeoutError")),
    (UNREACHABLE, ("botocore.EndpointConnectionError", "urllib3.NewConnectionError")),
    (UNREACHABLE, ("botocore.ProxyConnectionError", "builtins.ConnectionRefusedError")),
    (UNREACHABLE, ("socket.gaierror",)),
    (TIMEOUT, ("botocore.ReadTimeoutError", "urllib3.ReadTimeoutError")),
    (TIMEOUT, ("urllib3.TimeoutError", "builtins.TimeoutError")),
    (TLS, ("botocore.SSLError", "urllib3.SSLError", "ssl.SSLError")),
    (CONNECTION, ("botocore.ConnectionError", "botocore.ConnectionClosedError")),
    (CUT, ("urllib3.ProtocolError", "urllib3.IncompleteRead", "urllib3.InvalidChunkLength")),
    (CUT, ("http.IncompleteRead", "botocore.IncompleteReadError", "asyncio.IncompleteReadError")),
    (CUT, ("botocore.ResponseStreamingError", "urllib3.DecodeError", "botocore.EventStreamError")),
    (DAMAGED, ("botocore.ParserError", "botocore.ChecksumError", "botocore.FlexibleChecksumError")),
    (UNREADABLE, ("botocore.ResponseParserError",)),
    (CREDENTIALS, ("botocore.NoCredentialsError", "botocore.PartialCredentialsError")),
    (CREDENTIALS, ("botocore.CredentialRetrievalError", "botocore.UnknownCredentialError")),
    (CREDENTIALS, ("botocore.NoAuthTokenError", "botocore.TokenRetrievalError")),
    (CREDENTIALS, ("botocore.UnknownTokenProviderError", "botocore.SSOError")),
    (CREDENTIALS, ("botocore.LoginError", "botocore.RefreshWithMFAUnsupportedError")),
    (CREDENTIALS, ("botocore.MetadataRetrievalError", "botocore.ProfileNotFound")),
    (SETTINGS, ("botocore.BaseEndpointResolverError", "botocore.EndpointProviderError")),
    (SETTINGS, ("botocore.InvalidRegionError", "botocore.UnknownRegionError")),
    (SETTINGS, ("botocore.InvalidConfigError", "botocore.ConfigParseError")),
    (SETTINGS, ("botocore.ConfigNotFound", "botocore.InvalidRetryConfigurationError")),
    (SETTINGS, ("botocore.DataNotFoundError", "botocore.MissingDependencyException")),
    (SETTINGS, ("botocore.InvalidProxiesConfigError", "botocore.InvalidDefaultsMode")),
    (PARAMETERS, ("botocore.ParamValidationError", "botocore.ValidationError")),
    (PARAMETERS, ("botocore.MissingParametersError",)),
    (CONNECTION, ("botocore.HTTPClientError", "builtins.ConnectionError")),
    (CONNECTION, ("http.HTTPException", "urllib3.HTTPError")),
)

_ORDER: Mapping[str, int] = MappingProxyType(
    {name: place for place, (_, names) in enumerate(_MEMBERS) for name in names}
)


def family(error: BaseException) -> Family:
    """The first that fits, in the order above; a bug when none does."""
    places = [_ORDER[name] for name in map(_name, type(error).__mro__) if name in _ORDER]
    return _MEMBERS[min(places)][0] if places else _unnamed(error)


def _name(kind: type) -> str:
    # botocore brings an old copy of urllib3, whose exceptions are ancestors of its own
    return f"{str(kind.__module__).partition('.')[0]}.{kind.__name__}"


_NETWORK: Mapping[str, Family] = MappingProxyType(
    {
        "ENETUNREACH": UNREACHABLE,
        "EHOSTUNREACH": UNREACHABLE,
        "ENETDOWN": UNREACHABLE,
        "EHOSTDOWN": UNREACHABLE,
        "ENETRESET": CONNECTION,
    }
)


def _unnamed(error: BaseException) -> Family:
    """An OSError of a number: the operating system tells only by it that the network is gone."""
    import errno  # noqa: PLC0415 - needed by this rare case alone

    number = error.errno if isinstance(error, OSError) else None
    return _NETWORK.get(errno.errorcode.get(number or 0, ""), BUG)
