from __future__ import annotations

from datetime import timedelta

import pytest

from mangaops.sandbox.services import bedrock
from mangaops.sandbox.services.bedrock import HAIKU, SONNET, BedrockState
from mangaops.sandbox.world import World
from support.overlay_calls import NOON, Caller, StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def world(clock: StandingClock) -> World:
    return World(clock=clock)


@pytest.fixture
def call(world: World) -> Caller:
    return Caller(world, "bedrock", bedrock.OPERATIONS)


@pytest.mark.parametrize("model", [SONNET, HAIKU])
def test_the_models_of_mangaassist_are_active(call: Caller, model: str) -> None:
    details = call("GetFoundationModel", modelIdentifier=model)["modelDetails"]
    assert details["modelId"] == model
    assert details["modelLifecycle"]["status"] == "ACTIVE"
    assert "endOfLifeTime" not in details["modelLifecycle"]


@pytest.mark.parametrize(
    "model",
    [
        "anthropic.claude-3-sonnet-20240229-v1:0",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "anthropic.claude-3-haiku-20240307-v1:0",
        "anthropic.claude-nothing",
    ],
)
def test_a_retired_model_is_not_found(call: Caller, model: str) -> None:
    fault = call.fault("GetFoundationModel", modelIdentifier=model)
    assert (fault.code, fault.status) == ("ResourceNotFoundException", 404)


def test_a_model_passes_from_active_over_legacy_to_gone(
    call: Caller, world: World, clock: StandingClock
) -> None:
    world.state(BedrockState).make_legacy(
        f"jp.{SONNET}",
        legacy_from=NOON + timedelta(days=1),
        end_of_life=NOON + timedelta(days=2),
    )

    def status() -> str:
        details = call("GetFoundationModel", modelIdentifier=SONNET)["modelDetails"]
        return str(details["modelLifecycle"]["status"])

    day = 24 * 3600
    assert status() == "ACTIVE"
    clock.move(day)
    assert status() == "LEGACY"
    clock.move(day)
    assert call.fault("GetFoundationModel", modelIdentifier=SONNET).status == 404
    profile = f"jp.{SONNET}"
    gone = call.fault("GetInferenceProfile", inferenceProfileIdentifier=profile)
    assert gone.code == "ResourceNotFoundException"


def test_profiles_tell_the_regions_that_they_route_to(call: Caller) -> None:
    profile = call("GetInferenceProfile", inferenceProfileIdentifier=f"jp.{HAIKU}")
    assert [each["modelArn"] for each in profile["models"]] == [
        f"arn:aws:bedrock:ap-northeast-1::foundation-model/{HAIKU}",
        f"arn:aws:bedrock:ap-northeast-3::foundation-model/{HAIKU}",
    ]
    by_arn = call("GetInferenceProfile", inferenceProfileIdentifier=profile["inferenceProfileArn"])
    assert by_arn == profile
    names = {
        each["inferenceProfileId"]
        for each in call("ListInferenceProfiles")["inferenceProfileSummaries"]
    }
    assert {f"jp.{SONNET}", f"global.{SONNET}", f"jp.{HAIKU}", f"global.{HAIKU}"} <= names
    own = call("ListInferenceProfiles", typeEquals="APPLICATION")
    assert own["inferenceProfileSummaries"] == []


def test_models_are_listed_by_provider(call: Caller) -> None:
    names = [each["modelId"] for each in call("ListFoundationModels")["modelSummaries"]]
    assert SONNET in names
    assert "anthropic.claude-3-haiku-20240307-v1:0" not in names
    amazon = call("ListFoundationModels", byProvider="Amazon", byOutputModality="TEXT")
    assert [each["modelId"] for each in amazon["modelSummaries"]] == ["amazon.nova-pro-v1:0"]
