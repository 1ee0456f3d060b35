"""botocore's connections, held to the clocks of the attempt that uses them.

Rule: every read of an answer, of its headers as well, is given what is left of the attempt.
Reason: a client has one read timeout for all calls, and it begins anew with every byte.
Rule: the addresses of a name share the time there is for connecting, each what is left of it by
those that were not tried yet. Reason: urllib3 gives each of them all of it.
Known cost: it is put into a client's HTTP session, which botocore keeps to itself (`hold`
says so when it is elsewhere); and a name server that does not answer, or a TLS handshake
that drips, is bounded by its own timeouts only.

Is imported by functions only, because botocore is heavy.
"""

from __future__ import annotations

import io
import socket
from contextlib import suppress
from http.client import HTTPResponse
from typing import Any, cast

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import allowed_gai_family

from mangaops.fm.transport.clocks import LEAST_S, Attempt, current_attempt


def hold(client: Any) -> None:
    """All connections that a client opens from now on keep the clocks. Again does nothing."""
    try:
        session = client._endpoint.http_session  # noqa: SLF001 - there is no public way
        pools = session._pool_classes_by_scheme  # noqa: SLF001 - as above
    except AttributeError as error:
        raise TypeError(
            f"the connections of {type(client).__name__} are not where botocore 1.40 to 1.44 "
            "keeps them, so no time limit can be kept; install one of these"
        ) from error
    if pools.get("https") is not _SecurePool:
        pools.update(http=_Pool, https=_SecurePool)
        session.close()  # idle connections of the old kind


class TimedReader(io.RawIOBase):
    """The bytes of an answer; each read may take what is left of the attempt."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, attempt: Attempt) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._attempt = attempt
        attempt.attach(sock)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._attempt.left())
        try:
            return cast("int | None", self._raw.readinto(buffer))
        except TimeoutError:
            raise self._attempt.run_out() from None

    def close(self) -> None:
        if not self.closed:
            self._attempt.detach()
            self._raw.close()
        super().close()


class _TimedSocket:
    """All that http.client asks of a socket for an answer."""

    def __init__(self, sock: socket.socket, attempt: Attempt) -> None:
        self._sock = sock
        self._attempt = attempt

    def makefile(self, _mode: str) -> io.BufferedReader:
        raw = cast("io.RawIOBase", self._sock.makefile("rb", buffering=0))
        return io.BufferedReader(TimedReader(raw, self._sock, self._attempt))


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **more: Any) -> None:
        attempt = current_attempt()
        held = sock if attempt is None else cast("socket.socket", _TimedSocket(sock, attempt))
        super().__init__(held, *arguments, **more)


class _Held:
    """Before an answer is read: connecting, and sending on a connection that is used again."""

    response_class: Any = _Response
    sock: Any
    port: int
    timeout: float | None
    _dns_host: str

    def connect(self) -> None:
        attempt = current_attempt()
        if attempt is not None:
            left = attempt.left_to_send()
            self.timeout = left if self.timeout is None else min(self.timeout, left)
        super().connect()  # type: ignore[misc]
        if attempt is not None:
            attempt.attach(self.sock)

    def _new_conn(self) -> socket.socket:
        """One connection, by the first address that answers in its share of the time."""
        attempt, host, timeout = current_attempt(), self._dns_host, self.timeout
        if attempt is None or timeout is None:
            return self._opened()
        addresses = _addresses_of(host, self.port)
        until = attempt.clock() + timeout
        try:
            for waiting in range(len(addresses), 0, -1):
                self._dns_host = addresses[-waiting]
                self.timeout = max((until - attempt.clock()) / waiting, LEAST_S)
                with suppress(*(() if waiting == 1 else (ConnectTimeoutError, NewConnectionError))):
                    return _given(self._opened(), max(until - attempt.clock(), LEAST_S))
            return self._opened()  # a name without addresses: what is wrong with it is said there
        finally:
            self._dns_host, self.timeout = host, timeout

    def _opened(self) -> socket.socket:
        return cast("socket.socket", super()._new_conn())  # type: ignore[misc]

    def request(self, *arguments: Any, **more: Any) -> Any:
        attempt = current_attempt()
        if attempt is not None and self.sock is not None:
            self.sock.settimeout(attempt.left_to_send())
            attempt.attach(self.sock)
        return super().request(*arguments, **more)  # type: ignore[misc]


def _addresses_of(host: str, port: int) -> list[str]:
    """Each once, in the order in which they are tried; none when the name is not known."""
    try:
        found = socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _given(sock: socket.socket, seconds: float) -> socket.socket:
    """What comes next on it, as TLS's handshake, may take so long."""
    sock.settimeout(seconds)
    return sock


class _Connection(_Held, AWSHTTPConnection):  # type: ignore[misc]  # as botocore's own
    pass


class _SecureConnection(_Held, AWSHTTPSConnection):  # type: ignore[misc]  # as above
    pass


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(AWSHTTPSConnectionPool):
    ConnectionCls = _SecureConnection
