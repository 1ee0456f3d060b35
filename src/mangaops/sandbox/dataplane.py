"""The data plane of OpenSearch Serverless: what `collectionEndpoint` leads to.

A WSGI application for a port of its own. Served: GET /, an index's settings (also
`flat_settings`), mapping and searches, and making and removing an index. As on
Serverless there is no cluster health; what is not served answers 404. A request needs
an Authorization header of Signature Version 4 for the service `aoss`; the signature
itself is not verified.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from mangaops.sandbox.index_settings import SettingError, check_update, flatten, nested
from mangaops.sandbox.services.opensearchserverless.state import (
    DEFAULT_EF_SEARCH,
    EF_SEARCH,
    Index,
    SearchState,
    drop_deleted,
)
from mangaops.sandbox.world import World

SCOPE = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/[^/]+/aoss/aws4_request")
DEFAULT_SIZE = 10
REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    parts: tuple[str, ...]
    options: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A status and a JSON document; `seconds` is how long the answer takes."""

    status: int
    body: Any
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPlane:
    """Serves the indexes of one world. `sleep` is called without the world's lock."""

    world: World
    sleep: Callable[[float], None]
    random: Random = field(default_factory=lambda: Random("search"))  # noqa: S311 - scores

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not SCOPE.match(environ.get("HTTP_AUTHORIZATION", "")):
            reply = forbidden()
        else:
            reply = self._reply(environ)
        if reply.seconds > 0:
            self.sleep(reply.seconds)
        body = b"" if reply.body is None else json.dumps(reply.body).encode()
        headers = [("Content-Type", "application/json; charset=UTF-8")]
        headers.append(("Content-Length", str(len(body))))
        start_response(f"{reply.status} {REASONS[reply.status]}", headers)
        return [body]

    def _reply(self, environ: WSGIEnvironment) -> Reply:
        try:
            request = _read(environ)
        except ValueError as broken:
            return refused("parse_exception", f"Failed to parse request body: {broken}")
        with self.world.lock:
            return self.answer(request)

    def answer(self, request: Request) -> Reply:
        """The answer to a request that was let in."""
        state = self.world.state(SearchState)
        drop_deleted(state, self.world.now())
        match request.method, request.parts:
            case (("GET" | "HEAD"), ()):
                return Reply(status=200, body=_banner())
            case _, (str(name), *rest) if not name.startswith("_"):
                return self._index(state, request, name, tuple(rest))
            case _:
                return not_supported(request)

    def _index(
        self, state: SearchState, request: Request, name: str, rest: tuple[str, ...]
    ) -> Reply:
        if (request.method, rest) == ("PUT", ()):
            return self._create(state, name, request.body)
        index = state.indexes.get(name)
        if index is None:
            return no_such_index(name)
        if (request.method, rest) == ("DELETE", ()):
            del state.indexes[name]
            return Reply(status=200, body={"acknowledged": True})
        if request.method in {"GET", "POST"} and rest == ("_search",):
            return self._search(state, index, request)
        return _about(index, request, rest)

    def _create(self, state: SearchState, name: str, body: Any) -> Reply:
        if name in state.indexes:
            reason = f"index [{name}] already exists"
            return refused("resource_already_exists_exception", reason)
        owner = next(reversed(state.collections.values()), None)
        if owner is None:
            return forbidden()
        asked = body if isinstance(body, Mapping) else {}
        settings = flatten(asked.get("settings", {}))
        state.indexes[name] = Index(
            name=name,
            collection=owner.id,
            settings={key: value for key, value in settings.items() if value is not None},
            mappings=dict(asked.get("mappings", {})),
            created_at=self.world.now(),
        )
        answer = {"acknowledged": True, "shards_acknowledged": True, "index": name}
        return Reply(status=200, body=answer)

    def _search(self, state: SearchState, index: Index, request: Request) -> Reply:
        body = request.body if isinstance(request.body, Mapping) else {}
        problem = _vector_problem(index, body)
        if problem is not None:
            return refused("search_phase_execution_exception", problem)
        size = int(body.get("size", request.options.get("size", DEFAULT_SIZE)))
        by_vector = "knn" in body.get("query", {})
        took = state.next_latency_ms(warms=by_vector) * self.random.uniform(0.8, 1.2)
        return Reply(status=200, body=_found(index, size, round(took)), seconds=took / 1000)


def _read(environ: WSGIEnvironment) -> Request:
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return Request(
        method=environ["REQUEST_METHOD"],
        parts=tuple(part for part in environ["PATH_INFO"].split("/") if part),
        options={name: values[-1] for name, values in query.items()},
        body=json.loads(raw) if raw.strip() else None,
    )


def _about(index: Index, request: Request, rest: tuple[str, ...]) -> Reply:
    """What an index says of itself, and the one thing about it that can be changed."""
    match request.method, rest:
        case "GET", ("_settings",):
            body: Mapping[str, Any] = {"settings": _settings(index, request)}
        case "GET", ("_mapping",) | ("_mappings",):
            body = {"mappings": index.mappings}
        case (("GET" | "HEAD"), ()):
            settings = _settings(index, request)
            body = {"aliases": {}, "mappings": index.mappings, "settings": settings}
        case "PUT", ("_settings",):
            return _update(index, request.body)
        case _:
            return not_supported(request)
    return Reply(status=200, body=None if request.method == "HEAD" else {index.name: body})


def _settings(index: Index, request: Request) -> Mapping[str, Any]:
    created = str(int(index.created_at.timestamp() * 1000))
    flat = {**index.settings, "index.creation_date": created, "index.provided_name": index.name}
    is_flat = request.options.get("flat_settings", "false") in {"", "true"}
    return dict(sorted(flat.items())) if is_flat else nested(flat)


def _update(index: Index, body: Any) -> Reply:
    if not isinstance(body, Mapping) or not body:
        return refused("action_request_validation_exception", "no settings to update")
    inner = body.get("settings", body)
    changes = flatten(inner if isinstance(inner, Mapping) else {})
    try:
        check_update(changes)
    except SettingError as wrong:
        return refused("illegal_argument_exception", str(wrong))
    for name, value in changes.items():
        if value is not None:
            index.settings[name] = value
        elif name == EF_SEARCH:
            index.settings[name] = DEFAULT_EF_SEARCH
        else:
            index.settings.pop(name, None)
    return Reply(status=200, body={"acknowledged": True})


def _vector_problem(index: Index, body: Mapping[str, Any]) -> str | None:
    """What is wrong with a k-NN query, or None; other queries are taken as they are."""
    asked = body.get("query", {}).get("knn", {})
    for field_name, query in asked.items():
        mapping = index.mappings.get("properties", {}).get(field_name, {})
        if mapping.get("type") != "knn_vector":
            return f"Field '{field_name}' is not knn_vector type."
        wanted, got = mapping["dimension"], len(query.get("vector", []))
        if wanted != got:
            return f"Query vector has invalid dimension: {got}. Dimension should be: {wanted}"
    return None


def _found(index: Index, size: int, took: int) -> dict[str, Any]:
    hits = [
        {
            "_index": index.name,
            "_id": f"{index.name}-{number:04d}",
            "_score": round(0.93 - 0.01 * number, 4),
            "_source": {"product_id": f"manga-{number:04d}", "title": f"Manga {number}"},
        }
        for number in range(1, size + 1)
    ]
    return {
        "took": took,
        "timed_out": False,
        "_shards": {"total": 0, "successful": 0, "skipped": 0, "failed": 0},
        "hits": {
            "total": {"value": len(hits), "relation": "eq"},
            "max_score": hits[0]["_score"] if hits else None,
            "hits": hits,
        },
    }


def _banner() -> dict[str, Any]:
    version = {"distribution": "opensearch", "number": "2.0.0"}
    return {"name": "serverless", "version": version, "tagline": "OpenSearch Serverless"}


def forbidden() -> Reply:
    """What Serverless says to a request that it does not let in."""
    error = {"reason": "403 Forbidden", "type": "Forbidden"}
    return Reply(status=403, body={"status": 403, "error": error})


def refused(kind: str, reason: str) -> Reply:
    error = {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason}
    return Reply(status=400, body={"error": error, "status": 400})


def no_such_index(name: str) -> Reply:
    cause = {
        "type": "index_not_found_exception",
        "reason": f"no such index [{name}]",
        "index": name,
        "resource.id": name,
        "resource.type": "index_or_alias",
    }
    return Reply(status=404, body={"error": {"root_cause": [cause], **cause}, "status": 404})


def not_supported(request: Request) -> Reply:
    path = "/".join(("", *request.parts))
    reason = f"{request.method} {path} is not supported by OpenSearch Serverless"
    error = {"reason": reason, "type": "unsupported_operation"}
    return Reply(status=404, body={"status": 404, "error": error})
