"""The Bedrock control plane: foundation models by the clock, and inference profiles.

A model is ACTIVE until its legacy date, LEGACY until its end of life and unknown after
it, on the control plane too; so are its profiles. Known cost: application profiles,
agents, guardrails and provisioned throughput are not served.

For scenarios (`bedrock = world.state(BedrockState)`):

    bedrock.retire("anthropic.claude-sonnet-4-6", at=...)
    bedrock.make_legacy("anthropic.claude-sonnet-4-6", legacy_from=..., end_of_life=...)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given, regional_arn
from mangaops.sandbox.world import World

SONNET = "anthropic.claude-sonnet-4-6"
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
SCOPES: Mapping[str, tuple[str, ...]] = {
    "jp": ("ap-northeast-1", "ap-northeast-3"),
    "global": ("ap-northeast-1", "us-east-1", "us-west-2", "eu-west-1"),
}
"""The prefix of a profile -> the regions that it routes to (for global: some of them)."""
LISTED_A_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A foundation model. `scopes` are the profiles that reach it; `on_demand` needs none."""

    id: str
    name: str
    released: datetime
    provider: str = "Anthropic"
    scopes: tuple[str, ...] = ()
    on_demand: bool = False
    inputs: tuple[str, ...] = ("TEXT", "IMAGE")
    outputs: tuple[str, ...] = ("TEXT",)
    context_tokens: int = 200_000
    legacy_from: datetime | None = None
    end_of_life: datetime | None = None

    def is_gone(self, now: datetime) -> bool:
        return self.end_of_life is not None and self.end_of_life <= now


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _models() -> tuple[Model, ...]:
    """Those of MangaAssist, some that stand beside them, and four that are past their end."""
    claude = (
        (SONNET, "Claude Sonnet 4.6", "2026-02-17"),
        (HAIKU, "Claude Haiku 4.5", "2025-10-15"),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5", "2025-09-29"),
    )
    profiled = (
        Model(id=model, name=name, released=_day(day), scopes=("jp", "global"))
        for model, name, day in claude
    )
    return (*profiled, *_amazon_models(), *_ended_models())


def _amazon_models() -> tuple[Model, ...]:
    return (
        Model(
            id="amazon.nova-pro-v1:0",
            name="Nova Pro",
            provider="Amazon",
            released=_day("2024-12-03"),
            on_demand=True,
        ),
        Model(
            id="amazon.titan-embed-text-v2:0",
            name="Titan Embeddings V2",
            provider="Amazon",
            released=_day("2024-04-30"),
            on_demand=True,
            inputs=("TEXT",),
            outputs=("EMBEDDING",),
        ),
    )


def _ended_models() -> tuple[Model, ...]:
    ended = (
        ("claude-3-sonnet-20240229-v1:0", "2026-07-30"),
        ("claude-3-5-sonnet-20241022-v2:0", "2026-07-30"),
        ("claude-3-haiku-20240307-v1:0", "2026-09-10"),
        ("claude-sonnet-4-20250514-v1:0", "2026-10-14"),
    )
    return tuple(
        Model(
            id=f"anthropic.{name}",
            name="Claude",
            released=_day("2024-03-04"),
            end_of_life=_day(end),
            on_demand=True,
        )
        for name, end in ended
    )


class BedrockState:
    """The models by base id; the same in every region."""

    def __init__(self, world: World) -> None:
        del world
        self.models = {model.id: model for model in _models()}

    def retire(self, model_id: str, *, at: datetime) -> None:
        """End a model's life at this time (a base id or a profile id)."""
        base = base_id(model_id)
        self.models[base] = replace(self.models[base], end_of_life=at)

    def make_legacy(
        self, model_id: str, *, legacy_from: datetime, end_of_life: datetime | None = None
    ) -> None:
        base = base_id(model_id)
        self.models[base] = replace(
            self.models[base], legacy_from=legacy_from, end_of_life=end_of_life
        )


def base_id(model_id: str) -> str:
    """A profile id or any ARN of a model, as the id of its foundation model."""
    name = model_id.rpartition("/")[2]
    prefix, _, rest = name.partition(".")
    return rest if prefix in SCOPES else name


def get_model(world: World, call: Call) -> Mapping[str, Any]:
    wanted = call.params["modelIdentifier"].rpartition("/")[2]
    model = world.state(BedrockState).models.get(wanted)
    if model is None or model.is_gone(world.now()):
        message = "Could not resolve the foundation model from the provided model identifier."
        raise Fault("ResourceNotFoundException", message, 404)
    return {"modelDetails": _model(call, model, world.now())}


def list_models(world: World, call: Call) -> Mapping[str, Any]:
    params, now = call.params, world.now()
    inference = params.get("byInferenceType")
    return {
        "modelSummaries": [
            _model(call, model, now)
            for model in world.state(BedrockState).models.values()
            if not model.is_gone(now)
            and params.get("byProvider", model.provider).lower() == model.provider.lower()
            and params.get("byOutputModality", model.outputs[0]) in model.outputs
            and "byCustomizationType" not in params
            and (inference is None or (inference == "ON_DEMAND" and model.on_demand))
        ]
    }


def list_profiles(world: World, call: Call) -> Mapping[str, Any]:
    params = call.params
    profiles = list(_profiles(world, call))
    if params.get("typeEquals") == "APPLICATION":
        profiles = []
    refusal = Fault("ValidationException", "The provided token is invalid.")
    size = params.get("maxResults", LISTED_A_PAGE)
    page, token = page_of(profiles, params.get("nextToken"), size, refusal)
    return given({"inferenceProfileSummaries": page, "nextToken": token})


def get_profile(world: World, call: Call) -> Mapping[str, Any]:
    wanted = call.params["inferenceProfileIdentifier"].rpartition("/")[2]
    for profile in _profiles(world, call):
        if profile["inferenceProfileId"] == wanted:
            return profile
    message = f"Inference profile {wanted} not found"
    raise Fault("ResourceNotFoundException", message, 404)


def _profiles(world: World, call: Call) -> Iterator[dict[str, Any]]:
    if not world.is_home(call.region):
        return
    for model in world.state(BedrockState).models.values():
        for scope in model.scopes if not model.is_gone(world.now()) else ():
            name = f"{scope}.{model.id}"
            yield {
                "inferenceProfileName": f"{scope.upper()} {model.name.replace('.', ' ')}",
                "description": f"Routes requests to {model.name} in {scope} regions.",
                "createdAt": model.released,
                "updatedAt": model.released,
                "inferenceProfileArn": regional_arn(call, "bedrock", f"inference-profile/{name}"),
                "models": [
                    {"modelArn": f"arn:aws:bedrock:{region}::foundation-model/{model.id}"}
                    for region in SCOPES[scope]
                ],
                "inferenceProfileId": name,
                "status": "ACTIVE",
                "type": "SYSTEM_DEFINED",
            }


def _model(call: Call, model: Model, now: datetime) -> dict[str, Any]:
    legacy = model.legacy_from is not None and model.legacy_from <= now
    lifecycle = given(
        {
            "status": "LEGACY" if legacy else "ACTIVE",
            "startOfLifeTime": model.released,
            "legacyTime": model.legacy_from,
            "endOfLifeTime": model.end_of_life,
        }
    )
    return {
        "modelArn": f"arn:aws:bedrock:{call.region}::foundation-model/{model.id}",
        "modelId": model.id,
        "modelName": model.name,
        "providerName": model.provider,
        "inputModalities": list(model.inputs),
        "outputModalities": list(model.outputs),
        "responseStreamingSupported": model.outputs == ("TEXT",),
        "customizationsSupported": [],
        # Models behind profiles are INFERENCE_PROFILE, which botocore's model does not know.
        "inferenceTypesSupported": ["ON_DEMAND"] if model.on_demand else [],
        "modelLifecycle": lifecycle,
    }


OPERATIONS: Mapping[str, Handler] = {
    "GetFoundationModel": get_model,
    "ListFoundationModels": list_models,
    "ListInferenceProfiles": list_profiles,
    "GetInferenceProfile": get_profile,
}
