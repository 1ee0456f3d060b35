"""One empty sandbox process for each test module, and clients that nobody here wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from mangaops.aws.session import Aws
from mangaops.model.settings import Environment
from mangaops.sandbox import control
from mangaops.sandbox.control import Running
from support.started import started


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with started(tmp_path_factory.mktemp("home"), "--empty") as one:
        (running,) = control.running(one.command.home / "state")
        yield running


@pytest.fixture
def aws(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """Our own way in, with the sandbox's credentials in the environment."""
    for name, value in sandbox.exports().items():
        monkeypatch.setenv(name, value)
    made = Aws(Environment(region=sandbox.region, endpoint_url=sandbox.endpoint_url))
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(sandbox: Running) -> Callable[..., Any]:
    """boto3 clients by service name, each made once; a call is tried once."""
    made: dict[tuple[str, str], Any] = {}

    def make(service: str, region: str = "") -> Any:
        key = (service, region or sandbox.region)
        if key not in made:
            made[key] = boto3.client(
                service,
                endpoint_url=sandbox.endpoint_url,
                aws_access_key_id=sandbox.access_key,
                aws_secret_access_key=sandbox.secret_key,
                region_name=key[1],
                config=Config(retries={"total_max_attempts": 1}),
            )
        return made[key]

    return make


@pytest.fixture(scope="module")
def aws_cli(sandbox: Running, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Runs `aws WORDS --output json`, and gives its answer."""
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, **sandbox.exports(), "HOME": str(home)}
    program = Path(sys.executable).parent / "aws"

    def run(*words: str) -> Any:
        done = subprocess.run(
            [str(program), *words, "--output", "json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")

    return run


@pytest.fixture
def administer(sandbox: Running) -> Iterator[Callable[..., Any]]:
    """Asks the sandbox's own paths; faults and latency are gone after the test."""

    def ask(method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        url = f"{sandbox.endpoint_url}/_sandbox/{path}"
        request = urllib.request.Request(url, data=data, method=method)  # noqa: S310 - our own
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own
            return json.loads(answer.read())

    yield ask
    ask("DELETE", "faults")
    ask("PUT", "latency", {"ms": 0})
