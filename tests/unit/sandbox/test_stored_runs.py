from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from mangaops.bench.runs.run_file import parse
from mangaops.bench.runs.sample import Run
from mangaops.sandbox.scenario import load_scenario
from mangaops.sandbox.scenario_benchmarks import StoredRun
from mangaops.sandbox.stored_runs import StoredRuns, store
from mangaops.sandbox.world import World

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OLD = {
    "version": "v2.0",
    "p50": 1180,
    "p95": 2410,
    "first_token": 470,
    "prompt": 180,
    "output": 285,
}
NEW = {
    "version": "v2.1",
    "p50": 1620,
    "p95": 3210,
    "first_token": 590,
    "prompt": 520,
    "output": 410,
}


@dataclass
class FakeAws:
    """S3, and a prompt table without prompts."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def scan(self, **named: object) -> dict[str, list[object]]:
        assert named["TableName"] == "manga-prompt-templates"
        return {"Items": []}

    def create_bucket(self, **named: object) -> None:
        assert named["Bucket"] == "mangaassist-bench"

    def put_object(self, **named: object) -> None:
        self.objects[str(named["Key"])] = bytes(named["Body"])  # type: ignore[call-overload]


def _stored(**run: object) -> tuple[str, dict[str, bytes]]:
    """Where it is, and the files by key."""
    world, aws = World(clock=lambda: NOW), FakeAws()
    store(world, (StoredRun.model_validate({"ago": "57m", **run}),), lambda _service: aws)
    return world.state(StoredRuns).place, aws.objects


def _run(**run: object) -> Run:
    (text,) = _stored(**run)[1].values()
    return parse(text.decode(), "it")


def test_a_run_has_exactly_the_quantiles_that_the_scenario_says() -> None:
    run = _run(intents={"recommendation": [OLD, NEW]})
    for arm, (p50, p95) in enumerate(((1180, 2410), (1620, 3210))):
        totals = sorted(one.latency_ms for one in run.arm("recommendation", arm))
        assert (totals[99], totals[189]) == (p50, p95)
    assert (run.header.arms, run.header.started_at) == (
        ("v2.0", "v2.1"),
        NOW - timedelta(minutes=57),
    )


def test_slow_answers_are_long_ones_and_means_are_as_said() -> None:
    calls = _run(intents={"recommendation": [OLD]}).arm("recommendation", 0)
    output = sum(one.output_tokens or 0 for one in calls) / len(calls)
    first = sum(one.first_token_ms or 0 for one in calls) / len(calls)
    assert output == pytest.approx(285, rel=0.01)
    assert first == pytest.approx(470, rel=0.02)


def test_it_is_in_the_store_of_the_world_and_the_same_every_time() -> None:
    place, objects = _stored(intents={"recommendation": [OLD]})
    assert place == "s3://mangaassist-bench/runs"
    assert list(objects) == ["runs/b-20261121-110300-0001.jsonl"]
    assert _stored(intents={"recommendation": [OLD]}) == (place, objects)


def test_a_world_without_runs_has_no_store() -> None:
    world = World(clock=lambda: NOW)
    store(world, (), lambda _service: pytest.fail("asked AWS"))
    assert world.state(StoredRuns).place == ""


@pytest.mark.parametrize(
    "intents",
    [
        {},
        {"recommendation": []},
        {"recommendation": [OLD, NEW], "faq": [OLD]},
        {"recommendation": [{**OLD, "p95": 1180}]},
        {"recommendation": [{**OLD, "output": 1}]},
    ],
    ids=["none", "no pace", "some with two", "p95 at p50", "one token"],
)
def test_a_run_that_cannot_be_is_refused(intents: object) -> None:
    with pytest.raises(ValidationError):
        StoredRun.model_validate({"ago": "57m", "intents": intents})


def test_the_arms_of_a_run_are_what_changes_or_what_is_active() -> None:
    both = load_scenario("prompt-acquitted").benchmarks[0]
    control = StoredRun.model_validate(
        {"ago": "1m", "intents": {"faq": [OLD, OLD], "recommendation": [OLD, NEW]}}
    )
    assert both.arms == control.arms == ("v2.0", "v2.1")
    assert {run.arms for run in load_scenario("prompt-proven-slower").benchmarks} == {("active",)}
