"""No planted secret is in a capsule's file; what was equal is equal still."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.file import to_bytes
from mangaops.evidence.capsule.redacting import redacted_capsule, secrets_hidden
from mangaops.evidence.capsule.walking import (
    bound_runbook,
    recorded_runbook,
    rewalked,
    same_conclusion,
)
from mangaops.model.evidence import (
    Evidence,
    EvidenceSet,
    EvidenceState,
    Record,
    Row,
    Series,
    Table,
)
from support.capsules import CAPSULE

PASSWORD = "hunter2-is-mine"
KEY = "AKIAIOSFODNN7EXAMPLE"
BEARER = "abc.def-1234567"
TOLD = "told-by-a-r3ader"
NESTED = "nested-s3cr3t"
SECRETS = (PASSWORD, KEY, BEARER, "s3cr3t-db", "wxyz9", TOLD, NESTED, "998877665544")

_LEAKING = f"""\
schema: mangaops.runbook/1
name: leak
title: A runbook that knows too much
severity: SEV-3
description: It compares a token with what was seen.
window: 30m
parameters:
  api_token: {{default: {PASSWORD}, description: compared below}}
  other: {{default: "Bearer {BEARER}"}}
  limit: {{default: 0}}
# the password: wxyz9
evidence:
  errors:
    kind: logs
    title: errors
    query:
      groups: ["/app"]
      query: |
        filter status = "error"
        | stats count(*) as n by token
      columns: {{token: text, n: number}}
  environment:
    kind: ecs_environment
    title: environment
    query: {{cluster: c, service: s, container: app}}
trigger:
  question: Are there errors with our token?
  when: sum(r.n for r in errors if r.token == api_token) > limit
  on_missing: inconclusive
start: whose
nodes:
  whose:
    question: Is it the service's own?
    branches:
      - answer: "yes"
        when: lookup(environment, "DB_PASSWORD", "value") == api_token
        goto: found
        on_missing: inconclusive
      - {{answer: "no", otherwise: true, goto: inconclusive}}
outcomes:
  found:
    title: Found
    cause: "{{sum(r.n for r in errors if r.token == api_token):count}} errors with {{api_token}}"
"""
_SHIPPED = sorted((Path(__file__).parents[3] / "runbooks").glob("*.yaml"))
_RUNBOOKS = [file for file in _SHIPPED if not file.name.endswith(".test.yaml")]
_FIRST_TOKEN = _RUNBOOKS[0].read_text(encoding="utf-8")


def series_labelled(label: str) -> Evidence:
    value = Series(labels={"Key": label}, start=0, end=60, period=60, points=((0.0, 1.0),))
    return Evidence(id="series", kind="metric", state=EvidenceState.OK, value=value)


def table(name: str, kind: str, *rows: Row) -> Evidence:
    value = Table(columns=tuple(rows[0]), rows=rows)
    return Evidence(id=name, kind=kind, state=EvidenceState.OK, value=value)


def holding(*items: Evidence, **more: str) -> Capsule:
    evidence = EvidenceSet(items={item.id: item for item in items})
    return replace(CAPSULE, evidence=evidence, sets=more)


PLANTED: tuple[Evidence, ...] = (
    series_labelled(f"Bearer {BEARER}"),
    table("environment", "ecs_environment", {"name": "DB_PASSWORD", "value": PASSWORD}),
    table("rows", "logs", {"message": f"login with {PASSWORD} failed: password=s3cr3t-db"}),
    table("columns", "logs", {"api_token": PASSWORD, "n": 3}),
    table(
        "forms",
        "logs",
        {"message": json.dumps({"body": json.dumps({"password": NESTED})})},
        {"message": '{"pin_token": 998877665544}'},
        {"message": f"login password:{NESTED} failed, run --token {NESTED}"},
    ),
    replace(table("told", "ecs_environment", {"name": "X", "value": "1"}), hidden=(TOLD,)),
    Evidence(
        id="record",
        kind="parameter",
        state=EvidenceState.OK,
        value=Record(
            fields={
                "value": f"redis://:{PASSWORD}@cache",
                "history": Table(
                    columns=("name", "value"), rows=({"name": "API_KEY", "value": KEY},)
                ),
            }
        ),
        summary={"text": [f"token = {PASSWORD}"], "x": {"y": f"key {KEY}"}},
        query={"name": f"/app?Signature=0123456789abcdef&k={KEY}"},
    ),
    Evidence(
        id="denied",
        kind="logs",
        state=EvidenceState.DENIED,
        detail=f"Authorization: Bearer {BEARER} was refused",
        query={"query": f"filter api_token='{PASSWORD}' | filter first_token_ms=5"},
    ),
)


@pytest.fixture(scope="module")
def hidden() -> Capsule:
    runbook = recorded_runbook(replace(CAPSULE, text=_FIRST_TOKEN))
    capsule = replace(
        holding(*PLANTED, api_token=PASSWORD, sustained="5m"),
        answers={"why": f"password: {PASSWORD}", "who": f"it is {TOLD}"},
        resources={"cluster": f"https://ana:{PASSWORD}@host", "secret": "wxyz9"},
        parameters={"*": {"api_key": "s3cr3t-db"}, "leak": {"tokens": ("a", KEY)}},
        text=f"{_FIRST_TOKEN}# the password: wxyz9, {PASSWORD}\n",
        suffix=f" --config token={PASSWORD}",
    )
    return redacted_capsule(capsule, runbook)


def test_no_secret_is_in_the_file(hidden: Capsule) -> None:
    content = gzip.decompress(to_bytes(hidden)).decode()
    assert [secret for secret in SECRETS if secret in content] == []
    assert "[redacted-1]" in content


@pytest.mark.parametrize("secret", ["count", "environment", "orchestrator_log", "l1nes-4711"])
def test_a_secret_that_is_a_word_of_the_runbook_leaves_it_whole(secret: str) -> None:
    runbook = recorded_runbook(replace(CAPSULE, text=_FIRST_TOKEN))
    rows = table(secret, "logs", {"message": "fine"})
    capsule = replace(holding(rows, api_token=secret), text=_FIRST_TOKEN)
    kept = redacted_capsule(capsule, runbook)
    assert kept.sets == {"api_token": "[redacted-1]"}
    assert kept.text == _FIRST_TOKEN
    assert [*kept.evidence.items] == [secret]


def test_equal_secrets_have_equal_tokens(hidden: Capsule) -> None:
    token = hidden.sets["api_token"]
    assert hidden.resources["cluster"] == f"https://ana:{token}@host"
    assert rows_of(hidden, "environment") == ({"name": "DB_PASSWORD", "value": token},)
    assert rows_of(hidden, "columns") == ({"api_token": token, "n": 3},)
    assert f"login with {token} failed" in str(rows_of(hidden, "rows"))
    assert f"password:{token_of(hidden)} failed, run --token {token_of(hidden)}" in str(
        rows_of(hidden, "forms")
    )
    query = hidden.evidence.items["denied"].query["query"]
    assert query == f"filter api_token={token} | filter first_token_ms=5"


def token_of(capsule: Capsule) -> str:
    """What the nested secret is called."""
    found = re.search(r"\[redacted-\d+\]", str(rows_of(capsule, "forms")[0]))
    assert found
    return found[0]


def rows_of(capsule: Capsule, name: str) -> tuple[Row, ...]:
    value = capsule.evidence.items[name].value
    assert isinstance(value, Table)
    return value.rows


def test_other_values_and_what_was_redacted_before_stay() -> None:
    item = table(
        "environment",
        "ecs_environment",
        {"name": "DB_PASSWORD", "value": "[redacted]"},
        {"name": "POOL", "value": "5"},
    )
    capsule = replace(holding(item, first_token_limit_ms="2500"), text=_FIRST_TOKEN)
    assert redacted_capsule(capsule, recorded_runbook(capsule)) == capsule


@pytest.mark.parametrize("file", _RUNBOOKS, ids=lambda file: file.stem)
def test_the_text_of_a_shipped_runbook_stays_as_it_is(file: Path) -> None:
    capsule = replace(CAPSULE, text=file.read_text(encoding="utf-8"), sets={})
    assert redacted_capsule(capsule, recorded_runbook(capsule)).text == capsule.text


def leaking() -> Capsule:
    errors = table("errors", "logs", {"token": PASSWORD, "n": 2}, {"token": KEY, "n": 1})
    environment = table(
        "environment", "ecs_environment", {"name": "DB_PASSWORD", "value": PASSWORD}
    )
    capsule = holding(errors, environment)
    return replace(capsule, text=_LEAKING, runbook="leak", parameters={}, answers={})


def test_conditions_that_compare_secrets_are_unknown_once_they_are_hidden() -> None:
    """So the capsule leads elsewhere, and whoever records says that it is not kept."""
    before = leaking()
    after = redacted_capsule(before, recorded_runbook(before))
    content = gzip.decompress(to_bytes(after)).decode()
    assert [secret for secret in SECRETS if secret in content] == []
    assert secrets_hidden(before, after)
    assert after.digest == before.digest
    one, other = rewalked(before).diagnosis, rewalked(after).diagnosis
    assert (one.id, other.id) == ("found", "inconclusive")
    assert other.coverage.missing == ("errors",)
    assert not same_conclusion(one, other)


def test_the_runbook_asks_for_the_same_with_its_secrets_taken_out() -> None:
    before = leaking()
    after = redacted_capsule(before, recorded_runbook(before))
    bound = bound_runbook(after, recorded_runbook(after))
    assert bound.parameters["api_token"].value == "[redacted-1]"
    assert list(bound.evidence) == ["errors", "environment"]
