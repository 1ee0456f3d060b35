"""A model's end of the wire: a test says byte by byte what each request is answered with."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias

HEAD = (
    b"HTTP/1.1 200 OK\r\nx-amzn-requestid: r\r\n"
    b"content-type: application/vnd.amazon.eventstream\r\ntransfer-encoding: chunked\r\n\r\n"
)
END = b"0\r\n\r\n"
DRIP_S = 0.002


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def streamed(*frames: bytes) -> bytes:
    """A whole streamed answer."""
    return HEAD + b"".join(map(chunk, frames)) + END


def whole(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    more = "".join(f"{line}\r\n" for line in ("x-amzn-requestid: r", *headers))
    return (
        f"HTTP/1.1 {status}\r\n{more}content-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    ).encode() + body


Script: TypeAlias = Callable[["Line"], None]


class Line:
    """One request's answer; `send` fails when the caller has closed."""

    def __init__(self, connection: socket.socket, stopped: threading.Event) -> None:
        self._connection = connection
        self._stopped = stopped
        self.send = connection.sendall

    def drip(self, data: bytes) -> None:
        """The same again and again, until the caller closes."""
        while not self._stopped.wait(DRIP_S):
            self.send(data)

    def drip_bytes(self, data: bytes) -> None:
        for at in range(len(data)):
            if self._stopped.wait(DRIP_S):
                return
            self.send(data[at : at + 1])

    def silence(self) -> None:
        """Until the caller closes."""
        self._connection.recv(1)


def say(data: bytes) -> Script:
    return lambda line: line.send(data)


class Wire:
    """`script` answers each request. `closed` is set when a caller went in its midst."""

    def __init__(self, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        scheme = "http" if tls is None else "https"
        self.address = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        self.script: Script = say(b"")
        self.requests = 0
        self.connections = 0
        self.closed = threading.Event()
        self.stopped = threading.Event()
        self._listening = listening
        self._tls = tls

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with plain, suppress(OSError):
            connection = plain if self._tls is None else self._tls.wrap_socket(plain, True)
            with connection:
                while _read(connection):
                    self.requests += 1
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        try:
            self.script(Line(connection, self.stopped))
        except OSError:
            self.closed.set()
            raise


@contextmanager
def wired(tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    listening = socket.create_server(("127.0.0.1", 0))
    wire = Wire(listening, tls)
    thread = threading.Thread(target=wire.accept, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.stopped.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        listening.close()
        thread.join(timeout=5)


def _read(connection: socket.socket) -> bool:
    """One request; False when there is none any more."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(65536)
        if not more:
            return False
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(
        (int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return True
