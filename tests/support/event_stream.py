"""An HTTP server that answers each request with bytes of a test's choice, chunk by chunk."""

from __future__ import annotations

import json
import socket
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeAlias

CUT = b"cut"
"""In the place of a chunk: the connection is closed, without the end of the answer."""
HANG = b"hang"
"""In the place of a chunk: nothing more comes for 0.2 s."""


def frame(kind: str, payload: object, *, exception: bool = False) -> bytes:
    """One message of AWS's event stream encoding."""
    names = (":exception-type", "exception") if exception else (":event-type", "event")
    headers = b"".join(
        bytes([len(name)])
        + name.encode()
        + b"\x07"
        + struct.pack("!H", len(value))
        + value.encode()
        for name, value in (
            (":message-type", names[1]),
            (names[0], kind),
            (":content-type", "application/json"),
        )
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(body), len(headers))
    start = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + body
    return start + struct.pack("!I", zlib.crc32(start))


def text(words: str) -> bytes:
    return frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": words}})


START = frame("messageStart", {"role": "assistant"})
STOP = frame("messageStop", {"stopReason": "end_turn"})
USAGE = frame(
    "metadata",
    {
        "usage": {"inputTokens": 20, "outputTokens": 7, "totalTokens": 27},
        "metrics": {"latencyMs": 5},
    },
)


def refusal(status: str, code: str) -> bytes:
    """A whole answer that is an error."""
    body = b'{"message": "no"}'
    return (
        f"HTTP/1.1 {status}\r\nx-amzn-errortype: {code}\r\nx-amzn-requestid: r\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body


Answer: TypeAlias = Sequence[bytes] | bytes
"""Bytes are a whole answer, a sequence are the chunks of a stream."""


class Server:
    """Gives every request `answer`, which a test sets."""

    def __init__(self, listening: socket.socket) -> None:
        self.answer: Answer = b""
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def serve(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    _read(connection)
                    _send(connection, self.answer)


@contextmanager
def served() -> Iterator[Server]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(listening)
    thread = threading.Thread(target=server.serve, args=(listening,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        listening.close()
        thread.join(timeout=5)


def _read(connection: socket.socket) -> None:
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)


def _send(connection: socket.socket, answer: Answer) -> None:
    if isinstance(answer, bytes):
        connection.sendall(answer)
        return
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nx-amzn-requestid: r\r\nconnection: close\r\n"
        b"content-type: application/vnd.amazon.eventstream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    for chunk in answer:
        if chunk == CUT:
            return
        if chunk == HANG:
            threading.Event().wait(0.2)
            return
        connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    connection.sendall(b"0\r\n\r\n")
