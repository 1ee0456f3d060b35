"""OpenSearch Serverless: the control plane, and the endpoint that it names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from mangaops.sandbox.control import Running

GROUP = "mangaassist-search"


@pytest.fixture
def search(sandbox: Running, client: Callable[..., Any]) -> Callable[..., tuple[int, Any]]:
    """Requests to the collection's own endpoint, signed for aoss unless said otherwise."""
    (collection,) = client("opensearchserverless").batch_get_collection(names=["manga-products"])[
        "collectionDetails"
    ]
    http = urllib3.PoolManager()

    def ask(method: str, path: str, body: Any = None, service: str = "aoss") -> tuple[int, Any]:
        data = None if body is None else json.dumps(body)
        url = f"{collection['collectionEndpoint']}{path}"
        request = AWSRequest(method=method, url=url, data=data)
        credentials = Credentials(sandbox.access_key, sandbox.secret_key)
        SigV4Auth(credentials, service, sandbox.region).add_auth(request)
        answer = http.request(method, url, body=data, headers=dict(request.headers.items()))
        return answer.status, json.loads(answer.data)

    return ask


def test_settings_are_read_and_written_over_the_endpoint(
    search: Callable[..., tuple[int, Any]],
) -> None:
    flat = "/manga-products/_settings?flat_settings=true"
    name = "index.knn.algo_param.ef_search"
    change = {"index": {"knn.algo_param.ef_search": 512}}
    assert search("PUT", "/manga-products/_settings", change) == (200, {"acknowledged": True})
    _, body = search("GET", flat)
    assert body["manga-products"]["settings"][name] == "512"
    search("PUT", "/manga-products/_settings", {name: 256})
    _, body = search("GET", "/manga-products/_settings")
    assert body["manga-products"]["settings"]["index"]["knn.algo_param"] == {"ef_search": "256"}


def test_the_endpoint_refuses_other_signatures_and_unknown_paths(
    search: Callable[..., tuple[int, Any]],
) -> None:
    assert search("GET", "/manga-products/_settings", service="es")[0] == 403
    assert search("GET", "/_cluster/health")[0] == 404
    assert search("GET", "/nothing/_settings")[0] == 404


def test_a_search_says_what_it_took(search: Callable[..., tuple[int, Any]]) -> None:
    query = {"size": 2, "query": {"knn": {"embedding": {"vector": [0.5] * 1024, "k": 2}}}}
    status, body = search("POST", "/manga-products/_search", query)
    assert (status, len(body["hits"]["hits"])) == (200, 2)
    assert body["took"] > 0


def test_the_cli_updates_a_group_and_what_it_leaves_out_is_reset(
    client: Callable[..., Any], aws_cli: Callable[..., Any]
) -> None:
    aoss = client("opensearchserverless")
    limits = {
        "minSearchCapacityInOCU": 2,
        "maxSearchCapacityInOCU": 16,
        "minIndexingCapacityInOCU": 2,
        "maxIndexingCapacityInOCU": 16,
    }
    made = aoss.create_collection_group(
        name="test-group", standbyReplicas="ENABLED", capacityLimits=limits
    )["createCollectionGroupDetail"]
    words = ("--id", made["id"], "--capacity-limits", "minSearchCapacityInOCU=8")
    shown = aws_cli("opensearchserverless", "update-collection-group", *words)
    assert shown["updateCollectionGroupDetail"]["capacityLimits"] == {
        "minSearchCapacityInOCU": 8.0,
        "maxSearchCapacityInOCU": 96.0,
        "minIndexingCapacityInOCU": 1.0,
        "maxIndexingCapacityInOCU": 96.0,
    }
    with pytest.raises(ClientError, match="Invalid value 6"):
        aoss.update_collection_group(id=made["id"], capacityLimits={"minSearchCapacityInOCU": 6})
    aoss.delete_collection_group(id=made["id"])


def test_the_cli_and_boto3_see_the_same_group(
    client: Callable[..., Any], aws_cli: Callable[..., Any]
) -> None:
    shown = aws_cli("opensearchserverless", "batch-get-collection-group", "--names", GROUP)
    read = client("opensearchserverless").batch_get_collection_group(names=[GROUP])
    assert shown["collectionGroupDetails"] == read["collectionGroupDetails"]
    assert read["collectionGroupDetails"][0]["capacityLimits"] == {
        "minSearchCapacityInOCU": 2.0,
        "maxSearchCapacityInOCU": 16.0,
        "minIndexingCapacityInOCU": 2.0,
        "maxIndexingCapacityInOCU": 16.0,
    }
    settings = aws_cli("opensearchserverless", "get-account-settings")
    assert settings["accountSettingsDetail"]["capacityLimits"]["maxSearchCapacityInOCU"] == 10
