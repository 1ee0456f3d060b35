"""An HTTP endpoint that answers AWS calls from a script and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mangaops.aws.session import Aws
from mangaops.model.settings import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Canned:
    status: int = 200
    body: Mapping[str, Any] | str = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """`asked` holds (operation, body) in order."""

    url: str
    asked: list[tuple[str, Mapping[str, Any]]]


@contextmanager
def endpoint(answer: Callable[[str, Mapping[str, Any]], Canned]) -> Iterator[Endpoint]:
    asked: list[tuple[str, Mapping[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            operation = (self.headers["X-Amz-Target"] or raw).rpartition(".")[2]
            body = json.loads(raw) if raw.startswith("{") else {"raw": raw}
            asked.append((operation, body))
            self._reply(answer(operation, body))

        def _reply(self, canned: Canned) -> None:
            text = canned.body if isinstance(canned.body, str) else json.dumps(canned.body)
            self.send_response(canned.status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("x-amzn-RequestId", "request-1")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Endpoint(url=f"http://127.0.0.1:{server.server_address[1]}", asked=asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def aws_of(url: str, **options: Any) -> Iterator[Aws]:
    aws = Aws(Environment(region="ap-northeast-1", endpoint_url=url), **options)
    try:
        yield aws
    finally:
        aws.close()
