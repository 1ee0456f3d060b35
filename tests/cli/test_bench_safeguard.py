"""A failed gate takes a prompt back, or says what is missing; stages shift traffic."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

import boto3
import pytest

from support.bench_runs import BEFORE, Behaviour, bench_run, run_file
from support.done import Done
from support.started import Started, started

SHARE = "/mangaassist/prompts/candidate_share"
SLOW = Behaviour(p50=2400, p95=4900, first_token_ms=900, output_tokens=600, prompt_tokens=520)
MILD = Behaviour(p50=1620, p95=3350, first_token_ms=650, output_tokens=410, prompt_tokens=520)
SETTINGS = """\
schema: mangaops.config/1
environments:
  allowed:
    region: ap-northeast-1
    endpoint_url: ENDPOINT
    benchmarks: {auto_rollback: true}
  cautious:
    region: ap-northeast-1
    endpoint_url: ENDPOINT
  frozen:
    region: ap-northeast-1
    endpoint_url: ENDPOINT
    protected: true
    benchmarks: {auto_rollback: true}
    guardrails:
      freeze: [{from: 2020-01-01T00:00Z, to: 2099-01-01T00:00Z, reason: winter sale}]
"""
WORKLOAD = """\
schema: mangaops.workload/1
intents:
  recommendation:
    model: sonnet
    max_output_tokens: 350
    messages: [Something calm?]
"""
BY_HAND = "mangaops rollback-prompt recommendation --to v2.0"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """v2.1 of the recommendation prompt was activated 42 minutes ago; runs are stored.

    All of its own text, in this environment: but for one of another text of v2.1, one of
    another text of v2.0, and one that a sandbox measured.
    """
    home = tmp_path_factory.mktemp("home")
    with started(home, "--scenario", "prompt-grew-with-answers", pauses=0.05) as one:
        endpoint = one.variables["AWS_ENDPOINT_URL"]
        (home / "mangaops.yaml").write_text(SETTINGS.replace("ENDPOINT", endpoint), "utf-8")
        store_runs(one, home / "state" / "bench")
        store_runs(one, home / "stage", ahead=timedelta(hours=1))
        yield one


KEPT = (
    ("slow", SLOW, "allowed", {"v2.0", "v2.1"}),
    ("slow-cautious", SLOW, "cautious", {"v2.0", "v2.1"}),
    ("slow-frozen", SLOW, "frozen", {"v2.0", "v2.1"}),
    ("mild", MILD, "allowed", {"v2.0", "v2.1"}),
    ("same", BEFORE, "allowed", {"v2.0", "v2.1"}),
    ("other", SLOW, "allowed", {"v2.0"}),
    ("older", SLOW, "allowed", {"v2.1"}),
    ("drawn", SLOW, "sandbox", {"v2.0", "v2.1"}),
    ("drawn-same", BEFORE, "sandbox", {"v2.0", "v2.1"}),
    ("other-same", BEFORE, "allowed", {"v2.0"}),
)
"""Runs by name: how v2.1 answers, where they were measured, and whose text is the table's."""


def store_runs(shop: Started, store: Path, *, ahead: timedelta = timedelta(0)) -> None:
    """`ahead`: so much later, as runs are that begin in a stage that a test sets."""
    store.mkdir(parents=True)
    texts = {row["version"]["S"]: row["template"]["S"] for row in rows(shop)}
    for name, after, environment, kept in KEPT:
        intents = {"recommendation": (BEFORE, after)}
        at = datetime.now(UTC) + ahead
        run = bench_run(intents=intents, name=f"b-{name}", at=at, n=400, environment=environment)
        used = tuple(
            replace(one, digest=sha256(texts[one.version].encode()).hexdigest())
            if one.version in kept
            else one
            for one in run.header.prompts["recommendation"]
        )
        run = replace(run, header=replace(run.header, prompts={"recommendation": used}))
        run_file(store / f"b-{name}.jsonl", run)


def typed(shop: Started, line: str, *, env: str = "allowed", **more: str) -> Done:
    variables = {**shop.variables, "MANGAOPS_ENV": env, **more}
    return shop.command.run(*shlex.split(line), **variables)


def answered(shop: Started, line: str, *, env: str = "allowed", **more: str) -> tuple[int, Any]:
    done = typed(shop, f"{line} --output json", env=env, **more)
    assert done.out, done.err
    return done.code, json.loads(done.out)


def client(shop: Started, service: str) -> Any:
    there = shop.variables
    return boto3.client(
        service,
        region_name=there["AWS_REGION"],
        endpoint_url=there["AWS_ENDPOINT_URL"],
        aws_access_key_id=there["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=there["AWS_SECRET_ACCESS_KEY"],
    )


def rows(shop: Started) -> list[Any]:
    found = client(shop, "dynamodb").query(
        TableName="manga-prompt-templates",
        KeyConditionExpression="intent = :i",
        ExpressionAttributeValues={":i": {"S": "recommendation"}},
    )
    return [*found["Items"]]


def active(shop: Started) -> list[str]:
    return [row["version"]["S"] for row in rows(shop) if row["active"]["BOOL"]]


@pytest.mark.parametrize(
    ("line", "env", "more", "code", "missing"),
    [
        ("slow --rollback", "allowed", {}, 3, ["wanted"]),
        ("slow-cautious --auto-rollback", "cautious", {}, 5, ["allowed"]),
        ("slow-cautious --rollback", "cautious", {}, 3, ["wanted", "allowed"]),
        ("slow-frozen --auto-rollback", "frozen", {}, 5, ["guardrails"]),
        ("slow --auto-rollback", "allowed", {"MANGAOPS_DRY_RUN": "1"}, 3, ["dry-run"]),
        ("mild --auto-rollback", "allowed", {}, 3, ["severity"]),
    ],
    ids=["not-wanted", "not-allowed", "neither", "frozen", "dry-run", "sev-2"],
)
def test_what_is_missing_is_told_and_nothing_is_changed(
    shop: Started, line: str, env: str, more: dict[str, str], code: int, missing: list[str]
) -> None:
    found, document = answered(shop, f"bench gate b-{line}", env=env, **more)
    (told,) = document["safeguard"]
    assert [one["condition"] for one in told["missing"]] == missing
    assert (found, told["outcome"], told["command"]) == (code, "held", f"{BY_HAND} --env {env}")
    assert active(shop) == ["v2.1"]


@pytest.mark.parametrize(
    ("run", "condition", "why"),
    [
        ("other", "text", "the text of v2.1 in manga-prompt-templates is not the one that was me"),
        ("older", "text", "the text of v2.0 in manga-prompt-templates is not the one that was me"),
        ("drawn", "place", "measured in sandbox, and not in allowed"),
    ],
)
def test_what_was_not_measured_here_as_it_is_is_left_alone(
    shop: Started, run: str, condition: str, why: str
) -> None:
    found, document = answered(shop, f"bench gate b-{run} --auto-rollback")
    (told,) = document["safeguard"]
    (missing,) = told["missing"]
    assert (found, missing["condition"], missing["text"][: len(why)]) == (3, condition, why)
    assert told["hint"].startswith("measure what is there: mangaops bench run WORKLOAD --intent ")
    assert active(shop) == ["v2.1"]


@pytest.mark.parametrize(
    ("operation", "outcome"), [("Query", "held"), ("TransactWriteItems", "failed")]
)
def test_what_is_denied_does_not_cost_the_verdict(
    shop: Started, operation: str, outcome: str
) -> None:
    shop.put("faults", {"rules": [f"dynamodb:{operation}=denied"]})
    try:
        found, document = answered(shop, "bench gate b-slow --auto-rollback")
        done = typed(shop, "bench gate b-slow --auto-rollback --github --summary s.md")
    finally:
        shop.put("faults", {"rules": []})
    (told,) = document["safeguard"]
    assert (found, document["verdict"], told["outcome"]) == (3, "FAIL", outcome)
    assert (done.code, done.out.startswith("FAIL (SEV-1)")) == (3, True), done.err
    for part in ("NOT ROLLED BACK  recommendation", operation, f"by hand: {BY_HAND} --env allowed"):
        assert part in done.out
    assert "::error" in done.err
    summary = (shop.command.home / "s.md").read_text("utf-8")
    assert ("Not rolled back" in summary, "FAIL" in summary) == (True, True)
    assert active(shop) == ["v2.1"]


def test_what_passes_asks_no_safeguard(shop: Started) -> None:
    found, document = answered(shop, "bench gate b-same --auto-rollback")
    assert (found, document.get("safeguard")) == (0, None)


def test_a_rollback_is_journaled_with_its_reason_and_can_be_undone(shop: Started) -> None:
    done = typed(shop, "bench gate b-slow --auto-rollback")
    assert (done.code, active(shop)) == (3, ["v2.0"]), done.err
    assert "ROLLED BACK  recommendation: v2.1 -> v2.0" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    again = typed(shop, "bench gate b-slow --auto-rollback")
    assert (again.code, "v2.0 is active, and v2.1 was measured" in again.out) == (3, True)
    _, journal = answered(shop, "history show last")
    assert journal["approval"]["how"] == "auto-rollback"
    reason = journal["plan"]["reason"]["text"]
    assert reason.startswith("approved beforehand by --auto-rollback: SEV-1, p95 of recommen")
    assert reason.endswith("benchmark run b-slow")
    undone = typed(shop, "undo last --yes")
    assert (undone.code, active(shop)) == (0, ["v2.1"]), undone.err


def share(shop: Started, value: str) -> None:
    client(shop, "ssm").put_parameter(Name=SHARE, Value=value, Overwrite=True)


def wait_a_second() -> None:
    """Till a share that was set now has been served for `--for 1s`."""
    Event().wait(1.05)


def test_what_began_before_the_stage_and_a_longer_time_than_its_own_do_not_count(
    shop: Started,
) -> None:
    share(shop, "5")
    code, document = served(shop, "b-same --quality pass --held 24h --apply --yes")
    told = (code, document["step"]["do"], document["change"], document["runs"])
    assert told == (4, "hold", None, [])
    assert "begun before this stage, left out: b-same" in document["notes"]
    assert document["notes"][0].startswith("--held 1d does not count: the share was set ")
    assert client(shop, "ssm").get_parameter(Name=SHARE)["Parameter"]["Value"] == "5"


def served(shop: Started, line: str) -> tuple[int, Any]:
    return answered(shop, f"bench rollout recommendation {line}")


def test_a_stage_is_read_from_the_share_and_its_own_runs_are_read(shop: Started) -> None:
    share(shop, "5")
    code, document = served(shop, "--quality pass")
    needs = document["step"]["needs"]
    assert (code, document["stage"], document["step"]["do"]) == (4, "shadow", "hold")
    assert (needs[0].partition(":")[0], len(needs)) == ("samples of this stage, none are stored", 2)
    wait_a_second()
    code, document = served(shop, "b-same --quality pass --for 1s --store stage")
    assert (code, document["stage"], document["step"]["to"]) == (0, "shadow", "canary")
    assert document["command"] == f"mangaops set-parameter {SHARE} 25 --env allowed"


def test_a_next_step_is_applied_by_the_remedy_and_a_slower_one_taken_back(shop: Started) -> None:
    share(shop, "5")
    line = "bench rollout recommendation b-same --quality pass --for 1s --store stage --apply"
    wait_a_second()
    refused = typed(shop, line)
    assert (refused.code, "pass --yes" in refused.err) == (5, True)
    code, document = answered(shop, f"{line} --yes")
    assert (code, document["change"]["status"]) == (0, "verified")
    share(shop, "5")
    wait_a_second()
    done = typed(shop, f"{line} --yes")
    assert (done.code, "next: mangaops set-parameter" in done.out) == (0, False)
    reason = document["change"]["plan"]["reason"]["text"]
    assert reason.startswith("bench rollout of recommendation, shadow: ")
    code, document = served(shop, "b-mild --quality pass --store stage --apply --yes")
    assert (code, document["stage"], document["step"]["do"]) == (3, "canary", "roll_back")
    steps = [(one["state"], one["target"]) for one in document["change"]["steps"]]
    assert steps == [("verified", SHARE)]
    found = client(shop, "ssm").get_parameter(Name=SHARE)["Parameter"]["Value"]
    assert found == "0"


@pytest.mark.parametrize(
    ("value", "line", "said"),
    [
        ("5", "b-drawn-same", "left out, b-drawn-same: measured in sandbox, and not in allowed"),
        ("5", "b-drawn", "left out, b-drawn: measured in sandbox, and not in allowed"),
        ("5", "b-other-same", "the text of v2.1 in manga-prompt-templates is not the one that"),
        ("5", "b-other", "the text of v2.1 in manga-prompt-templates is not the one that was"),
        ("0", "b-same --stage shadow", f"the share of shadow, 5: {SHARE} is 0, which is not sha"),
    ],
    ids=["elsewhere", "elsewhere-slower", "text", "text-slower", "not-served"],
)
def test_nothing_moves_on_what_does_not_speak_for_this_stage(
    shop: Started, value: str, line: str, said: str
) -> None:
    share(shop, value)
    code, document = served(shop, f"{line} --store stage --quality pass --apply --yes")
    assert (code, document["step"]["do"], document["change"]) == (4, "hold", None)
    assert any(one.startswith(said) or said in one for one in told_of(document)), document
    assert client(shop, "ssm").get_parameter(Name=SHARE)["Parameter"]["Value"] == value


def told_of(document: Any) -> list[str]:
    return [*document["notes"], *document["step"]["needs"]]


@pytest.mark.parametrize(("run", "code"), [("same", 1), ("mild", 3)])
def test_a_share_that_cannot_be_set_does_not_cost_the_answer(
    shop: Started, run: str, code: int
) -> None:
    share(shop, "5")
    shop.put("faults", {"rules": ["ssm:PutParameter=denied"]})
    try:
        wait_a_second()
        line = f"b-{run} --store stage --for 1s --quality pass --apply --yes"
        found, document = served(shop, line)
        done = typed(shop, f"bench rollout recommendation {line}")
    finally:
        shop.put("faults", {"rules": []})
    assert (found, document["schema"]) == (code, "mangaops.bench-rollout/1")
    assert any("the share was not set: ssm:PutParameter" in one for one in document["notes"])
    assert (done.code, "latency " in done.out, "ssm:PutParameter" in done.err) == (code, True, True)


@pytest.mark.parametrize(
    ("value", "line", "code", "said"),
    [
        ("10", "", 2, f"{SHARE} is '10', which is no stage's share"),
        ("5", "--stage canary", 4, f"{SHARE} is 5, which is not canary"),
        ("5", "b-same --since 2h", 2, "--since conflicts with RUN"),
        ("5", "b-sane", 2, 'did you mean "b-same"?'),
        ("5", "b-same --held never", 2, "`never` is not a duration"),
        ("5", "b-same --margin 5", 2, "the margin 5 is not between 0 and 1"),
    ],
)
def test_what_cannot_be_meant_is_told(
    shop: Started, value: str, line: str, code: int, said: str
) -> None:
    share(shop, value)
    done = typed(shop, f"bench rollout recommendation {line}")
    assert done.code == code, done.out + done.err
    assert said in " ".join((done.out + done.err).split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--samples 59", "59 is too few"),
        ("--max-usd 0", "0.0 is no limit"),
        ("--every soon", "`soon` is not a duration"),
        ("--margin nan", "the margin nan is not between 0 and 1"),
        ("--intent recomendation", 'did you mean "recommendation"?'),
    ],
)
def test_a_watch_that_cannot_be_meant_is_told_before_anything_is_read(
    shop: Started, options: str, said: str
) -> None:
    (shop.command.home / "workload.yaml").write_text(WORKLOAD, "utf-8")
    done = typed(shop, f"bench watch workload.yaml {options}")
    assert (done.code, said in done.err) == (2, True), done.err


def test_an_idle_watch_says_so_in_every_form(shop: Started) -> None:
    (shop.command.home / "workload.yaml").write_text(WORKLOAD.replace("recommendation", "faq"))
    code, document = answered(shop, "bench watch workload.yaml --once")
    notes = ["no prompt was activated within the last 1h"]
    assert (code, document["schema"], document["notes"]) == (0, "mangaops.bench-watch/1", notes)
    done = typed(shop, "bench watch workload.yaml --once --output markdown")
    assert (done.code, done.out.startswith("**Nothing measured**")) == (0, True)


def test_a_watch_that_may_not_spend_says_that_it_is_a_watch(shop: Started) -> None:
    (shop.command.home / "workload.yaml").write_text(WORKLOAD, "utf-8")
    done = typed(shop, "bench watch workload.yaml --once", MANGAOPS_DRY_RUN="1")
    assert (done.code, done.out) == (5, "")
    assert ("where  mangaops bench watch" in done.err, "--dry-run" in done.err) == (True, False)


def test_an_intent_that_nobody_measures_is_told(shop: Started) -> None:
    share(shop, "5")
    done = typed(shop, "bench rollout recomendation")
    assert (done.code, 'did you mean "recommendation"?' in done.err) == (2, True)


def test_without_the_parameter_the_line_that_makes_it_is_told(shop: Started) -> None:
    client(shop, "ssm").delete_parameter(Name=SHARE)
    done = typed(shop, "bench rollout recommendation")
    assert (done.code, f"put-parameter --name {SHARE}" in done.err) == (2, True)
    done = typed(shop, "bench rollout recommendation b-same --stage full --held 1h --quality pass")
    assert (done.code, done.out.split()[:1]) == (0, ["STAY"]), done.err
