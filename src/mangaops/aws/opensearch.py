"""OpenSearch Serverless, the control plane: collections and their capacity.

Indexes are asked at the collection's own endpoint: see `opensearch_data`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.errors import AwsError, AwsNotFound
from mangaops.model.resources import AccountLimits, Collection, CollectionGroup

if TYPE_CHECKING:
    from mypy_boto3_opensearchserverless import OpenSearchServiceServerlessClient
    from mypy_boto3_opensearchserverless.type_defs import (
        CollectionGroupDetailTypeDef,
        CollectionSummaryTypeDef,
    )


class SearchGateway:
    """Reads only; `opensearch_changes` adds what changes something."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> OpenSearchServiceServerlessClient:
        client: OpenSearchServiceServerlessClient = self._aws.client("opensearchserverless")
        return client

    def prepare(self) -> None:
        """Builds the client, so that the first call need not."""
        _ = self._client

    def collection(self, name: str) -> Collection:
        """Raises AwsNotFound when there is none of this name."""
        with translated("aoss:BatchGetCollection"):
            answer = self._client.batch_get_collection(names=[name])
        for found in answer.get("collectionDetails", []):
            return Collection(
                id=found.get("id", ""),
                name=found.get("name", name),
                status=found.get("status", ""),
                endpoint=found.get("collectionEndpoint"),
                group=found.get("collectionGroupName"),
            )
        errors = answer.get("collectionErrorDetails", [])
        raise _absent("collection", name, "aoss:BatchGetCollection", errors)

    def group(self, name: str) -> CollectionGroup:
        """Raises AwsNotFound when there is none of this name."""
        with translated("aoss:BatchGetCollectionGroup"):
            answer = self._client.batch_get_collection_group(names=[name])
        for found in answer.get("collectionGroupDetails", []):
            return _group(found, name)
        errors = answer.get("collectionGroupErrorDetails", [])
        raise _absent("collection_group", name, "aoss:BatchGetCollectionGroup", errors)

    def collections(self) -> tuple[Collection, ...]:
        """All of the account and region, without their endpoints, by name."""
        found: list[Collection] = []
        asked: dict[str, str] = {}
        while True:
            with translated("aoss:ListCollections"):
                page = self._client.list_collections(**asked)  # type: ignore[arg-type]
            found += [_listed(each) for each in page.get("collectionSummaries", [])]
            if not page.get("nextToken"):
                return tuple(sorted(found, key=lambda each: each.name))
            asked["nextToken"] = page["nextToken"]

    def account_limits(self) -> AccountLimits:
        """What all collections without a group may use; a limit that AWS does not tell is None."""
        with translated("aoss:GetAccountSettings"):
            answer = self._client.get_account_settings()
        limits = answer.get("accountSettingsDetail", {}).get("capacityLimits", {})
        return AccountLimits(
            max_search=limits.get("maxSearchCapacityInOCU"),
            max_indexing=limits.get("maxIndexingCapacityInOCU"),
        )

    def account_max_search(self) -> float | None:
        """The most search OCU of all collections without a group; None when AWS tells none."""
        return self.account_limits().max_search


def _listed(found: CollectionSummaryTypeDef) -> Collection:
    return Collection(
        id=found.get("id", ""),
        name=found.get("name", ""),
        status=found.get("status", ""),
        endpoint=None,
        group=found.get("collectionGroupName"),
    )


def _group(found: CollectionGroupDetailTypeDef, name: str) -> CollectionGroup:
    limits = found.get("capacityLimits", {})
    return CollectionGroup(
        name=found.get("name", name),
        min_search=limits.get("minSearchCapacityInOCU"),
        max_search=limits.get("maxSearchCapacityInOCU"),
        min_indexing=limits.get("minIndexingCapacityInOCU"),
        max_indexing=limits.get("maxIndexingCapacityInOCU"),
        current_search=found.get("currentCapacity", {}).get("search", {}).get("capacityInOcu"),
        generation=found.get("generation"),
        id=found.get("id", ""),
        stack=_stack(found),
    )


def _stack(found: CollectionGroupDetailTypeDef) -> str | None:
    tags = {tag.get("key"): tag.get("value") for tag in found.get("tags", [])}
    return tags.get("aws:cloudformation:stack-name")


def _absent(
    setting: str, name: str, operation: str, errors: list[Mapping[str, str]] | object
) -> AwsError:
    first: Mapping[str, str] = errors[0] if isinstance(errors, list) and errors else {}
    return AwsNotFound(
        first.get("errorMessage") or f"OpenSearch Serverless has no {setting} named {name}",
        operation=operation,
        code=first.get("errorCode", "NOT_FOUND"),
        hint=f"set resources.{setting} in mangaops.yaml",
    )
