"""The protocol of Redis over one socket, with as little work as there can be."""

from __future__ import annotations

import socket
from collections.abc import Sequence


class Wire:
    """The protocol of Redis over one socket, with as little work as there can be."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb", buffering=1 << 16)

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def send(self, *commands: Sequence[bytes]) -> None:
        self.send_encoded(b"".join(map(encoded, commands)))

    def send_encoded(self, commands: bytes) -> None:
        self._socket.sendall(commands)

    def scanned(self, cursor: bytes, pattern: bytes, *more: bytes) -> tuple[bytes, list[bytes]]:
        self.send((b"SCAN", cursor, b"MATCH", pattern, *more))
        self._file.readline()
        following = self._bulk()
        count = self.number()
        return following, [self._bulk() for _ in range(count)]

    def lines(self, count: int) -> None:
        for _ in range(count):
            self._file.readline()

    def number(self) -> int:
        return int(self._file.readline()[1:])

    def skip(self, size: int) -> None:
        """Reads bytes of an answer whose size is known, and looks at none."""
        self._file.read(size)

    def _bulk(self) -> bytes:
        length = int(self._file.readline()[1:])
        return self._file.read(length + 2)[:length]


def encoded(words: Sequence[bytes]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)
