"""What the id of a model says: its base model, and whether it is an inference profile."""

from __future__ import annotations

import re

GEOGRAPHIES = ("us-gov", "us", "eu", "apac", "au", "jp", "ca", "global")
"""What may stand before a base id in the id of a cross-region inference profile."""

SHORT_NAMES = ("sonnet", "haiku")
"""Models whose id a parameter of the service says."""

_GEOGRAPHY = re.compile(rf"(?:{'|'.join(GEOGRAPHIES)})\.(?=.)")
_OPAQUE = re.compile(r"arn:[a-z-]+:bedrock:[a-z0-9-]*:\d*:(?!foundation-model/|inference-profile/)")
_CONTEXT = re.compile(r":\d+k\Z")
"""Some ids of provisioned throughput say their context (`...-v1:0:200k`)."""


def could_name_a_model(text: str) -> bool:
    """A short name, or an id with its vendor (`anthropic.claude...`), or an ARN."""
    if text in SHORT_NAMES:
        return True
    return not any(map(str.isspace, text)) and ("." in text or text.startswith("arn:"))


def name_of(model_id: str) -> str:
    """An id without the ARN around it."""
    return model_id.rpartition("/")[2]


def without_geography(name: str) -> str:
    """The id of a profile as that of the model behind it; any other as it is."""
    return _GEOGRAPHY.sub("", name, count=1) if _GEOGRAPHY.match(name) else name


def base_id_of(model_id: str) -> str:
    """The base model's id, as far as the id itself says it."""
    return _CONTEXT.sub("", without_geography(name_of(model_id)))


def is_profile(model_id: str) -> bool:
    """Whether it names an inference profile: by its geography, or by its ARN."""
    return bool(_GEOGRAPHY.match(model_id)) or "inference-profile/" in model_id


def is_application_profile(model_id: str) -> bool:
    """Whether it is the ARN of an inference profile that the account made for itself."""
    return is_opaque(model_id) and ":application-inference-profile/" in model_id


def is_opaque(model_id: str) -> bool:
    """Whether it is an ARN that does not say its model: only a look-up does."""
    return _OPAQUE.match(model_id) is not None
