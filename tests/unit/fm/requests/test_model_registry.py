"""Any id that names a model leads to what is known of it."""

from __future__ import annotations

import pytest

from mangaops.fm.requests.registry import Capability, ModelSpec, Registry
from support.fake_time import FakeClock

SONNET = "anthropic.claude-sonnet-4-6"
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
APPLICATION = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3"


@pytest.mark.parametrize(
    ("model_id", "base"),
    [
        (f"jp.{SONNET}", SONNET),
        (f"sa.{SONNET}", SONNET),
        (f"me-central.{SONNET}:200k", SONNET),
        (f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.{HAIKU}", HAIKU),
        ("anthropic.claude-3-haiku-20240307-v1:0:200k", "anthropic.claude-3-haiku-20240307-v1:0"),
    ],
)
def test_a_model_is_found_by_any_of_its_ids(model_id: str, base: str) -> None:
    found = Registry().of(model_id)
    assert found is not None
    assert found.base_id == base


@pytest.mark.parametrize(
    "model_id",
    [
        "",
        "claude",
        "mars.claude-9",
        f"{SONNET}\n",
        "anthropic.claude-9",
        f"jp.us.{SONNET}",
    ],
)
def test_an_unknown_model_is_none_and_is_called_other(model_id: str) -> None:
    assert Registry().of(model_id) is None
    assert Registry().name_of(model_id) == "other"


def test_an_application_profile_is_known_by_configuration() -> None:
    registry = Registry(profiles={APPLICATION: f"jp.{SONNET}"})
    assert registry.name_of(APPLICATION) == "sonnet"
    assert Registry().of(APPLICATION) is None


def test_an_application_profile_is_asked_for_once() -> None:
    asked: list[str] = []

    def resolve(arn: str) -> str | None:
        asked.append(arn)
        return f"arn:aws:bedrock:us-east-1::foundation-model/{HAIKU}" if "a1b2" in arn else None

    registry = Registry(resolve=resolve)
    unknown = APPLICATION.replace("a1b2c3", "zzz")
    assert [registry.name_of(APPLICATION) for _ in range(3)] == ["haiku"] * 3
    assert [registry.of(unknown) for _ in range(3)] == [None] * 3
    assert registry.of("anthropic.no-such-model") is None
    assert asked == [APPLICATION, unknown]


def test_a_look_up_that_failed_is_repeated_after_a_while() -> None:
    asked: list[str] = []
    answers: list[str | Exception | None] = [None, RuntimeError("throttled"), f"jp.{SONNET}"]
    clock = FakeClock()

    def resolve(arn: str) -> str | None:
        asked.append(arn)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    registry = Registry(resolve=resolve, clock=clock, pause=60.0)
    assert [registry.name_of(APPLICATION) for _ in range(3)] == ["other"] * 3
    clock.now += 60
    assert [registry.name_of(APPLICATION) for _ in range(3)] == ["other"] * 3
    clock.now += 60
    assert [registry.name_of(APPLICATION) for _ in range(3)] == ["sonnet"] * 3
    assert len(asked) == 3


def test_a_profile_that_leads_to_another_is_followed() -> None:
    other = APPLICATION.replace("a1b2c3", "zzz")
    assert Registry(profiles={"ours": other, other: HAIKU}).name_of("ours") == "haiku"
    by_call = Registry(profiles={"ours": other}, resolve=lambda _: HAIKU)
    assert by_call.name_of("ours") == "haiku"
    assert Registry(profiles={"ours": other, other: "ours"}).of("ours") is None


def test_a_model_can_be_registered_and_takes_nothing_that_is_not_said() -> None:
    own = ModelSpec(base_id="mine.model", name="mine", context_tokens=1000, max_output_tokens=100)
    registry = Registry([own])
    assert registry.of("jp.mine.model") is own
    assert registry.of(SONNET) is None
    assert not any(own.takes(capability) for capability in Capability)


def test_the_newest_models_take_a_temperature_or_top_p_and_sonnet_no_prefill() -> None:
    sonnet, haiku = Registry().of(SONNET), Registry().of(HAIKU)
    old = Registry().of("anthropic.claude-3-5-sonnet-20241022-v2:0")
    assert sonnet is not None
    assert haiku is not None
    assert old is not None
    for spec in (sonnet, haiku):
        assert spec.takes(Capability.TEMPERATURE)
        assert not spec.takes(Capability.TEMPERATURE_WITH_TOP_P)
    assert old.takes(Capability.TEMPERATURE_WITH_TOP_P)
    assert not sonnet.takes(Capability.PREFILL)
    assert haiku.takes(Capability.PREFILL)
