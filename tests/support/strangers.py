"""HTTP endpoints that are no AWS: they answer a page, nothing, or never."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PAGE = b"<html><body>Welcome</body></html>"


def page(status: str, body: bytes = PAGE, kind: str = "text/html") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


@contextmanager
def stranger(answer: bytes | None) -> Iterator[str]:
    """The URL of an endpoint that sends `answer` and closes; None: it never answers."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with suppress(OSError):
                connection, _ = listening.accept()
                threading.Thread(target=reply, args=(connection,), daemon=True).start()

    def reply(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(30)
            connection.recv(65536)
            if answer is None:
                ended.wait(30)
            else:
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        with suppress(OSError):
            socket.create_connection(listening.getsockname(), timeout=1).close()
        listening.close()
        thread.join()
