"""A small WSGI server: threads, kept-alive connections, streamed bodies.

Reason: werkzeug's development server closes every connection after one answer and
waits 10 ms to do so; a client that measures its calls would measure that.
"""

from __future__ import annotations

import io
import select
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

from mangaops.errors import SandboxError

HOST = "127.0.0.1"


_HERE = threading.local()
_MOST_SELECTED = 1024
"""`select` takes no higher file number; it alone waits more exactly than milliseconds."""


class Drop(ConnectionError):
    """Raised by an application, or while its body is iterated: reset the connection.

    `delay_s` is how long it is kept open without a word before that.
    """

    delay_s: float = 0.0


class HungUp(Drop):
    """The client has closed its connection: nobody waits for this answer."""


class Exchange:
    """The request that this thread answers, as far as its connection knows."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._told: list[Callable[[bool], None]] = []

    @property
    def is_watched(self) -> bool:
        return bool(self._told)

    def when_over(self, tell: Callable[[bool], None]) -> None:
        """Tell when the connection is done with it: whether the client hung up before that."""
        self._told.append(tell)

    def over(self, *, early: bool) -> None:
        for tell in self._told:
            tell(early)

    def is_gone(self, within: float = 0.0) -> bool:
        """Whether the client closes its connection within so many seconds.

        Returns early when the client sends more: it is still there.
        """
        if self._connection.fileno() >= _MOST_SELECTED:
            return False
        readable, _, _ = select.select([self._connection], [], [], within)
        if not readable:
            return False
        try:
            return not self._connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True


def exchange() -> Exchange | None:
    """The exchange of this thread; None where no request is being answered."""
    found: Exchange | None = getattr(_HERE, "exchange", None)
    return found


def pause(seconds: float) -> None:
    """Sleep; raises HungUp as soon as the client of this thread's request closes."""
    now = exchange()
    started = time.monotonic()
    if now is not None and now.is_gone(seconds):
        raise HungUp
    rest = seconds - (time.monotonic() - started)
    if rest > 0:
        time.sleep(rest)


class Listener:
    """One listening port, bound at once and served from `start` to `stop`.

    `port` 0 takes a free one. A port that is taken raises SandboxError.
    """

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as busy:
            raise SandboxError(
                f"port {port} is taken",
                where=f"{HOST}:{port}",
                hint="stop what listens there, or choose another: --port 0 takes a free one",
            ) from busy
        self._server.app = app
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True, name=f"listen-{port}"
        )

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    app: WSGIApplication

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: `/_sandbox/calls` has the log."""

    def answer(self) -> None:
        self.exchange = _HERE.exchange = Exchange(self.connection)
        early = True
        try:
            body = self._body()
            self._send(self._run(body))
            early = False
        except Drop as drop:
            early = isinstance(drop, HungUp)
            self.close_connection = True
            # Linger 0 sends a reset, as a crashed host does.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        finally:
            _HERE.exchange = None
            self.exchange.over(early=early)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = answer  # noqa: N815

    def handle_expect_100(self) -> bool:
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> bytes:
        whole = bytearray()
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return bytes(whole)

    def _run(self, body: bytes) -> Iterable[bytes]:
        self.answered: tuple[int, list[tuple[str, str]]] = (500, [])

        def start_response(
            status: str, headers: list[tuple[str, str]], _error: Any = None, /
        ) -> Any:
            self.answered = (int(status.split(" ", 1)[0]), headers)
            return None

        app = cast("_Server", self.server).app
        return app(self._environ(body), start_response)

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.path,
            "REQUEST_URI": self.path,
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(cast("tuple[str, int]", self.server.server_address)[1]),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        skipped = ("content-type", "content-length", "transfer-encoding")
        for name, value in self.headers.items():
            if name.lower() not in skipped:
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ

    def _send(self, chunks: Iterable[bytes]) -> None:
        try:
            status, headers = self.answered
            self.send_response_only(status, responses.get(status, "Answer"))
            names = {name.lower() for name, _ in headers}
            for name, value in headers:
                if name.lower() not in ("connection", "transfer-encoding"):
                    self.send_header(name, value)
            if "date" not in names:
                self.send_header("Date", self.date_time_string())
            bodiless = self.command == "HEAD" or status in (204, 304)
            chunked = not bodiless and "content-length" not in names
            if chunked:
                self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._write(() if bodiless else chunks, chunked=chunked)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()

    def _write(self, chunks: Iterable[bytes], *, chunked: bool) -> None:
        for chunk in chunks:
            if not chunk:
                continue
            if self.exchange.is_watched and self.exchange.is_gone():
                raise HungUp
            if chunked:
                self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            else:
                self.wfile.write(chunk)
            self.wfile.flush()
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()
