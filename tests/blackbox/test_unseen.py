"""Evidence that is refused or not there: it is named, and nothing is concluded from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from blackbox.model_calls import call, counted
from blackbox.seeding import Log, Metric, Sandbox
from blackbox.streams import cancelled, closed, gone

GOING_AWAY = [closed(24, 1001)]
AT_LIFETIME = [closed(24, 1001, connection_age_s=7200), gone(9)]
DENIED = [call(60), call(40, "error", "AccessDeniedException")]
GONE_MODEL = [call(60), call(40, "error", "ResourceNotFoundException")]
COMPLAINT = ("--set", "product=manga-0101")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What AWS refuses, and how far a diagnosis comes without it.

    `slow` makes other calls answer after the refusal, where the order tells what is missing.
    """

    rule: str
    slow: tuple[str, ...] = ()
    runbook: str
    conclusion: tuple[str, str, str | None, int] = ("inconclusive", "none", None, 4)
    metrics: Sequence[Metric] = ()
    logs: Sequence[Log] = ()
    at: str
    missing: Sequence[str] = ()
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.runbook} {self.rule} at {self.at}"


REFUSED = [
    Refused(
        rule="cloudwatch:GetMetricData=denied",
        runbook="websocket-drops",
        metrics=[cancelled()],
        logs=AT_LIFETIME,
        at="trigger",
        missing=["cancellations"],
    ),
    Refused(
        rule="logs:StartQuery=denied",
        runbook="websocket-drops",
        metrics=[cancelled()],
        logs=AT_LIFETIME,
        at="clients-gone",
        missing=["closes", "post_errors"],
    ),
    Refused(
        rule="logs:GetQueryResults=denied",
        runbook="websocket-drops",
        metrics=[cancelled()],
        logs=AT_LIFETIME,
        at="clients-gone",
        missing=["closes", "post_errors"],
    ),
    Refused(
        rule="ecs:*=denied",
        runbook="websocket-drops",
        metrics=[cancelled()],
        logs=GOING_AWAY,
        at="draining",
        missing=["service", "stopped_tasks"],
    ),
    Refused(
        rule="logs:*=denied",
        slow=("cloudwatch:GetMetricData=latency:1500",),
        runbook="fm-errors",
        metrics=counted(throttles=9.0),
        logs=DENIED,
        at="dominant-error",
        missing=["calls", "latest_calls"],
    ),
    Refused(
        rule="logs:*=denied",
        runbook="fm-errors",
        metrics=counted(),
        logs=DENIED,
        at="trigger",
        missing=["latest_calls"],
    ),
    Refused(
        rule="cloudwatch:*=denied",
        runbook="fm-errors",
        conclusion=("diagnosed", "confirmed", "permission-denied", 3),
        logs=DENIED,
        at="dominant-error",
    ),
    Refused(
        rule="bedrock:*=denied",
        runbook="fm-errors",
        conclusion=("diagnosed", "likely", "model-retired", 3),
        metrics=counted(),
        logs=GONE_MODEL,
        at="dominant-error",
        missing=["lifecycle"],
    ),
    Refused(
        rule="cloudwatch:*=denied",
        runbook="stale-recommendations",
        at="trigger",
        missing=["abandonments", "clicks", "purchases"],
    ),
    Refused(
        rule="dynamodb:BatchGetItem=denied",
        runbook="stale-recommendations",
        at="cache-stale",
        missing=["inventory"],
        words=COMPLAINT,
    ),
    Refused(
        rule="dynamodb:DescribeTable=denied",
        runbook="stale-recommendations",
        at="stream-enabled",
        missing=["stream"],
        words=COMPLAINT,
    ),
    Refused(
        rule="lambda:*=denied",
        runbook="stale-recommendations",
        at="mapping-connected",
        missing=["mappings"],
        words=COMPLAINT,
    ),
    Refused(
        rule="cloudwatch:GetMetricData=denied",
        runbook="stale-recommendations",
        at="invalidator-fails",
        missing=["invalidator_errors", "iterator_age"],
        words=COMPLAINT,
    ),
]


@pytest.fixture(scope="module", autouse=True)
def sold_out(sandbox: Sandbox) -> None:
    sandbox.client("dynamodb").update_item(
        TableName="manga-inventory",
        Key={"product_id": {"S": "manga-0101"}},
        UpdateExpression="SET quantity = :none",
        ExpressionAttributeValues={":none": {"N": "-3"}},
    )


@pytest.mark.parametrize("refused", REFUSED, ids=str)
def test_what_is_refused_is_named(refused: Refused, sandbox: Sandbox) -> None:
    end = sandbox.slot()
    sandbox.put(end, refused.metrics, refused.logs)
    with sandbox.faults(refused.rule, *refused.slow):
        answer = sandbox.diagnose(refused.runbook, end, *refused.words)
    assert answer.verdict == refused.conclusion, answer.document
    assert (answer.nodes[-1], sorted(answer.missing)) == (refused.at, list(refused.missing))
    assert {answer.state(name) for name in refused.missing} <= {"denied"}


@pytest.mark.parametrize(
    ("runbook", "name", "missing"),
    [
        ("websocket-drops", "websocket_log", ["closes", "post_errors"]),
        ("fm-errors", "orchestrator_log", ["latest_calls"]),
        ("stale-recommendations", "inventory_table", ["inventory"]),
    ],
)
def test_a_log_group_or_a_table_that_does_not_exist_is_named(
    runbook: str, name: str, missing: list[str], sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "mangaops.yaml"
    environments = {"misnamed": {"resources": {name: "no-such-thing"}}}
    settings = {"schema": "mangaops.config/1", "environments": environments}
    file.write_text(json.dumps(settings), encoding="utf-8")
    end = sandbox.slot()
    sandbox.put(end, [cancelled(), *counted()], [*AT_LIFETIME, *DENIED])
    words = ("--config", str(file), "--env", "misnamed")
    complaint = COMPLAINT if runbook == "stale-recommendations" else ()
    answer = sandbox.diagnose(runbook, end, *words, *complaint)
    assert answer.verdict == ("inconclusive", "none", None, 4), answer.document
    assert answer.missing == missing
    assert "no-such-thing" in json.dumps(answer.document["evidence"][missing[0]])
