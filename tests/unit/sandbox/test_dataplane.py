from __future__ import annotations

import io
import json
from typing import Any

import pytest

from mangaops.sandbox.dataplane import DataPlane
from mangaops.sandbox.services import opensearchserverless
from mangaops.sandbox.services.opensearchserverless import EF_SEARCH, SearchState
from mangaops.sandbox.world import World
from support.overlay_calls import StandingClock

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/ap-northeast-1/{}/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0"
)


class Client:
    def __init__(self, world: World) -> None:
        self.slept: list[float] = []
        self.plane = DataPlane(world=world, sleep=self.slept.append)

    def __call__(
        self, method: str, path: str, body: Any = None, signing: str | None = "aoss"
    ) -> tuple[int, Any]:
        raw = b"" if body is None else json.dumps(body).encode()
        where, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": where,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.input": io.BytesIO(raw),
        }
        if signing is not None:
            environ["HTTP_AUTHORIZATION"] = SIGNED.format(signing)
        status: list[str] = []
        answered = self.plane(environ, lambda line, _headers, _error=None: status.append(line))
        content = b"".join(answered)
        return int(status[0].split()[0]), json.loads(content) if content else None


@pytest.fixture
def world() -> World:
    world = World(clock=StandingClock())
    opensearchserverless.seed(world)
    return world


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


def test_ef_search_is_nested_beside_the_setting_that_it_extends(client: Client) -> None:
    status, body = client("GET", "/manga-products/_settings")
    index = body["manga-products"]["settings"]["index"]
    assert status == 200
    assert index["knn"] == "true"
    assert index["knn.algo_param"] == {"ef_search": "256"}


def test_flat_settings_are_by_full_name(client: Client) -> None:
    _, body = client("GET", "/manga-products/_settings?flat_settings=true")
    assert body["manga-products"]["settings"][EF_SEARCH] == "256"


@pytest.mark.parametrize(
    "change",
    [
        {"index": {"knn.algo_param.ef_search": 512}},
        {"index.knn.algo_param.ef_search": 512},
        {"index": {"knn": {"algo_param": {"ef_search": 512}}}},
        {"settings": {"index": {"knn.algo_param": {"ef_search": "512"}}}},
        {"knn.algo_param.ef_search": 512},
    ],
)
def test_ef_search_is_set_in_every_form(client: Client, change: dict[str, Any]) -> None:
    assert client("PUT", "/manga-products/_settings", change) == (200, {"acknowledged": True})
    _, body = client("GET", "/manga-products/_settings?flat_settings=true")
    assert body["manga-products"]["settings"][EF_SEARCH] == "512"


def test_null_brings_the_default_back(client: Client, world: World) -> None:
    world.state(SearchState).indexes["manga-products"].settings[EF_SEARCH] = "1024"
    client("PUT", "/manga-products/_settings", {EF_SEARCH: None})
    assert world.state(SearchState).indexes["manga-products"].settings[EF_SEARCH] == "256"


@pytest.mark.parametrize(
    "change",
    [
        {"index.number_of_shards": 4},
        {"index.nothing": 1},
        {EF_SEARCH: "many"},
        {EF_SEARCH: 1},
        {},
    ],
)
def test_bad_settings_are_refused_and_change_nothing(
    client: Client, world: World, change: dict[str, Any]
) -> None:
    before = dict(world.state(SearchState).indexes["manga-products"].settings)
    status, body = client("PUT", "/manga-products/_settings", change)
    assert (status, body["status"]) == (400, 400)
    assert world.state(SearchState).indexes["manga-products"].settings == before


def test_the_mapping_tells_the_dimension(client: Client) -> None:
    _, body = client("GET", "/manga-products/_mapping")
    embedding = body["manga-products"]["mappings"]["properties"]["embedding"]
    assert embedding == {"type": "knn_vector", "dimension": 1024}


def test_a_search_takes_its_time_and_says_so(client: Client, world: World) -> None:
    world.state(SearchState).search_latency_ms = 1000.0
    world.state(SearchState).cold_ms = 0.0
    query = {"size": 3, "query": {"knn": {"embedding": {"vector": [0.1] * 1024, "k": 3}}}}
    status, body = client("POST", "/manga-products/_search", query)
    assert status == 200
    assert len(body["hits"]["hits"]) == 3
    assert 800 <= body["took"] <= 1200
    assert [round(seconds * 1000) for seconds in client.slept] == [body["took"]]


def test_a_vector_of_another_dimension_is_refused(client: Client) -> None:
    query = {"query": {"knn": {"embedding": {"vector": [0.1] * 3, "k": 3}}}}
    status, body = client("POST", "/manga-products/_search", query)
    assert status == 400
    assert body["error"]["reason"].endswith("Dimension should be: 1024")


def test_an_unknown_index_is_404_in_json(client: Client) -> None:
    status, body = client("GET", "/nothing/_settings")
    assert (status, body["error"]["type"]) == (404, "index_not_found_exception")


@pytest.mark.parametrize("path", ["/_cluster/health", "/_nodes", "/manga-products/_stats"])
def test_what_serverless_lacks_is_404(client: Client, path: str) -> None:
    assert client("GET", path)[0] == 404


@pytest.mark.parametrize("signing", [None, "es", "opensearch"])
def test_only_requests_signed_for_aoss_are_let_in(client: Client, signing: str | None) -> None:
    status, body = client("GET", "/manga-products/_settings", signing=signing)
    assert (status, body["error"]["type"]) == (403, "Forbidden")


def test_an_index_is_made_and_removed(client: Client) -> None:
    settings = {"settings": {"index": {"knn": True}}}
    assert client("PUT", "/other", settings)[0] == 200
    assert client("PUT", "/other", settings)[0] == 400
    _, body = client("GET", "/other/_settings?flat_settings=true")
    assert body["other"]["settings"]["index.knn"] == "true"
    assert client("DELETE", "/other") == (200, {"acknowledged": True})
    assert client("HEAD", "/other")[0] == 404


def test_a_body_that_is_no_json_is_400(client: Client) -> None:
    raw = b"{nope"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "PUT",
        "PATH_INFO": "/manga-products/_settings",
        "QUERY_STRING": "",
        "CONTENT_LENGTH": str(len(raw)),
        "wsgi.input": io.BytesIO(raw),
        "HTTP_AUTHORIZATION": SIGNED.format("aoss"),
    }
    status: list[str] = []
    client.plane(environ, lambda line, _headers, _error=None: status.append(line))
    assert status == ["400 Bad Request"]
