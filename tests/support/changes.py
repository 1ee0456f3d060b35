"""Typing changes at a sandbox, and looking at what they did to it."""

from __future__ import annotations

import json
import shlex
from typing import Any

import boto3

from mangaops.model.settings import DEFAULT_RESOURCES
from support.started import Started

RESOURCES = DEFAULT_RESOURCES
ROUTER = RESOURCES["router_threshold_parameter"]


def state(sandbox: Started) -> str:
    """The digest of everything that a remedy can change."""
    return str(sandbox.administer("GET", "state")["digest"])


def asked(sandbox: Started, line: str, *, code: int = 0) -> dict[str, Any]:
    """The document that `mangaops LINE --env sandbox --output json` prints with this code."""
    words = [*shlex.split(line), "--env", "sandbox", "--output", "json"]
    done = sandbox.command.run(*words)
    assert done.code == code, done.out + done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


def client(sandbox: Started, service: str) -> Any:
    """Another person's AWS client."""
    variables = sandbox.variables
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
    )
