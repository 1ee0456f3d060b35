"""Diagnosis against an endpoint with 80 ms a call and log queries of 2 s.

For each runbook: wall time of the whole process over its own critical path (target 1.2;
above 1.35 it fails), calls made, peak memory (limit 150 MB), and how much faster it is
than the same evidence scripted with the AWS CLI, one call at a time: at least 4 times
where the evidence is a dozen metrics and a log query. With few metrics the script waits
for the log query as long as we do, and nothing could be 4 times faster.
"""

from __future__ import annotations

import json
import statistics
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.critical_path import critical_path
from tests.benchmarks.script import run_script
from tests.benchmarks.timing import run

from mangaops.sandbox.control import Running, start_for_command

LATENCY_MS = 80.0
QUERY_SECONDS = 2.0
TARGET = 1.2
LIMIT = 1.35
FASTER = 4.0
MANY_CALLS = 15
MEMORY_MB = 150.0

SCENARIOS: Mapping[str, str] = {
    "first-token": "simple-questions-on-sonnet",
    "rag-timeout": "rag-dns",
    "websocket-drops": "websocket-proxy",
    "stale-recommendations": "stale-invalidator-fails",
    "latency-regression": "prompt-grew-with-answers",
    "fm-errors": "fm-throttled",
}


def diagnosis(environment: Mapping[str, str], *, repeat: int) -> bool:
    """Print the table; True when every limit is kept."""
    print(
        f"\nDiagnosis with {LATENCY_MS:.0f} ms a call and {QUERY_SECONDS:.0f} s a log query,"
        f" median of {repeat} runs (target {TARGET} x the critical path, {MEMORY_MB:.0f} MB)"
    )
    columns = ("wall s", "critical s", "ratio", "calls", "MB", "script s", "faster")
    print(f"  {'runbook':<22}" + "".join(f"{name:>11}" for name in columns))
    good = True
    for runbook, scenario in SCENARIOS.items():
        with _sandbox(scenario) as running:
            good = _measure(runbook, running, environment, repeat) and good
    return good


@contextmanager
def _sandbox(scenario: str) -> Iterator[Running]:
    with start_for_command(scenario) as running:
        _ask(running, "PUT", "latency", {"ms": LATENCY_MS})
        _ask(running, "PUT", "query-time", {"seconds": QUERY_SECONDS})
        yield running


def _measure(runbook: str, running: Running, environment: Mapping[str, str], repeat: int) -> bool:
    surroundings = {**environment, **running.exports()}
    command = [
        str(Path(sys.executable).parent / "mangaops"),
        "diagnose",
        runbook,
        "--output",
        "json",
    ]
    walls, ratios, calls, memory = [], [], [], []
    document: Mapping[str, Any] = {}
    for number in range(repeat + 1):
        _ask(running, "DELETE", "calls")
        done = run(command, surroundings)
        if done.code != 3:
            raise SystemExit(f"{runbook} ended in {done.code}: {done.stdout.decode()[:500]}")
        document = json.loads(done.stdout)
        log = _ask(running, "GET", "calls")["calls"]
        if number:
            walls.append(done.seconds)
            ratios.append(done.seconds / critical_path(runbook, log, QUERY_SECONDS))
            calls.append(len(log))
            memory.append(done.peak_mb)
    wall, ratio, peak = statistics.median(walls), statistics.median(ratios), max(memory)
    script, made = run_script(document, surroundings)
    slow = made >= MANY_CALLS and script / wall < FASTER
    kept = ratio <= LIMIT and peak <= MEMORY_MB and not slow
    mark = "  FAIL" if not kept else "  over target" if ratio > TARGET else ""
    print(
        f"  {runbook:<22}{wall:>11.2f}{wall / ratio:>11.2f}{ratio:>11.2f}"
        f"{statistics.median(calls):>11.0f}{peak:>11.0f}{script:>11.1f}{script / wall:>10.1f}x"
        f" ({made} CLI calls){mark}"
    )
    return kept


def _ask(running: Running, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    request = urllib.request.Request(  # noqa: S310 - our own endpoint on 127.0.0.1
        f"{running.endpoint_url}/_sandbox/{path}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.loads(answer.read())
