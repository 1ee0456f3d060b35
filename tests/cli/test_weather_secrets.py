"""Secrets that lie where evidence is read: no output and no record ever holds one."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from support.command import credentials
from support.started import Started, started

SECRETS = {
    "log": "key AKIAIOSFODNN7SECRETX",
    "bearer": "Bearer hunter2-in-a-header",
    "url": "https://bot:hunter2-in-a-url@example.org/",
    "field": '{"apiToken": "hunter2-in-a-field"}',
    "name": "DB_PASSWORD=hunter2-by-name",
    "nested": json.dumps({"body": json.dumps({"password": "hunter2-nested"})}),
    "argument": "login --token hunter2-argument",
}
REPEATED = "again envS3cret08x and parS3cret13x"
SIGNS = ("hunter2", "AKIAIOSFODNN7", "S3cret")
GROUP = "/mangaassist/orchestrator"
READER = """\
schema: mangaops.runbook/1
name: reader
title: Reads what may hold secrets
severity: SEV-3
window: 30m
evidence:
  rows:
    kind: logs
    query:
      groups: ["${orchestrator_log}"]
      query: "fields @message as text | sort @timestamp desc | limit 50"
      columns: {text: text}
  value: {kind: parameter, query: {name: /mangaassist/upstream/password, history: true}}
  plain: {kind: parameter, query: {name: /mangaassist/upstream/url}}
  environment:
    kind: ecs_environment
    query: {cluster: "${cluster}", service: "${service}", container: "${container}"}
  cached: {kind: cached_answers, query: {}}
trigger: {question: Is anything there?, when: rows(rows) > 0, on_missing: inconclusive}
start: all
nodes:
  all:
    question: What is there?
    branches:
      - answer: much
        when: known(value) or known(environment) or known(cached) or known(plain)
        goto: told
        on_missing: told
      - {answer: nothing, otherwise: true, goto: told}
outcomes:
  told:
    title: Told
    cause: >-
      {join(r.text for r in rows)}, {value.value}, {plain.value},
      {join(r.value for r in environment)}
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A sandbox with a secret in every place that evidence comes from."""
    home = tmp_path_factory.mktemp("home")
    (home / "reader.yaml").write_text(READER, encoding="utf-8")
    with started(home, "--empty") as one:
        plant(one)
        yield one


def plant(one: Started) -> None:
    variables = one.variables

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            aws_access_key_id="x",
            aws_secret_access_key="x",
            region_name=variables["AWS_REGION"],
        )

    logs, ecs, ssm = client("logs"), client("ecs"), client("ssm")
    logs.create_log_stream(logGroupName=GROUP, logStreamName="planted")
    now = int(time.time() * 1000) - 120_000
    events = [
        {"timestamp": now, "message": f"call {text}"} for text in (*SECRETS.values(), REPEATED)
    ]
    logs.put_log_events(logGroupName=GROUP, logStreamName="planted", logEvents=events)
    secret, url = "/mangaassist/upstream/password", "/mangaassist/upstream/url"
    ssm.put_parameter(Name=secret, Value="parS3cret13x", Type="String")
    ssm.put_parameter(Name=url, Value=SECRETS["url"], Type="String")
    service = ecs.describe_services(cluster="mangaassist-prod", services=["orchestrator"])
    arn = service["services"][0]["taskDefinition"]
    task = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    containers = task["containerDefinitions"]
    containers[0]["environment"] += [
        {"name": "UPSTREAM_API_KEY", "value": "hunter2-in-the-environment"},
        {"name": "UPSTREAM", "value": SECRETS["url"]},
        {"name": "OTHER_TOKEN", "value": "envS3cret08x"},
    ]
    made = ecs.register_task_definition(
        family=task["family"], containerDefinitions=containers, cpu="1024", memory="2048"
    )
    ecs.update_service(
        cluster="mangaassist-prod",
        service="orchestrator",
        taskDefinition=made["taskDefinition"]["taskDefinitionArn"],
    )


def leaks(text: str) -> list[str]:
    return [line for line in text.splitlines() if any(sign in line for sign in SIGNS)]


@pytest.mark.parametrize("output", ["text", "json", "markdown"])
def test_no_output_holds_a_secret(planted: Started, output: str) -> None:
    words = ("diagnose", "./reader.yaml", "--output", output, "-v", "--debug")
    done = planted.command.run(*words, **planted.variables)
    assert done.code == 3, done.err
    assert "redacted" in done.out
    assert leaks(done.out + done.err) == []


def test_no_record_and_no_explanation_holds_a_secret(planted: Started) -> None:
    planted.command.run("diagnose", "./reader.yaml", **planted.variables)
    explained = planted.command.run("explain", "last")
    shown = planted.command.run("history", "show", "last", "--output", "json")
    records = [file.read_text() for file in planted.command.home.rglob("diagnosis.json")]
    assert records
    assert leaks("\n".join([explained.out, shown.out, *records])) == []
    assert json.loads(shown.out)["evidence"]["environment"]["state"] == "ok"


def test_no_capsule_holds_a_secret_and_it_tells_what_the_run_told(planted: Started) -> None:
    words = ("diagnose", "./reader.yaml", "--output", "json")
    told = planted.command.run(*words, "--record", "s.capsule", **planted.variables)
    content = gzip.decompress((planted.command.home / "s.capsule").read_bytes()).decode()
    assert "again [redacted] and [redacted]" in content
    assert leaks(content) == []
    again = planted.command.run(*words, "--replay", "s.capsule", "--recorded-runbook")
    assert (again.out, again.code) == (told.out, told.code)


@pytest.mark.parametrize("words", ["diagnose first-token", "triage", "logs errors"])
def test_no_error_of_aws_brings_a_secret(planted: Started, words: str) -> None:
    rule = {"kind": "custom", "code": "ExpiredToken", "message": " ".join(SECRETS.values())}
    planted.put("faults", {"rules": [{**rule, "status": 403}]})
    try:
        for output in ("text", "json"):
            done = planted.command.run(
                *words.split(), "--output", output, "--debug", **planted.variables
            )
            assert (done.code, leaks(done.out + done.err)) == (1, [])
    finally:
        planted.put("faults", {"rules": []})


@pytest.mark.parametrize(
    "url",
    [
        "redis://bot:hunter2@127.0.0.1:1/0",
        "redis://bot:hunter2@127.0.0.1:PORT/0",
        "rediss://bot:hunter2@127.0.0.1:PORT/0",
        "redis://bot:hunter2@127.0.0.1:no-port/0",
        "http://bot:hunter2@127.0.0.1/",
        "unix:///nowhere?password=hunter2",
    ],
)
def test_the_password_of_the_cache_is_never_said(planted: Started, url: str) -> None:
    port = planted.variables["MANGAOPS_CACHE_URL"].rpartition(":")[2].partition("/")[0]
    variables = {**planted.variables, "MANGAOPS_CACHE_URL": url.replace("PORT", port)}
    words = ("diagnose", "./reader.yaml", "--output", "json", "-v", "--debug")
    done = planted.command.run(*words, **variables)
    assert leaks(done.out + done.err) == []
    assert json.loads(done.out)["evidence"]["cached"]["state"] != "ok"


def test_the_secret_key_of_the_caller_is_never_said(planted: Started) -> None:
    variables = {**credentials(), "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_PROFILE": "nope"}
    done = planted.command.run("diagnose", "first-token", "--debug", **variables)
    assert done.code == 2
    assert leaks(done.out) == []
    assert "hunter2" not in done.err
