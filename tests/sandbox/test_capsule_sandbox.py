"""A capsule that was recorded from a scenario leads to the same diagnosis in a sandbox of
its own, through real sockets.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from moto.moto_api._internal.models import moto_api_backend

from mangaops.sandbox.server import ACCESS_KEY, SECRET_KEY, Sandbox
from support.scenario_runs import in_process, typed

NAMES = (
    "stale-old-stream",
    "rag-ef-search",
    "websocket-deployment",
    "bedrock-degraded-unannounced",
    "prompt-proven-slower",
)
"""Streams and caches; search and parameters; ECS and logs; a refusal; benchmarks."""
NOTES = {
    "prompt-proven-slower": (
        "bench (bench_comparison): its samples: others, with the recorded p95s, stand for them",
    )
}


def there_and_back(name: str) -> tuple[object, object, tuple[str, ...]]:
    """What the scenario led to, what its capsule did, and what cannot be served of it."""
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "it.capsule")
        with in_process(name) as (_, ask):
            live = ask("--record", file).document
        moto_api_backend.reset()
        sandbox = Sandbox(sleep=time.sleep)
        try:
            sandbox.start(file)
            os.environ.update(
                AWS_ENDPOINT_URL=sandbox.world.endpoint_url,
                AWS_ACCESS_KEY_ID=ACCESS_KEY,
                AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                MANGAOPS_CACHE_URL=sandbox.world.cache_url,
                MANGAOPS_BENCH_STORE=sandbox.bench_store,
                MANGAOPS_STATE_DIR=folder,
            )
            again = typed(name).document
        finally:
            sandbox.stop()
    return _concluded(live), _concluded(again), sandbox.notes


def _concluded(document: Mapping[str, object]) -> tuple[object, ...]:
    found = document.get("diagnosis")
    named = found["id"] if isinstance(found, Mapping) else document.get("status")
    return named, document.get("verdict"), document.get("status")


@pytest.fixture(scope="module")
def ended() -> Mapping[str, tuple[object, object, tuple[str, ...]]]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return dict(zip(NAMES, pool.map(there_and_back, NAMES), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_a_capsule_leads_to_the_same_diagnosis(
    name: str, ended: Mapping[str, tuple[object, object, tuple[str, ...]]]
) -> None:
    live, again, notes = ended[name]
    assert again == live
    assert live != (None, None, None)
    assert notes == NOTES.get(name, ())
