"""Diagnoses of many scenarios, in worker processes that pay for their imports once."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from typing import Any

from moto.moto_api._internal.models import moto_api_backend

from mangaops.cli.app import app
from mangaops.sandbox.scenario import load_scenario
from mangaops.sandbox.server import ACCESS_KEY, SECRET_KEY, Sandbox
from support.collecting import collect_seldom
from support.observed import actions

WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What one `mangaops diagnose --output json` said; `seconds` is what applying took.

    `called` are the IAM actions of the calls that it made.
    """

    code: int
    document: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    seconds: float = 0.0
    called: frozenset[str] = frozenset()


def diagnose_all(names: Iterable[str]) -> dict[str, Ended]:
    chosen = list(names)
    with workers() as pool:
        return dict(zip(chosen, pool.map(diagnose, chosen), strict=True))


def workers() -> ProcessPoolExecutor:
    """A few processes that pay for their imports once, and seldom look for what to free."""
    return ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=collect_seldom)


def diagnose(name: str) -> Ended:
    """One scenario in a sandbox of this process; moto's state is forgotten first."""
    began = time.monotonic()
    with in_process(name) as (sandbox, ask):
        seconds = time.monotonic() - began
        ended = ask()
        called = actions(sandbox.application.calls.as_json())
        return replace(ended, seconds=seconds, called=called)


@contextlib.contextmanager
def in_process(name: str) -> Iterator[tuple[Sandbox, Callable[..., Ended]]]:
    """A sandbox of this process that holds a scenario, and its diagnosis at any moment."""
    moto_api_backend.reset()
    sandbox = Sandbox(sleep=time.sleep)
    sandbox.start(name)
    os.environ.update(
        AWS_ENDPOINT_URL=sandbox.world.endpoint_url,
        AWS_ACCESS_KEY_ID=ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY=SECRET_KEY,
        AWS_REGION=sandbox.world.region,
        MANGAOPS_CACHE_URL=sandbox.world.cache_url,
        MANGAOPS_BENCH_STORE=sandbox.bench_store,
    )

    def ask(*more: str) -> Ended:
        with tempfile.TemporaryDirectory() as state:
            os.environ["MANGAOPS_STATE_DIR"] = state
            return typed(name, *more)

    try:
        yield sandbox, ask
    finally:
        sandbox.stop()


def typed(name: str, *more: str) -> Ended:
    """The diagnosis of whatever this process's environment leads to, as for the scenario."""
    scenario = load_scenario(name)
    sets = [f"--set={key}={value}" for key, value in scenario.arguments.set.items()]
    answers = [f"--answer={key}={value}" for key, value in scenario.arguments.answers.items()]
    code, out, err = _command("diagnose", scenario.runbook, *sets, *answers, *more)
    return Ended(code=code, document=json.loads(out or "{}"), error=err)


def _command(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            app([*words, "--output", "json"])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return code, out.getvalue(), err.getvalue()
