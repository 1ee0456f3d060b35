"""The life of a sandbox process: start, announce, wait for a signal, stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mangaops.sandbox.server import ACCESS_KEY, SECRET_KEY, Sandbox
from mangaops.sandbox.state import Running, StateFiles

if TYPE_CHECKING:
    from mangaops.sandbox.control import Options


def serve(
    options: Options,
    files: StateFiles | None,
    announce: Callable[[Running], None],
    *,
    watch_stdin: bool = False,
) -> None:
    """Serve until SIGINT, SIGTERM, or with `watch_stdin` the end of standard input.

    `announce` is called once, when the sandbox can be used. With `files` it is listed
    there from then until it stops.
    """
    with _until_stopped() as stopped:
        sandbox = Sandbox(
            sleep=time.sleep,
            port=options.port,
            latency_ms=options.latency_ms,
            faults=options.faults,
            seed=options.seed,
            traffic=options.traffic,
        )
        if watch_stdin:
            threading.Thread(target=_watch_stdin, args=(stopped,), daemon=True).start()
        try:
            sandbox.start(options.scenario)
            ready = _running(sandbox, options, sandbox.world.now())
            if files is not None:
                files.write(ready)
            announce(ready)
            stopped.wait()
        finally:
            sandbox.stop()
            if files is not None:
                files.remove(_running(sandbox, options, sandbox.world.now()))


@contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; the handlers before are put back after."""
    stopped = threading.Event()

    def on_signal(_number: int, _frame: Any) -> None:
        if stopped.is_set():  # a second Ctrl-C, while stopping or starting takes long
            raise KeyboardInterrupt
        stopped.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch_stdin(stopped: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stopped.set()


def _running(sandbox: Sandbox, options: Options, started: datetime) -> Running:
    world = sandbox.world
    return Running(
        pid=os.getpid(),
        port=sandbox.port,
        endpoint_url=world.endpoint_url,
        search_url=world.search_url,
        cache_url=world.cache_url,
        access_key=ACCESS_KEY,
        secret_key=SECRET_KEY,
        region=world.region,
        scenario=options.scenario,
        started=started,
        notes=sandbox.notes,
        bench_store=sandbox.bench_store,
    )
