"""Remedies change the sandbox's world and its telemetry follows: AWS calls, and diagnoses."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mangaops.sandbox.recovery_format import Condition
from mangaops.sandbox.scenario import load_scenario
from support.recoveries import ONE_WAY, Circle, cases, circles
from support.scenario_runs import in_process

CASES = list(cases())


@pytest.fixture(scope="session")
def walked() -> Mapping[tuple[str, int], Circle]:
    return circles()


def condition_of(name: str, number: int) -> Condition:
    recovery = load_scenario(name).recovery
    assert recovery is not None
    return recovery.when[number]


@pytest.mark.parametrize(("name", "number"), CASES)
def test_an_incident_subsides_after_its_remedy_and_comes_back_with_the_undo(
    name: str, number: int, walked: Mapping[tuple[str, int], Circle]
) -> None:
    one_way = condition_of(name, number).model_fields_set & ONE_WAY
    end = "healthy" if one_way else "diagnosed"
    assert walked[name, number] == ("healthy", end)


def test_a_wrong_remedy_changes_nothing() -> None:
    with in_process("cold-connections") as (sandbox, ask):
        before = ask().document
        name = "/mangaassist/features/flash_sale_mode"
        sandbox.client("ssm").put_parameter(Name=name, Value="on", Overwrite=True)
        after = ask().document
    assert after["diagnosis"]["id"] == before["diagnosis"]["id"] == "bedrock-cold-connections"
