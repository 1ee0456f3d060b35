"""The faults of models in a scenario file are those of `ModelFault`, checked."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from mangaops.errors import InputError
from mangaops.sandbox.model_chaos import CHAOS, Reach
from mangaops.sandbox.model_faults import STREAM_ONLY, ModelFault, Where
from mangaops.sandbox.scenario import load_scenario
from mangaops.sandbox.scenario_faults import FaultPart
from mangaops.sandbox.scenario_models import Models, set_models
from mangaops.sandbox.services.bedrock_runtime import BedrockRuntimeState
from mangaops.sandbox.world import World

SCENARIO = """\
schema: mangaops.scenario/1
name: broken
title: Models that fail
runbook: none
expect: {status: healthy, diagnosis: none, verdict: none}
models:
  seed: 2
  faults:
"""


def write(folder: Path, *faults: str) -> None:
    lines = "".join(f"    - {fault}\n" for fault in faults)
    (folder / "broken.yaml").write_text(SCENARIO + lines, encoding="utf-8")


def test_a_scenario_scripts_the_faults_of_its_models(tmp_path: Path) -> None:
    write(
        tmp_path,
        '{chaos: throttled-with-hint, model: "*sonnet*"}',
        "{where: nothing, times: 3}",
        "{code: ServiceUnavailableException, region: eu-west-1, from_s: 10, for_s: 60}",
        "{where: output, stop_reason: tool_use, blocks: [{kind: tool_use, text: '{}'}]}",
    )
    world = World()
    set_models(world, load_scenario("broken", tmp_path).models)
    throttle, nothing, outage, tool = world.state(BedrockRuntimeState).faults
    assert (throttle,) == CHAOS["throttled-with-hint"].against("*sonnet*")
    assert (nothing.where, nothing.times) == (Where.NOTHING, 3)
    assert (outage.from_s, outage.for_s, outage.http_status) == (10, 60, 503)
    assert tool.blocks[0].name == "search_catalogue"
    set_models(world, Models(speed=0.5))
    assert len(world.state(BedrockRuntimeState).faults) == 4
    set_models(world, Models(faults=()))
    assert world.state(BedrockRuntimeState).faults == []


def test_a_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, "{where: stall}")
    with pytest.raises(InputError) as refused:
        load_scenario("broken", tmp_path)
    assert "needs delay_s" in refused.value.what
    assert "broken.yaml:9" in refused.value.where


def test_a_file_can_say_all_that_a_fault_can() -> None:
    own = {field.name: field.default for field in fields(ModelFault)}
    told = {name: field.default for name, field in FaultPart.model_fields.items()}
    assert told.pop("chaos") is None
    assert told == own


@pytest.mark.parametrize("name", CHAOS)
def test_a_named_fault_is_said_truthfully(name: str) -> None:
    chaos = CHAOS[name]
    assert chaos.name == name
    assert 0 < len(chaos.summary) < 60
    assert bool(chaos.faults) == (chaos.reach is Reach.SERVED)
    assert chaos.streams == any(fault.where in STREAM_ONLY for fault in chaos.faults)
