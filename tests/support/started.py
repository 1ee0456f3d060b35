"""A sandbox that a test module started with the command, and what it can be made to do."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from support.command import Command, command_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """`variables` lead to it; `command` has its state below a home of its own."""

    command: Command
    variables: Mapping[str, str]

    def put(self, path: str, body: Mapping[str, object]) -> None:
        """`faults` {"rules": [...]}, `query-time` {"seconds": 2}."""
        self.administer("PUT", path, body)

    def administer(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        """What one of the sandbox's own paths answers."""
        request = urllib.request.Request(  # noqa: S310 - our own
            f"{self.variables['AWS_ENDPOINT_URL']}/_sandbox/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own
            document: dict[str, Any] = json.load(answer)
        return document


@contextmanager
def started(home: Path, *options: str, pauses: float = 1.0) -> Iterator[Started]:
    """`pauses` shortens the pauses of its commands, where nothing is learned from waiting."""
    command = replace(command_in(home), pauses=pauses)
    done = command.run("sandbox", "start", "--port", "0", "--detach", *options)
    assert done.code == 0, done.err
    try:
        yield Started(command=command, variables=exports(done.out))
    finally:
        command.run("sandbox", "stop")


def exports(text: str) -> dict[str, str]:
    return dict(re.findall(r"^export (\w+)=(.*)$", text, re.MULTILINE))
