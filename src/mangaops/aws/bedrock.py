"""Bedrock's control plane: inference profiles and the life of foundation models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.model.resources import ModelLifecycle

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient


class BedrockGateway:
    """`region` None is the environment's own."""

    def __init__(self, aws: Aws, region: str | None = None) -> None:
        self._aws = aws
        self._region = region

    @property
    def _client(self) -> BedrockClient:
        client: BedrockClient = self._aws.client("bedrock", region=self._region)
        return client

    def prepare(self) -> None:
        """Builds the client, so that the first call need not."""
        _ = self._client

    def profile_models(self, profile: str) -> tuple[str, ...]:
        """Base model ids behind an inference profile. Raises AwsNotFound when there is none."""
        with translated("bedrock:GetInferenceProfile"):
            answer = self._client.get_inference_profile(inferenceProfileIdentifier=profile)
        ids = [model.get("modelArn", "").rsplit("/", 1)[-1] for model in answer["models"]]
        return tuple(dict.fromkeys(ids))

    def lifecycle(self, base_id: str) -> ModelLifecycle:
        """Raises AwsNotFound when this region has no such model (any more)."""
        with translated("bedrock:GetFoundationModel"):
            answer = self._client.get_foundation_model(modelIdentifier=base_id)
        life = answer["modelDetails"].get("modelLifecycle")
        return ModelLifecycle(
            status=life["status"] if life else "ACTIVE",
            end_of_life=life.get("endOfLifeTime") if life else None,
        )
