"""mangaops as a process of its own, away from this machine's AWS configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import warm
from support.done import Done

UNREACHABLE = "http://127.0.0.1:9"
"""Port 9 of this machine: nothing listens there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`run("diagnose", "x")` types `mangaops diagnose x`, with its state below `home`.

    At `point` (see `killing`) the process is killed. Its pauses last `pauses` times as long.
    """

    home: Path
    environ: Mapping[str, str]
    pauses: float = 1.0

    def run(
        self, *arguments: str, stdin: str = "", timeout: float = 120, point: str = "", **more: str
    ) -> Done:
        environ = {**self.environ, **more}
        done = warm.run(
            arguments,
            environ=environ,
            home=self.home,
            stdin=stdin,
            timeout=timeout,
            point=point,
            pauses=self.pauses,
        )
        assert "--debug" in arguments or "Traceback" not in done.err, done.err
        return done


def command_in(home: Path) -> Command:
    """A command that knows no credentials, no configuration and no proxies but ours."""
    kept = {
        key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "TMPDIR") if key in os.environ
    }
    return Command(
        home=home,
        environ={
            **kept,
            "HOME": str(home),
            "MANGAOPS_STATE_DIR": str(home / "state"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(home / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
            "PYTHONWARNINGS": "error",
        },
    )


@contextmanager
def anybody() -> Iterator[None]:
    """This process has credentials, of nobody, and no endpoint."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in credentials().items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL")
        yield


def credentials(endpoint: str = UNREACHABLE) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_REGION": "ap-northeast-1",
        "AWS_ENDPOINT_URL": endpoint,
    }
