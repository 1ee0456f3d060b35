"""Sandboxes as processes of their own, forked from one that has loaded and seeded everything.

A start imports moto and reads the models of a dozen services: 2.5 s of CPU, in a suite
that starts a hundred. `python()` is a program to put in the place of `sys.executable`:
called with `-m mangaops.sandbox WORDS` it asks the server here for a fork, and lives as
long as the fork does. It hands over its streams, environment and working directory; when
it is killed, so is the sandbox. Tests of the start itself begin a process by hand.

One server a test process, started by the first sandbox; it ends with that process, whose
end of the socket is then closed.
"""

from __future__ import annotations

import ast
import atexit
import os
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from support.collecting import collect_seldom

_MOST = 1 << 20
_RELAY = """\
import _socket, posix, sys
asked = repr((sys.argv[2:], posix.getcwd(), dict(posix.environ))).encode()
server = _socket.socket(_socket.AF_UNIX)
server.connect(sys.argv[1])
server.sendmsg([asked], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, b"%s")])
for stream in (0, 1):
    posix.close(stream)
posix._exit(int(server.recv(99) or 70))
"""
"""Imports nothing that takes time. It keeps no stream that others wait to see closed."""


@cache
def python() -> str:
    """The program, whose server is started when it is first called."""
    folder = Path(tempfile.mkdtemp(prefix="warm-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    rights = b"".join(n.to_bytes(4, sys.byteorder) for n in (0, 1, 2))
    relay = folder / "relay.py"
    escaped = "".join(f"\\x{byte:02x}" for byte in rights)
    relay.write_text(_RELAY.replace("%s", escaped), encoding="utf-8")
    program = folder / "python"
    words = [sys.executable, "-I", "-S", str(relay), str(folder / "socket")]
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "socket"))
    listener.listen(64)
    threading.Thread(target=_start_when_asked, args=(listener,), daemon=True).start()
    return str(program)


def _start_when_asked(listener: socket.socket) -> None:
    with selectors.DefaultSelector() as first:
        first.register(listener, selectors.EVENT_READ)
        first.select()
    ours, theirs = socket.socketpair()
    passed = [listener.fileno(), theirs.fileno()]
    # The last word is what a process must be called to count as a sandbox.
    subprocess.Popen(
        [sys.executable, "-m", "support.sandboxes", *map(str, passed), "mangaops.sandbox"],
        pass_fds=passed,
        stdin=subprocess.DEVNULL,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONWARNINGS": "error",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        },
        start_new_session=True,
    ).returncode = 0  # it ends by itself, and is not waited for
    theirs.close()
    listener.close()
    ours.detach()  # open as long as this process lives


def _warm_up() -> None:
    """One sandbox, started and stopped: what is read on first use has then been read."""
    from time import sleep  # noqa: PLC0415 - only in the server

    from moto.moto_api._internal.models import moto_api_backend  # noqa: PLC0415 - likewise

    from mangaops.sandbox.server import Sandbox  # noqa: PLC0415 - likewise

    sandbox = Sandbox(sleep=sleep)
    sandbox.start("cold-connections")
    sandbox.stop()
    moto_api_backend.reset()


class _Server:
    """Forks on request, reaps what ends, kills what nobody waits for any more."""

    def __init__(self, listener: socket.socket, parent: socket.socket) -> None:
        self._events = selectors.DefaultSelector()
        self._listener = listener
        self._on(listener, self._fork)
        self._on(parent, sys.exit)

    def _on(self, file: socket.socket | int, act: Callable[[], object]) -> None:
        self._events.register(file, selectors.EVENT_READ, act)

    def serve(self) -> None:
        while True:
            for key, _ in self._events.select():
                if key.fd in self._events.get_map():  # not gone since
                    key.data()

    def _fork(self) -> None:
        relay, _ = self._listener.accept()
        message, streams, _, _ = socket.recv_fds(relay, _MOST, 3)
        alive, held = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(alive)
            for file in [*self._events.get_map()]:
                os.close(file)
            relay.close()
            _become(message, streams)
        for stream in (*streams, held):
            os.close(stream)
        self._on(relay, lambda: os.kill(pid, signal.SIGKILL))
        self._on(alive, lambda: self._reap(pid, alive, relay))

    def _reap(self, pid: int, alive: int, relay: socket.socket) -> None:
        _, status = os.waitpid(pid, 0)
        self._events.unregister(alive)
        self._events.unregister(relay)
        os.close(alive)
        with suppress(OSError), relay:
            relay.send(str(abs(os.waitstatus_to_exitcode(status))).encode())


def _become(message: bytes, streams: list[int]) -> None:
    """This process is the sandbox from here on; it never returns."""
    words, home, environ = ast.literal_eval(message.decode())
    os.setsid()
    for wanted, stream in enumerate(streams):
        os.dup2(stream, wanted)
        os.close(stream)
    os.chdir(home)
    os.environ.clear()
    os.environ.update({os.fsdecode(name): os.fsdecode(value) for name, value in environ.items()})
    tempfile.tempdir = None
    from mangaops.sandbox.__main__ import main  # noqa: PLC0415 - only in the fork

    code = 70
    try:
        assert words[:2] == ["-m", "mangaops.sandbox"], words
        code = main(words[2:])
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter shows it, who is not there
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    listening, beside = (socket.socket(fileno=int(word)) for word in sys.argv[1:3])
    _warm_up()
    collect_seldom()
    _Server(listening, beside).serve()
