"""Which sandboxes run: what one is, and the files that say so, one a port.

A file outlives a killed process. Whoever reads it finds out, and removes it. A process
id may have been given to another program since: it counts only while that program is
a sandbox of mangaops.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mangaops.errors import SandboxError

_SANDBOX = re.compile(r"mangaops[. ]sandbox")
"""In the command line of `python -m mangaops.sandbox` and of `mangaops sandbox start`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A sandbox that answers, and how to reach it. `notes` say what it cannot serve.

    `bench_store` is where its scenario has benchmark runs, "" if it has none.
    """

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
    notes: tuple[str, ...] = ()
    bench_store: str = ""

    def exports(self) -> Mapping[str, str]:
        """The environment variables that lead any AWS client, and mangaops, to it.

        The region has two names: boto3 and the AWS CLI read only the second one.
        """
        stored = {"MANGAOPS_BENCH_STORE": self.bench_store} if self.bench_store else {}
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "MANGAOPS_CACHE_URL": self.cache_url,
            **stored,
        }

    def as_json(self) -> str:
        return json.dumps({**asdict(self), "started": self.started.isoformat()})


def from_json(text: str) -> Running:
    """The inverse of `Running.as_json`; raises ValueError, KeyError or TypeError."""
    fields: dict[str, Any] = json.loads(text)
    if not all(isinstance(fields[name], int) and fields[name] > 0 for name in ("pid", "port")):
        raise ValueError("pid and port are whole numbers above 0")
    started = datetime.fromisoformat(fields["started"])
    return Running(**{**fields, "started": started, "notes": tuple(fields.get("notes", ()))})


@dataclass(frozen=True, slots=True)
class StateFiles:
    """The state files under one state directory."""

    state_dir: Path

    @property
    def folder(self) -> Path:
        return self.state_dir / "sandbox"

    def write(self, running: Running) -> None:
        """Whole or not at all: a reader never sees half a file.

        Raises SandboxError when the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft = self._path(running.port).with_suffix(f".{running.pid}.tmp")
            draft.write_text(running.as_json())
            draft.replace(self._path(running.port))
        except OSError as error:
            raise SandboxError(
                f"the state folder cannot be written: {error.strerror}",
                where=str(self.folder),
                hint="set MANGAOPS_STATE_DIR to a folder of your own",
            ) from error

    def remove(self, running: Running) -> None:
        """Remove the file of this sandbox, but not of a later one on the same port."""
        found = self._read(self._path(running.port))
        if found is None or found.pid == running.pid:
            with suppress(OSError):  # where nothing could be written there is nothing to remove
                self._path(running.port).unlink(missing_ok=True)

    def living(self) -> tuple[Running, ...]:
        """Every sandbox with a living process, newest first; stale files are removed."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            running = self._read(path)
            if running is None or not is_alive(running.pid):
                with suppress(OSError):  # a folder of that name, or not ours: it is not in the way
                    path.unlink(missing_ok=True)
            else:
                found.append(running)
        return tuple(sorted(found, key=lambda one: one.started, reverse=True))

    def _path(self, port: int) -> Path:
        return self.folder / f"{port}.json"

    def _read(self, path: Path) -> Running | None:
        try:
            return from_json(path.read_text())
        except (OSError, ValueError, KeyError, TypeError):
            return None


def is_alive(pid: int) -> bool:
    """Whether this process lives and is a sandbox; reaps it when it was our child."""
    try:
        reaped, _ = os.waitpid(pid, os.WNOHANG)
    except (ChildProcessError, OverflowError):
        reaped = 0
    if reaped == pid:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return False  # somebody else's process: not one of our sandboxes
    except (ProcessLookupError, OverflowError):
        return False
    return _SANDBOX.search(_command(pid)) is not None


def _command(pid: int) -> str:
    """Its whole command line; without -ww, ps cuts it at the COLUMNS of a narrow terminal."""
    shown = subprocess.run(  # noqa: S603 - fixed words and a number
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - wherever the system has it
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout
