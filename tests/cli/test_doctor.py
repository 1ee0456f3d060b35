"""`mangaops doctor` against a sandbox: what is there, what is denied, and what that costs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from support.command import Command, credentials
from support.observed import actions, printed
from support.started import Started, started


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("doctor"), "--scenario", "healthy-first-token") as made:
        yield made


@pytest.fixture(autouse=True)
def _no_faults_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "sandbox" in request.fixturenames:
        request.getfixturevalue("sandbox").administer("DELETE", "faults")


UNSEEN = {
    "ecs:DescribeTasks": "no task was stopped within the hour",
    "health:DescribeEventDetails": "there are no events",
    "iam:GetRole": "the caller is a user, not the session of a role",
    "logs:StopQuery": "a query is stopped only when the time or the scan limit is over",
    "s3:GetObject": "no store of benchmark runs is configured in the sandbox",
    "s3:ListBucket": "as above",
}
"""Declared, and not called by doctor in a healthy sandbox, with the reason."""


def examined(sandbox: Started, *words: str, code: int, **more: str) -> dict[str, Any]:
    """Without --env, so that variables and the configuration of the test hold."""
    environ = {**sandbox.variables, **more}
    done = sandbox.command.run("doctor", *words, "--output", "json", **environ)
    assert done.code == code, done.err
    document: dict[str, Any] = json.loads(done.out)
    assert document["schema"] == "mangaops.doctor/1"
    assert document["ready"] is (code == 0)
    return document


def states(document: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["state"] for one in document["findings"]}


def lost(document: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {
        one["id"]: (one["chance"], one["because"])
        for runbook in document["runbooks"]
        for one in runbook["diagnoses"]
        if one["chance"] != "possible"
    }


def test_a_healthy_installation_is_ready_for_every_runbook(sandbox: Started) -> None:
    """And costs little: one batch of metrics, one sample a log group."""
    sandbox.administer("DELETE", "calls")
    document = examined(sandbox, "--env", "sandbox", code=0)
    called = actions(sandbox.administer("GET", "calls")["calls"])
    declared = printed(sandbox, "doctor", "--env", "sandbox")
    assert (called - declared, declared - called - UNSEEN.keys()) == (set(), set())
    assert lost(document) == {}
    assert "search OCU outside groups" not in {
        one["name"] for one in document["findings"] if one["state"] != "fine"
    }
    assert {one["state"] for one in document["findings"]} <= {"fine", "warning"}
    assert len(document["runbooks"]) == 6
    assert states(document)["lock table"] == states(document)["clock"] == "fine"
    assert document["cost"]["api_calls"] < 100
    assert document["cost"]["metrics_requested"] < 60


def test_what_is_denied_is_named_with_the_diagnoses_that_it_costs(sandbox: Started) -> None:
    rules = [
        "cloudwatch:GetMetricData=denied",
        "logs:StartQuery=denied",
        "ssm:PutParameter=denied",
        "health:*=custom:SubscriptionRequiredException:no plan:400",
    ]
    sandbox.put("faults", {"rules": rules})
    done = sandbox.command.run("doctor", "fm-errors", "first-token", "--env", "sandbox")
    assert done.code == 3
    text = " ".join(done.out.split())
    assert "-> allow cloudwatch:GetMetricData to this identity, or use another profile" in text
    assert "FAIL /mangaassist/orchestrator: denied: logs:StartQuery:" in text
    assert "the support plan has no AWS Health API: events cannot be read" in text
    assert "FAIL route, " not in text
    assert "FAIL route: denied: ssm:PutParameter" in text
    assert "FAIL first-token: whether this incident is on cannot be said; none of 10" in text
    assert "diagnoses is possible, for want of" in text
    assert "next: mangaops iam doctor fm-errors first-token --env sandbox" in text
    assert text.endswith("once mended: mangaops doctor fm-errors first-token --env sandbox")
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_cache_out_of_reach_and_a_wrong_lock_table(sandbox: Started) -> None:
    (sandbox.command.home / "locked.yaml").write_text(
        "schema: mangaops.config/1\ndefault: prod\nenvironments:\n"
        "  prod: {protected: true, lock_table: manga-inventory}\n",
        encoding="utf-8",
    )
    document = examined(
        sandbox,
        "stale-recommendations",
        "--config",
        "locked.yaml",
        code=3,
        MANGAOPS_CACHE_URL="redis://127.0.0.1:9",
    )
    assert states(document)["lock table"] == "problem"
    assert states(document)["stock of the cached products"] == "unknown"
    (cache,) = (one for one in document["findings"] if one["name"] == "cached answers")
    assert cache["state"] == "problem"
    assert "export MANGAOPS_CACHE_URL='redis://localhost:9/0'" in cache["commands"]
    assert lost(document)["cache-consistent"] == ("impossible", ["cached", "inventory"])


def test_where_simulating_is_not_allowed_writes_are_not_known(sandbox: Started) -> None:
    sandbox.put("faults", {"rules": ["iam:*=denied"]})
    document = examined(sandbox, "websocket-drops", "--env", "sandbox", code=0)
    (writes,) = (one for one in document["findings"] if one["group"] == "changes")
    assert (writes["name"], writes["state"]) == ("writes", "unknown")
    assert "allow iam:SimulatePrincipalPolicy" in writes["hint"]


def test_a_metric_of_another_name_is_told_with_the_nearest_one(sandbox: Started) -> None:
    (sandbox.command.home / "renamed.yaml").write_text(
        "schema: mangaops.config/1\ndefault: prod\nenvironments:\n"
        "  prod: {resources: {service: orchestrater}}\n",
        encoding="utf-8",
    )
    document = examined(sandbox, "first-token", "--config", "renamed.yaml", code=3)
    (cpu,) = (one for one in document["findings"] if one["name"] == "ECS CPU")
    assert cpu["state"] == "problem"
    assert cpu["hint"] == (
        'did you mean "ClusterName=mangaassist-prod, ServiceName=orchestrator"? '
        "(resources in mangaops.yaml)"
    )
    assert lost(document)["gateway-latency"] == ("impossible", ["cpu", "memory"])


def test_names_of_which_nothing_is_listed_are_no_metrics(sandbox: Started) -> None:
    """Counts, of which none is no proof of anything; and a parameter that a remedy would set."""
    (sandbox.command.home / "typo.yaml").write_text(
        "schema: mangaops.config/1\nenvironments:\n  prod:\n    resources:\n"
        "      streaming_namespace: MangaAssist/Streamin\n"
        "      recommendation_ttl_parameter: /no/such\n",
        encoding="utf-8",
    )
    document = examined(sandbox, "websocket-drops", "--config", "typo.yaml", code=3)
    (streams,) = (one for one in document["findings"] if one["name"] == "cancelled streams")
    assert (streams["state"], streams["hint"]) == (
        "problem",
        'did you mean "MangaAssist/Streaming"?',
    )
    assert not document["runbooks"][0]["decidable"]
    stale = examined(sandbox, "stale-recommendations", "--config", "typo.yaml", code=3)
    (ttl,) = (one for one in stale["findings"] if one["name"] == "set-parameter")
    assert (ttl["state"], ttl["detail"]) == (
        "problem",
        "impossible: there is no parameter /no/such",
    )


def test_without_a_region_the_default_is_looked_at(sandbox: Started) -> None:
    none = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}
    document = examined(sandbox, "fm-errors", code=0, **none)
    (region,) = (one for one in document["findings"] if one["name"] == "region")
    assert (region["state"], region["detail"]) == (
        "warning",
        "ap-northeast-1 (none is configured: the default)",
    )


def test_markdown_has_every_finding_also_where_nothing_may_be_changed(sandbox: Started) -> None:
    words = ["doctor", "websocket-drops", "--env", "sandbox", "--output", "markdown"]
    done = sandbox.command.run(*words, MANGAOPS_DRY_RUN="1")
    assert done.code == 0
    assert "| Access | clock | ok |" in done.out
    assert "| Changes | set-env | ok | allowed |" in done.out
    left = "10 of 10 diagnoses are possible; not seen, and 10 of 10 hang on it: closed connections"
    assert f"| websocket-drops | {left}, " in done.out


@pytest.mark.parametrize(
    ("environ", "what"), [({}, "no AWS credentials"), (credentials(), "Could not connect")]
)
def test_where_nothing_can_be_asked_it_is_1(
    mangaops: Command, environ: dict[str, str], what: str
) -> None:
    done = mangaops.run("doctor", "first-token", **{"AWS_REGION": "eu-west-1", **environ})
    assert (done.code, done.out) == (1, "")
    assert what in done.err


def test_all_that_is_configured_wrongly_is_told_at_once(mangaops: Command) -> None:
    """Also for a runbook that is not looked at."""
    (mangaops.home / "mangaops.yaml").write_text(
        "schema: mangaops.config/1\nenvironments:\n  prod:\n    parameters:\n"
        "      first-token: {first_token_limit: 1}\n      rag-timeout: {nope: 1}\n",
        encoding="utf-8",
    )
    done = mangaops.run("doctor", "first-token", **credentials())
    assert (done.code, done.out) == (2, "")
    assert "mangaops.yaml:5:21: error[M020]" in done.err
    assert "mangaops.yaml:6:21: error[M020]" in done.err


def test_a_region_that_aws_does_not_have_is_2(mangaops: Command) -> None:
    done = mangaops.run("doctor", "fm-errors", "--region", "us-east-11", **credentials())
    assert (done.code, done.out) == (2, "")
    assert 'AWS has no region "us-east-11"' in done.err
    assert 'did you mean "us-east-1"?' in done.err


def test_a_runbook_that_nobody_has_is_2(mangaops: Command) -> None:
    done = mangaops.run("doctor", "frist-token", **credentials())
    assert (done.code, done.out) == (2, "")
    assert 'did you mean "first-token"?' in done.err
