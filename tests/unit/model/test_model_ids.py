"""Every kind of id that a call may name a model with says the same of it."""

from __future__ import annotations

import pytest

from mangaops.model.model_ids import GEOGRAPHIES, base_id_of, is_opaque, is_profile

SONNET = "anthropic.claude-sonnet-4-6"
HAIKU = "anthropic.claude-3-haiku-20240307-v1:0"
_ARN = "arn:aws:bedrock:us-east-1:123456789012"


@pytest.mark.parametrize(
    ("model_id", "base", "profile"),
    [
        (SONNET, SONNET, False),
        *((f"{geography}.{SONNET}", SONNET, True) for geography in GEOGRAPHIES),
        (f"mars.{SONNET}", f"mars.{SONNET}", False),
        (f"jp.us.{SONNET}", f"us.{SONNET}", True),
        (f"arn:aws:bedrock:ap-northeast-1::foundation-model/{SONNET}", SONNET, False),
        (f"arn:aws:bedrock:::foundation-model/{SONNET}", SONNET, False),
        (f"arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/{HAIKU}", HAIKU, False),
        (f"{_ARN}:inference-profile/us.{HAIKU}", HAIKU, True),
        (f"{_ARN}:application-inference-profile/abc", "abc", True),
        (f"{HAIKU}:200k", HAIKU, False),
        (f"{HAIKU}:200k\n", f"{HAIKU}:200k\n", False),
        ("", "", False),
    ],
)
def test_the_base_model_is_in_the_id(model_id: str, base: str, profile: bool) -> None:
    assert (base_id_of(model_id), is_profile(model_id)) == (base, profile)


@pytest.mark.parametrize(
    ("model_id", "opaque"),
    [
        (f"{_ARN}:application-inference-profile/a1b2c3", True),
        (f"{_ARN}:provisioned-model/abc", True),
        (f"{_ARN}:inference-profile/us.{SONNET}", False),
        (f"arn:aws:bedrock:us-east-1::foundation-model/{SONNET}", False),
        (f"jp.{SONNET}", False),
    ],
)
def test_only_some_arns_do_not_say_their_model(model_id: str, opaque: bool) -> None:
    assert is_opaque(model_id) is opaque
