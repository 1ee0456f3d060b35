"""mangaops commands as processes of their own, forked from one that has loaded everything.

A test of what a command answers need not pay for its start, 0.4 s of a suite that runs
hundreds of them. What is forked is the real command: its own process, environment,
working directory and streams. Tests of the start itself begin a process by hand.

A sandbox that a command starts is forked as well; see `sandboxes`.

One server a test process, started by the first command; it ends with that process, whose
end of the socket is then closed.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from support import sandboxes
from support.done import Done

_MOST = 1 << 20
_NUMBER = struct.Struct("!q")
"""A process id or a code: two that were sent at once must not be read as one."""


def run(
    arguments: Sequence[str],
    *,
    environ: Mapping[str, str],
    home: Path,
    stdin: str = "",
    timeout: float = 120,
    point: str = "",
    pauses: float = 1.0,
) -> Done:
    """Types `mangaops ARGUMENTS` in `home`; raises TimeoutError, after killing it, when late.

    At `point` (see `killing`) it is killed: its code is then -9. The command pauses `pauses`
    times as long as it would.
    """
    asked = {
        "arguments": arguments,
        "environ": dict(environ),
        "home": str(home),
        "point": point,
        "pauses": pauses,
        "python": sandboxes.python(),
    }
    return _server().run(asked, stdin=stdin, timeout=timeout)


class _Server:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket, other = socket.socketpair()
        environ = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "error"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.warm", str(other.fileno())],
            pass_fds=[other.fileno()],
            env={**os.environ, **environ},
        )
        other.close()

    def run(self, asked: Mapping[str, object], *, stdin: str, timeout: float) -> Done:
        with (
            self._lock,
            tempfile.TemporaryFile() as typed,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            typed.write(stdin.encode())
            typed.seek(0)
            streams = [typed.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(self._socket, [json.dumps(asked).encode()], streams)
            pid = _number(self._socket)
            code = self._code(pid, timeout)
            said = [_text(file.fileno()) for file in (out, err)]
        return Done(code=code, out=said[0], err=said[1])

    def _code(self, pid: int, timeout: float) -> int:
        self._socket.settimeout(timeout)
        try:
            return _number(self._socket)
        except TimeoutError:
            os.killpg(pid, signal.SIGKILL)
            self._socket.settimeout(None)
            _number(self._socket)
            raise
        finally:
            self._socket.settimeout(None)

    def close(self) -> None:
        self._socket.close()
        self._process.wait()


def _number(answers: socket.socket) -> int:
    """The next one; struct.error when the server is gone."""
    number: int = _NUMBER.unpack(answers.recv(_NUMBER.size))[0]
    return number


def _text(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return b"".join(iter(lambda: os.read(descriptor, _MOST), b"")).decode(errors="replace")


@cache
def _server() -> _Server:
    server = _Server()
    atexit.register(server.close)
    return server


def _serve(requests: socket.socket) -> None:
    """The server's whole life: a fork for each request, until the other end is closed."""
    while True:
        message, streams, _, _ = socket.recv_fds(requests, _MOST, 3)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            requests.close()
            _become(json.loads(message), streams)
        for stream in streams:
            os.close(stream)
        requests.send(_NUMBER.pack(pid))
        _, status = os.waitpid(pid, 0)
        requests.send(_NUMBER.pack(os.waitstatus_to_exitcode(status)))


def _become(asked: Mapping[str, object], streams: Sequence[int]) -> None:
    """This process is the command from here on; it never returns."""
    os.setsid()
    for wanted, stream in enumerate(streams):
        os.dup2(stream, wanted)
        os.close(stream)
    os.chdir(str(asked["home"]))
    environ, arguments = asked["environ"], asked["arguments"]
    assert isinstance(environ, dict)
    assert isinstance(arguments, list)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["mangaops", *arguments]
    sys.executable = str(asked["python"])
    from mangaops.cli.app import app, main  # noqa: PLC0415 - only in the fork

    if not asked["point"] and asked["pauses"] == 1:
        main()
    from support.killing import mortal_context  # noqa: PLC0415 - only where it is wanted

    try:
        context = mortal_context(str(asked["point"]), pauses=float(str(asked["pauses"])))
        app(prog_name="mangaops", obj=context)
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(int(end.code or 0))


if __name__ == "__main__":
    from support.warmth import warm_up

    warm_up()
    with socket.socket(fileno=int(sys.argv[1])) as mine:
        _serve(mine)
