"""Starting, finding and stopping sandboxes; imports neither moto nor botocore.

One state file per sandbox, `STATE_DIR/sandbox/PORT.json`, written when it is ready and
removed when it stops. A file whose process is gone is removed by whoever reads it.
Sandboxes of `start_for_command` have no state file: they belong to one command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mangaops.errors import SandboxError

DEFAULT_PORT = 4590


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to start. `scenario` None holds the normal resources and no telemetry.

    `port` 0 takes a free one. `latency_ms` is added to every call. `faults` are rules
    as `faults.parse` takes them (`ssm:*=throttle`).
    """

    scenario: str | None = None
    port: int = DEFAULT_PORT
    latency_ms: float = 0.0
    faults: tuple[str, ...] = ()
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A sandbox that answers, and how to reach it."""

    pid: int
    port: int
    endpoint_url: str
    search_url: str
    cache_url: str
    access_key: str
    secret_key: str
    region: str
    scenario: str | None
    started: datetime

    def exports(self) -> Mapping[str, str]:
        """The environment variables that lead any AWS client, and mangaops, to it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "MANGAOPS_CACHE_URL": self.cache_url,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A sandbox that has a living process; `answers` says whether its port does."""

    running: Running
    answers: bool


def start_foreground(options: Options, *, state_dir: Path, say: Callable[[str], None]) -> None:
    """Serve in this process until Ctrl-C or SIGTERM; `say` gets each `export` line."""
    raise SandboxError("not built yet")


def start_detached(options: Options, *, state_dir: Path) -> Running:
    """Start a process of its own and return when it can be used."""
    raise SandboxError("not built yet")


@contextmanager
def start_for_command(
    scenario: str | None, *, latency_ms: float = 0.0, faults: tuple[str, ...] = (), seed: int = 1
) -> Iterator[Running]:
    """A sandbox for one command: started on a free port, always stopped at the end."""
    raise SandboxError("not built yet")
    yield


def stop(state_dir: Path, *, port: int | None = None) -> tuple[Running, ...]:
    """Stop the sandbox on `port`, or all when None; returns those that were stopped."""
    raise SandboxError("not built yet")


def status(state_dir: Path) -> tuple[Status, ...]:
    """Every sandbox with a living process, by port, asked whether it answers."""
    raise SandboxError("not built yet")


def running(state_dir: Path) -> tuple[Running, ...]:
    """Every sandbox with a living process, newest first, without asking it."""
    raise SandboxError("not built yet")
