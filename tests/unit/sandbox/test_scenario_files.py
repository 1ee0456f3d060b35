from __future__ import annotations

from pathlib import Path

import pytest

from mangaops.errors import InputError
from mangaops.sandbox.scenario import load_scenario, scenario_names
from mangaops.sandbox.scenario_models import Models, set_models
from mangaops.sandbox.services.bedrock_runtime import BedrockRuntimeState
from mangaops.sandbox.telemetry.changes import Change
from mangaops.sandbox.telemetry.shapes import Latency
from mangaops.sandbox.world import World

HEAD = """schema: mangaops.scenario/1
name: {name}
title: A title
runbook: first-token
expect: {{status: diagnosed, diagnosis: bedrock-throttling, verdict: confirmed}}
"""


def write(folder: Path, name: str, body: str = "") -> None:
    (folder / f"{name}.yaml").write_text(HEAD.format(name=name) + body, encoding="utf-8")


def test_every_shipped_scenario_can_be_read() -> None:
    names = scenario_names()
    assert [load_scenario(name).name for name in names] == list(names)
    assert "cold-connections" in names


def test_an_extending_scenario_adds_lists_and_merges_sections(tmp_path: Path) -> None:
    write(tmp_path, "base", 'metrics: [{metric: "A:b", rate: 1}]\nlogs: {calls: {input: 2}}\n')
    own = 'extends: base\nmetrics: [{metric: "A:b", missing: true}]\nlogs: {calls: {output: 3}}\n'
    write(tmp_path, "own", own + 'faults: ["ssm:*=throttle"]\n')
    scenario = load_scenario("own", tmp_path)
    assert [part.rate for part in scenario.metrics] == [1, None]
    assert (scenario.logs.calls.input, scenario.logs.calls.output) == (2, 3)
    assert scenario.faults == ("ssm:*=throttle",)


def test_a_metric_part_is_a_change_from_its_own_moment_or_the_onset(tmp_path: Path) -> None:
    write(
        tmp_path,
        "own",
        'metrics:\n  - {metric: "A:b", where: {Intent: faq}, p50: 5, p95: 9}\n'
        '  - {metric: "A:b", since: 5m, factor: 2}\n  - {metric: "A:b", stops: 7m}\n'
        '  - {metric: "A:b", missing: true}\n',
    )
    parts = load_scenario("own", tmp_path).metrics
    assert [part.change(20, 80) for part in parts] == [
        Change(metric="A:b", where={"Intent": ("faq",)}, since=20, shape=Latency(p50=5, p95=9)),
        Change(metric="A:b", since=5, factor=2),
        Change(metric="A:b", since=7),
        Change(metric="A:b", since=80),
    ]


@pytest.mark.parametrize(
    ("body", "place", "told"),
    [
        ("metrics:\n  - {metric: 'A:b', levl: 3}\n", "own.yaml:7:", "levl"),
        ("metrics:\n  - {metric: 'A:b', rate: 1, level: 2}\n", "own.yaml:7:", "exactly one"),
        ("onset: soon\n", "own.yaml:6:8", "a duration is written"),
        ("models: {spede: 1}\n", "own.yaml:6:", "spede"),
        ("models: {paces: [{intent: a, version: b}]}\n", "own.yaml:6:", "first_token_ms"),
        ("title: again\n", "own.yaml:6:1", "title"),
        ("logs: {calls: {outputs: 1}}\n", "own.yaml:6:", "outputs"),
        ("extends: nothing-of-that-name\n", "", "no scenario is named"),
        ("extends: own\n", "own.yaml", "extends itself"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, body: str, place: str, told: str
) -> None:
    write(tmp_path, "own", body)
    with pytest.raises(InputError) as refused:
        load_scenario("own", tmp_path)
    assert told in refused.value.what
    assert place in refused.value.where


def test_an_unknown_name_suggests_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_scenario("cold-connection")
    assert refused.value.hint == 'did you mean "cold-connections"?'
    write(tmp_path, "other")
    (tmp_path / "other.yaml").rename(tmp_path / "renamed.yaml")
    with pytest.raises(InputError):
        load_scenario("renamed", tmp_path)


def test_models_are_paced_by_what_a_scenario_says_and_no_more(tmp_path: Path) -> None:
    write(
        tmp_path,
        "own",
        "models:\n  speed: 0.1\n  paces:\n    - {intent: faq, version: v2, first_token_ms: 300, "
        "tokens_per_s: 90, output_tokens: 120, slow_share: 0.08}\n",
    )
    write(tmp_path, "faster", "extends: own\nmodels: {speed: 0.02}\n")
    world = World()
    set_models(world, load_scenario("own", tmp_path).models)
    set_models(world, Models())
    state = world.state(BedrockRuntimeState)
    assert state.speed == 0.1
    assert (state.paces["faq", "v2"].slow_share, state.paces["faq", "v2"].slow_factor) == (0.08, 3)
    assert ("recommendation", "v2.1") in state.paces
    faster = load_scenario("faster", tmp_path).models
    assert (faster.speed, len(faster.paces)) == (0.02, 1)
