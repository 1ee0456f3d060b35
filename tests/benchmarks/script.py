"""The same evidence as a person would script it: the AWS CLI, one call after another.

Built from what the diagnosis says it asked (`evidence[*].query` of its JSON): one
get-metric-statistics per metric, start-query and a loop with `sleep 1` per log query,
and one describe call for each other kind that AWS holds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

AWS = str(Path(sys.executable).parent / "aws")

_PLAIN: Mapping[str, str] = {
    "ecs_service": "ecs describe-services --cluster mangaassist-prod --services orchestrator",
    "ecs_stopped_tasks": "ecs list-tasks --cluster mangaassist-prod --desired-status STOPPED",
    "parameter": "ssm get-parameter --name /mangaassist/search/ef_search",
    "prompt_versions": "dynamodb scan --table-name manga-prompt-templates",
    "inventory": "dynamodb scan --table-name manga-inventory",
    "table_stream": "dynamodb describe-table --table-name manga-inventory",
    "event_source": "lambda list-event-source-mappings --function-name inventory-invalidator",
    "search_capacity": "opensearchserverless list-collection-groups",
    "health_events": "health describe-events --region us-east-1",
}
DESCRIBES = {kind: tuple(command.split()) for kind, command in _PLAIN.items()}


def run_script(document: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[float, int]:
    """Seconds and number of CLI calls for all evidence that the diagnosis really read."""
    started = time.perf_counter()
    calls = 0
    for evidence in document["evidence"].values():
        if evidence["state"] == "not_needed":
            continue
        if evidence["kind"] == "metric":
            calls += _metrics(evidence["query"], evidence["summary"], environment)
        elif evidence["kind"] == "logs":
            calls += _logs(evidence["query"], environment)
        elif evidence["kind"] in DESCRIBES:
            _aws(DESCRIBES[evidence["kind"]], environment)
            calls += 1
    return time.perf_counter() - started, calls


def _metrics(
    query: Mapping[str, Any], summary: Mapping[str, Any], environment: Mapping[str, str]
) -> int:
    stat = query["stat"]
    percentile = stat.startswith("p") and stat[1:].isdigit()
    members = max(1, int(summary.get("series", 1)))
    fixed = [f"Name={k},Value={v}" for k, v in query["dimensions"].items() if v != "*"]
    command = (
        "cloudwatch",
        "get-metric-statistics",
        *("--namespace", query["namespace"], "--metric-name", query["metric"]),
        *("--start-time", query.get("start", "2026-01-01T00:00:00Z")),
        *("--end-time", query.get("end", "2026-01-01T00:10:00Z")),
        *("--period", str(query.get("period", 60))),
        *(("--extended-statistics", stat) if percentile else ("--statistics", stat)),
        *(("--dimensions", *fixed) if fixed else ()),
    )
    for _ in range(members):
        _aws(command, environment)
    return members


def _logs(query: Mapping[str, Any], environment: Mapping[str, str]) -> int:
    now = int(time.time())
    started = _aws(
        (
            *("logs", "start-query", "--log-group-names", *query["groups"]),
            *("--start-time", str(now - 3600), "--end-time", str(now)),
            *("--query-string", query["query"]),
        ),
        environment,
    )
    calls = 1
    while True:
        result = _aws(("logs", "get-query-results", "--query-id", started["queryId"]), environment)
        calls += 1
        if result["status"] not in {"Running", "Scheduled"}:
            return calls
        time.sleep(1)


def _aws(command: tuple[str, ...], environment: Mapping[str, str]) -> Any:
    done = subprocess.run(
        [AWS, *command, "--endpoint-url", environment["AWS_ENDPOINT_URL"], "--output", "json"],
        env={**environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout or b"{}")
