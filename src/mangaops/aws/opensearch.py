"""OpenSearch Serverless: collections and their capacity, and an index's settings.

Capacity comes from the control plane. Settings come from the collection's own
endpoint, which wants a SigV4 signature for the service `aoss` and, besides the IAM
action `aoss:APIAccessAll`, a data access policy that names the caller.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.errors import (
    AwsDenied,
    AwsError,
    AwsNotFound,
    AwsRejected,
    AwsThrottled,
)
from mangaops.model.resources import Collection, CollectionGroup

if TYPE_CHECKING:
    from mypy_boto3_opensearchserverless import OpenSearchServiceServerlessClient
    from mypy_boto3_opensearchserverless.type_defs import CollectionGroupDetailTypeDef

_EF_SEARCH = "index.knn.algo_param.ef_search"
_SETTINGS = "aoss:APIAccessAll"
_NO_BODY = hashlib.sha256(b"").hexdigest()
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0


class SearchGateway:
    """The control plane."""

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

    def account_max_search(self) -> float | None:
        """The most search OCU of all collections without a group; None when AWS tells none."""
        with translated("aoss:GetAccountSettings"):
            answer = self._client.get_account_settings()
        limits = answer.get("accountSettingsDetail", {}).get("capacityLimits", {})
        return limits.get("maxSearchCapacityInOCU")


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
    )


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


class SearchDataPlane:
    """Reads from a collection's own endpoint."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def ef_search(self, endpoint: str, index: str) -> float | None:
        """`index.knn.algo_param.ef_search` of the index; None when the index leaves it unset."""
        url = f"{endpoint.rstrip('/')}/{quote(index, safe='')}/_settings"
        status, body = self._get(url)
        if status != 200:
            raise _refusal(status, body, index)
        return ef_search_of(body)

    def _get(self, url: str) -> tuple[int, str]:
        """Status and text of a signed GET. URLLib3Session checks certificates as botocore does."""
        from botocore.auth import SigV4Auth  # noqa: PLC0415 - 0.1 s
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - 0.1 s
        from botocore.httpsession import URLLib3Session  # noqa: PLC0415 - 0.1 s

        # aoss, unlike other services, wants the hash of the body as a signed header
        request = AWSRequest(method="GET", url=url, headers={"X-Amz-Content-SHA256": _NO_BODY})
        SigV4Auth(self._aws.credentials(), "aoss", self._aws.region).add_auth(request)
        timeout: Any = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)  # the stubs know only one number
        session = URLLib3Session(timeout=timeout)
        self._aws.calls.count(_SETTINGS)
        try:
            with translated(_SETTINGS):
                answer = session.send(request.prepare())
                return answer.status_code, answer.text
        finally:
            session.close()


def _refusal(status: int, body: str, index: str) -> AwsError:
    text = f"the collection's endpoint answered {status}: {body.strip()[:200] or 'no text'}"
    match status:
        case 401 | 403:
            hint = "allow aoss:APIAccessAll and add the caller to the data access policy"
            return AwsDenied(text, operation=_SETTINGS, code=str(status), hint=hint)
        case 404:
            return AwsNotFound(
                f"the collection has no index {index}",
                operation=_SETTINGS,
                code="404",
                hint="set resources.index in mangaops.yaml",
            )
        case 429:
            return AwsThrottled(text, operation=_SETTINGS, code="429")
        case _:
            return AwsRejected(text, operation=_SETTINGS, code=str(status))


def ef_search_of(body: str) -> float | None:
    """The setting out of `GET index/_settings`, written nested or with dots, as text or number."""
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise AwsRejected(
            "the collection's endpoint did not answer with JSON", operation=_SETTINGS
        ) from error
    indexes = answer.values() if isinstance(answer, dict) else ()
    for index in indexes:
        settings = index.get("settings") if isinstance(index, dict) else None
        found = _flat(settings).get(_EF_SEARCH) if isinstance(settings, dict) else None
        if found is not None:
            return _number(found)
    return None


def _flat(settings: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """`{"index": {"knn.x": 1}}` and any other mixture as `{"index.knn.x": 1}`."""
    flat: dict[str, object] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number
