"""The data plane against an HTTP endpoint of the test's own, which counts connections."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mangaops.aws.opensearch_data import SearchDataPlane, vector_fields_of
from mangaops.errors import AwsError, AwsFault, AwsNotFound, AwsRejected, AwsThrottled
from mangaops.model.resources import VectorField
from support.canned_aws import aws_of


@dataclass(slots=True, kw_only=True)
class Collection:
    url: str
    status: int = 200
    body: str = '{"hits": {"hits": [{}, {}]}}'
    connections: int = 0
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def collection() -> Iterator[Collection]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            here.connections += 1

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            here.asked.append((self.command, self.path, dict(self.headers.items())))
            self.send_response(here.status)
            self.send_header("Content-Length", str(len(here.body)))
            self.end_headers()
            self.wfile.write(here.body.encode())

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Collection(url=f"http://127.0.0.1:{server.server_address[1]}")
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield here
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def data(collection: Collection) -> Iterator[SearchDataPlane]:
    with aws_of(collection.url) as aws:
        plane = SearchDataPlane(aws)
        yield plane
        plane.close()


def test_many_searches_share_one_connection(collection: Collection, data: SearchDataPlane) -> None:
    assert [data.search(collection.url, "a/b", {"query": {}}) for _ in range(20)] == [2] * 20
    assert collection.connections == 1
    method, path, headers = collection.asked[0]
    assert (method, path) == ("POST", "/a%2Fb/_search")
    assert "/aoss/aws4_request" in headers["Authorization"]
    assert "x-amz-content-sha256" in headers["Authorization"]


def test_closed_connections_are_opened_anew(collection: Collection, data: SearchDataPlane) -> None:
    data.search(collection.url, "a", {})
    data.close()
    data.search(collection.url, "a", {})
    assert collection.connections == 2


def test_a_search_that_ran_out_of_time_is_a_fault(
    collection: Collection, data: SearchDataPlane
) -> None:
    collection.body = '{"timed_out": true, "hits": {"hits": []}}'
    with pytest.raises(AwsFault, match="its time limit"):
        data.search(collection.url, "a", {})


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, AwsRejected), (404, AwsNotFound), (429, AwsThrottled), (503, AwsFault)],
)
def test_a_refusal_says_who_can_act_on_it(
    collection: Collection, data: SearchDataPlane, status: int, kind: type[AwsError]
) -> None:
    collection.status = status
    with pytest.raises(AwsError) as refused:
        data.search(collection.url, "a", {})
    assert type(refused.value) is kind


@pytest.mark.parametrize("body", ["[]", '{"hits": 3}', '{"hits": {"hits": 3}}', "{}"])
def test_an_answer_of_another_form_has_no_hits(
    collection: Collection, data: SearchDataPlane, body: str
) -> None:
    collection.body = body
    assert data.search(collection.url, "a", {}) == 0


def test_vector_fields_are_found_inside_of_objects_and_not_inside_of_nested_ones() -> None:
    vector = {"type": "knn_vector", "dimension": 8}
    properties: dict[str, Any] = {
        "title": {"type": "text"},
        "z": vector,
        "bits": {**vector, "data_type": "binary"},
        "made": {"type": "knn_vector", "model_id": "m"},
        "parts": {"type": "nested", "properties": {"v": vector}},
        "product": {"properties": {"v": vector}},
    }
    body = json.dumps({"index-1": {"mappings": {"properties": properties}}})
    assert vector_fields_of(body) == (
        VectorField(name="bits", dimension=8, kind="binary"),
        VectorField(name="made", dimension=None, kind="float"),
        VectorField(name="product.v", dimension=8, kind="float"),
        VectorField(name="z", dimension=8, kind="float"),
    )


@pytest.mark.parametrize("body", ["{}", "[]", '{"a": 1}', '{"a": {"mappings": {}}}'])
def test_an_index_without_vectors_has_none(body: str) -> None:
    assert vector_fields_of(body) == ()
